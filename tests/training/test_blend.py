import numpy as np
import pytest

from recsys.evaluation.protocols import Protocol, split_by
from recsys.models.base import silent
from recsys.models.hybrid import SIZES, HybridConfig
from recsys.training import blend
from recsys.training.blend import learn_blend
from tests.builders import make_dataset

N_ITEMS = 60


def crowd(n_users, per_user, seed=0):
    """Users who rated so many random films; each is known by the stars they always give."""
    rng = np.random.default_rng(seed)
    return make_dataset(
        [
            (user, item, stars_of(user - 1))
            for user in range(1, n_users + 1)
            for item in 1 + rng.permutation(N_ITEMS)[:per_user]
        ],
        unrated=range(1, N_ITEMS + 1),
    )


def stars_of(user_index):
    return 1 + user_index / 100


class Oracle:
    """A part that knows what was held out, and says so with the given reliability."""

    def __init__(self, split, reliability, seed):
        self.split, self.reliability = split, reliability
        self.rng = np.random.default_rng(seed)

    def score(self, profiles):
        rows = self.rng.random((len(profiles), self.split.train.n_items)).astype(np.float32)
        for row, profile in zip(rows, profiles, strict=True):
            if self.rng.random() < self.reliability:
                row[targets_of(self.split, user_of(profile))] += 1
        return rows


class Even:
    """A part to which all films are the same."""

    def __init__(self, split):
        self.n_items = split.train.n_items

    def score(self, profiles):
        return np.zeros((len(profiles), self.n_items), dtype=np.float32)


def all_oracles(split, kind=Oracle):
    return {"popularity": Even(split)} | {
        name: kind(split, 1.0, 1) for name in ("als", "item_item", "content")
    }


def hold_out(dataset):
    return split_by(dataset, Protocol("random", 0.2), seed=1)


def targets_of(split, user):
    return split.targets(np.array([user])).indices


def user_of(profile):
    return round(100 * (float(profile.rating[0]) - 1))


def learn(reliabilities, n_users=120, per_user=30):
    split = hold_out(crowd(n_users, per_user))
    parts = {name: Oracle(split, value, seed) for seed, (name, value) in enumerate(reliabilities)}
    return learn_blend(split, split.users, parts, np.random.default_rng(2), silent)


@pytest.mark.parametrize("best", ["als", "item_item", "content"])
def test_the_part_that_finds_most_gets_most_weight(best):
    names = ("als", "item_item", "content")
    config, records = learn([(name, 1.0 if name == best else 0.0) for name in names])
    for record in records:
        assert max(record.ndcg_at_10, key=record.ndcg_at_10.get) in (best, "hybrid")
        assert record.ndcg_at_10[best] > 2 * min(record.ndcg_at_10.values())
    for alpha, item_item in zip(config.alpha[1:3], config.item_item[1:3], strict=True):
        if best == "content":
            assert alpha < 0.5
        else:
            assert alpha > 0.5
            assert (item_item > 0.5) == (best == "item_item")


def test_records_tell_what_was_learned_and_from_how_many():
    config, records = learn([("als", 1.0), ("item_item", 0.5), ("content", 0.0)])
    # All have 24 ratings left: longer profiles there are none.
    assert [record.from_ratings for record in records] == list(SIZES[:3])
    assert [record.n_profiles for record in records] == [120, 120, 120]
    assert [(r.alpha, r.item_item, r.popularity) for r in records] == list(
        zip(config.alpha[:3], config.item_item[:3], config.popularity[:3], strict=True)
    )
    assert config.shares(50) == HybridConfig().shares(50)


def test_with_few_profiles_the_defaults_stay():
    config, records = learn([("als", 1.0), ("item_item", 0.0), ("content", 0.0)], n_users=29)
    assert records == ()
    assert config == HybridConfig()


def test_parts_without_a_difference_end_in_the_middle():
    config, _ = learn([("als", 1.0), ("item_item", 1.0), ("content", 1.0)])
    assert all(0.3 < alpha < 0.9 for alpha in config.alpha)


def test_profiles_without_anything_to_find_are_no_evidence():
    # Forty people, each with films of their own: what is held out nobody else has rated.
    dataset = make_dataset([(u, 10 * u + i, 4) for u in range(1, 41) for i in range(5)])
    split = hold_out(dataset)
    parts = all_oracles(split)
    config, records = learn_blend(split, split.users, parts, np.random.default_rng(2), silent)
    assert (config, records) == (HybridConfig(), ())


def test_what_a_shortened_profile_leaves_out_is_no_candidate():
    class Memory(Oracle):
        """A part that ranks what it was trained on highest."""

        def score(self, profiles):
            rows = super().score(profiles)
            for row, profile in zip(rows, profiles, strict=True):
                row[self.split.train.profile(user_of(profile)).item_index] += 10
            return rows

    split = hold_out(crowd(120, 30))
    parts = all_oracles(split, Memory)
    _, records = learn_blend(split, split.users, parts, np.random.default_rng(2), silent)
    # With two ratings given, 22 more that the parts remember must not push the targets out.
    assert records[0].ndcg_at_10["als"] > 0.8


def test_weights_behind_by_the_same_for_everybody_are_out():
    grids = np.full((50, *(len(tried) for tried in blend.TRIED)), 0.5)
    grids[:, -1, -1, 0] = 0.6
    assert blend._expected(grids) == (1.0, 1.0, 0.0)


def test_popularity_gets_weight_where_it_finds_what_the_others_do_not():
    split = hold_out(crowd(120, 30))
    parts = {name: Oracle(split, 0.0, 1) for name in ("als", "item_item", "content")}
    parts["popularity"] = Oracle(split, 1.0, 2)
    config, _ = learn_blend(split, split.users, parts, np.random.default_rng(2), silent)
    assert min(config.popularity[:3]) > 0.3


def test_a_user_whose_films_nobody_else_rated_is_no_error():
    rows = [(user, item, stars_of(user - 1)) for user in range(1, 41) for item in (1, 2, 3)]
    dataset = make_dataset([*rows, (99, 7, stars_of(40)), (99, 8, stars_of(40))])
    split = hold_out(dataset)
    parts = all_oracles(split)
    config, _ = learn_blend(split, split.users, parts, np.random.default_rng(2), silent)
    assert np.isfinite([*config.alpha, *config.item_item]).all()
