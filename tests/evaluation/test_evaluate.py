import numpy as np
import pytest

from recsys.errors import InvalidRequestError
from recsys.evaluation.baselines import Board
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import Protocol, split_by
from recsys.evaluation.record import record_of
from recsys.evaluation.results import Evaluation
from recsys.evaluation.task import Rules, Task
from recsys.models.biased_als import BiasedALS
from tests.builders import make_dataset, make_recommender, two_tastes
from tests.conftest import quiet_stage
from tests.evaluation.test_protocols import diary

BASELINES = {"random", "most_rated", "popularity"}


class Told:
    """A model that gives everybody the scores it was told."""

    def __init__(self, scores):
        self.scores = np.array(scores, dtype=np.float32)

    def score(self, profiles):
        return np.tile(self.scores, (len(profiles), 1))


def split(text="random", dataset=None):
    (protocol,) = Protocol.parse(text)
    return split_by(dataset or diary(n_users=30), protocol, seed=1)


def run(made, rules=None, **models):
    return evaluate(made, lambda train: models.items(), rules or Rules(), quiet_stage)


def of(result, name):
    (found,) = (model for model in result.models if model.name == name)
    return found


def test_random_most_rated_and_popularity_are_always_there():
    assert {model.name for model in run(split()).models} == BASELINES


def test_models_are_ranked_and_the_best_is_compared_with_each():
    made = split()
    result = run(made, told=Told(np.arange(30)), other=Told(-np.arange(30)))
    values = [model.metrics["ndcg@10"].value for model in result.models]
    assert values == sorted(values, reverse=True)
    assert len(result.models) == 5
    assert len(result.comparisons) == 10
    assert len(result.verdicts) == 4
    assert all(result.models[0].name in verdict for verdict in result.verdicts)


def test_the_figures_by_hand():
    # Two users rated films 1 to 4; the last of each is to be found.
    rows = [(u, i, 5, i if u == 1 else 10 - i) for u in (1, 2) for i in (1, 2, 3, 4)]
    made = split("leave-last", make_dataset(rows, unrated=[5, 6]))
    # Left to list: 4, 5, 6 for the first and 1, 5, 6 for the second.
    told = of(run(made, Rules(ks=(2,)), told=Told([0, 0, 0, 1, 2, 0])), "told").metrics
    assert told["hit_rate@2"].value == 1.0  # 5 and 4; 5 and 1, of equal scores the lower id
    assert told["precision@2"].value == 0.5
    assert told["mrr@2"].value == 0.5
    assert told["ndcg@2"].value == pytest.approx(1 / np.log2(3))
    assert told["coverage@2"].value == pytest.approx(3 / 6)
    assert told["coverage@2"].low is None


def test_a_rating_below_the_bar_need_not_be_found():
    rows = [(1, 1, 5, 1), (1, 2, 4, 2), (2, 1, 5, 1), (2, 3, 2, 2), (3, 2, 3, 1), (3, 1, 4.5, 2)]
    result = run(split("leave-last", make_dataset(rows)), Rules(relevant=4.0))
    # Of the second user the film to be found has two stars.
    assert (result.n_users, result.n_left_out, result.n_held_ratings) == (2, 1, 2)
    with pytest.raises(InvalidRequestError, match="No rating to be found reaches 5, so none"):
        run(split("leave-last", make_dataset(rows)), Rules(relevant=5.0))


def test_what_a_model_can_not_score_comes_last_and_counts():
    made = split()
    half = np.where(np.arange(30) < 15, np.arange(30.0), np.nan)
    result = run(made, Rules(ks=(10, 30)), half=Told(half))
    task = Task.of(made, Rules())
    listed = task.lists(Told(half).score, 30, np.zeros(30, np.float32))
    for row, user in zip(listed, task.users, strict=True):
        own = made.profile(int(user)).item_index
        expected = [*range(14, -1, -1), *range(15, 30)]
        assert row[row >= 0].tolist() == [i for i in expected if i not in own]
    # Everything is in a list of the whole catalogue.
    assert of(result, "half").metrics["recall@30"].value == 1.0


def test_a_model_that_knows_nothing_is_as_good_as_popularity():
    result = run(split(), nothing=Told(np.full(30, np.nan)))
    nothing, popularity = of(result, "nothing"), of(result, "popularity")
    assert nothing.metrics["ndcg@10"] == popularity.metrics["ndcg@10"]
    assert any(one.difference == 0 and one.p == 1 for one in result.comparisons)


def test_lists_longer_than_the_catalogue():
    result = run(split(), Rules(ks=(100,)), told=Told(np.arange(30)))
    told = of(result, "told").metrics
    assert told["recall@100"].value == told["hit_rate@100"].value == 1.0
    assert told["precision@100"].value == pytest.approx(0.02)
    assert told["coverage@100"].value == 1.0


def test_ties_go_to_the_lower_id():
    made = split()
    task = Task.of(made, Rules())
    listed = task.lists(Told(np.zeros(30)).score, 3, np.zeros(30, np.float32))
    for row, user in zip(listed, task.users, strict=True):
        own = made.profile(int(user)).item_index
        assert row.tolist() == [i for i in range(30) if i not in own][:3]


def test_one_user_has_figures_without_intervals():
    result = run(
        split(dataset=make_dataset([(1, i, 4) for i in range(1, 9)], unrated=range(9, 20)))
    )
    assert result.n_users == 1
    assert result.comparisons == result.verdicts == ()
    for model in result.models:
        estimate = model.metrics["ndcg@10"]
        assert 0 <= estimate.value <= 1
        assert estimate.low is estimate.high is None


def test_a_sample_of_the_users_judges():
    made = split()
    result = run(made, Rules(n_sampled=7))
    assert result.n_users == 7
    assert run(made, Rules(n_sampled=7)).models[0].metrics == result.models[0].metrics
    assert run(made, Rules(n_sampled=1000)).n_users == 30


def test_the_lists_are_those_that_are_served():
    made = split(dataset=two_tastes())
    recommender = make_recommender(made.train, ["als"])
    task = Task.of(made, Rules())
    fallback = recommender.popularity.weighted_rating
    listed = task.lists(recommender.models["als"].score, 10, fallback)
    for row, user in zip(listed, task.users, strict=True):
        served = recommender.for_user(int(made.train.users.ids[user]), 10, model="als")
        np.testing.assert_array_equal(made.train.items.ids[row[row >= 0]], served.item_ids)


def test_models_that_predict_stars_have_their_error_measured_after_each_iteration():
    made = split(dataset=two_tastes())
    model = BiasedALS().fit(made.train)
    result = of(run(made, biased_als=model), "biased_als")
    held = [(user, made.targets(np.array([user]))) for user in made.users]
    errors = np.concatenate(
        [model.predict(made.profile(user), t.indices)[0] - t.data for user, t in held]
    )
    assert result.metrics["rmse"].value == pytest.approx(np.sqrt((errors**2).mean()), rel=1e-5)
    assert result.metrics["mae"].value == pytest.approx(np.abs(errors).mean(), rel=1e-5)
    assert len(result.rmse_by_iteration) == len(model.rmse)
    assert result.rmse_by_iteration[-1] == pytest.approx(
        (model.rmse[-1], result.metrics["rmse"].value), rel=1e-5
    )


def test_slices_look_at_parts():
    slices = of(run(split(dataset=two_tastes())), "most_rated").slices
    assert set(slices) == {"profile size", "popularity", "genre"}
    assert {"Horror", "Comedy"} <= set(slices["genre"])
    for estimates in slices.values():
        assert all(one.value is None or 0 <= one.value <= 1 for one in estimates.values())


def test_the_record_holds_what_is_needed_to_do_it_again():
    dataset = diary(n_users=30)
    rules = Rules(ks=(10, 5, 5), relevant=2.0, seed=9)
    record = record_of(dataset, rules, [run(split(dataset=dataset), rules)], "recsys evaluate")
    assert (record.ks, record.seed, record.relevant) == ((5, 10), 9, 2.0)
    assert record.data.digest == dataset.digest
    assert {"recsys", "numpy"} <= set(record.packages)
    assert Evaluation.model_validate_json(record.model_dump_json()) == record


@pytest.mark.parametrize("ks", [(), (0,), (5, -1), (10**30,)])
def test_lists_have_a_length(ks):
    with pytest.raises(InvalidRequestError, match="1 or more"):
        Rules(ks=ks)


def test_equals_of_a_board_are_in_no_order_of_ids():
    board = Board(np.array([2, 1, 1, 1, 1, 1, 1, 1, 3], np.float32), seed=1)
    order = np.argsort(-board.order)
    assert order[:2].tolist() == [8, 0]
    assert sorted(order[2:].tolist()) == list(range(1, 8)) != order[2:].tolist()


def test_boards_know_nothing_of_new_films():
    # The films of the lowest ids are the ones everybody has seen.
    rng = np.random.default_rng(0)
    rows = [
        (user, int(item) + 1, 4)
        for user in range(1, 201)
        for item in np.flatnonzero(rng.random(100) < np.exp2(-np.arange(100) / 10))
    ]
    result = run(split("cold-items:0.5", make_dataset(rows)))
    chance = of(result, "random").metrics["ndcg@10"]
    for name in ("most_rated", "popularity"):
        found = of(result, name).metrics["ndcg@10"].value
        assert found < chance.value + 0.25
        assert found < 0.5


def test_a_rating_of_zero_is_to_be_found_too():
    rows = [(u, i, float(i % 2) * 5) for u in range(1, 9) for i in range(1, 13)]
    slices = of(run(split(dataset=make_dataset(rows, scale=(0, 5)))), "most_rated").slices
    for estimates in slices.values():
        assert all(one.value is None or one.value <= 1 for one in estimates.values())


def test_nobody_to_judge_by_is_told():
    with pytest.raises(InvalidRequestError, match="take more users"):
        Task.of(split(), Rules(), np.empty(0, np.int32))
