import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import sparse

from benchmarks.compare import ENVIRONMENT, compare, install, report
from benchmarks.implicit_models import KINDS, Factors, FactorsConfig, Neighbours, tuned
from benchmarks.listed import Listed, ask
from recsys.data.profile import Profile
from recsys.evaluation.protocols import Protocol, split_by
from recsys.evaluation.task import Rules, Task
from recsys.models.base import silent
from tests.builders import make_dataset, two_tastes
from tests.conftest import quiet_stage

STUB = [sys.executable, Path(__file__).with_name("peer_stub.py")]
RANDOM = Protocol("random", 0.25)
UNSEEN = Protocol("unseen-users", 0.25)
SMALL = FactorsConfig(factors=4, iterations=5)


def crowd(n_users=40, n_items=30, per_user=12, seed=0):
    rng = np.random.default_rng(seed)
    return make_dataset(
        [
            (user, int(item), float(rng.integers(1, 6)))
            for user in range(1, n_users + 1)
            for item in 1 + rng.permutation(n_items)[:per_user]
        ],
        unrated=range(1, n_items + 1),
    )


def row_of(profile, n_items):
    entries = np.ones(len(profile), np.float32), profile.item_index, [0, len(profile)]
    return sparse.csr_matrix(entries, shape=(1, n_items))


def ranked(scores, profile, n):
    scores = scores.copy()
    scores[profile.item_index] = np.nan
    order = np.argsort(-scores, kind="stable")
    return order[: min(n, np.isfinite(scores).sum())]


def served(model, dataset, protocol=RANDOM):
    split = split_by(dataset, protocol, 1)
    task = Task.of(split, Rules())
    return task, task.lists(model(split, task), 5, np.zeros(dataset.n_items, np.float32))


@pytest.mark.parametrize("model", ["ALS", *KINDS])
def test_implicit_ranks_as_it_recommends_by_itself(model):
    dataset = crowd()
    fitted = Factors(dataset, SMALL, 1) if model == "ALS" else Neighbours(dataset, model)
    for user in range(dataset.n_users):
        profile = dataset.profile(user)
        row = row_of(profile, dataset.n_items)
        theirs, _ = fitted.model.recommend(user, row, N=5, recalculate_user=True)
        ours = ranked(fitted.score([profile])[0], profile, 5)
        assert ours.tolist() == theirs[: ours.size].tolist()


def test_implicit_learns_from_ratings_where_it_is_told_to():
    dataset = crowd()
    by_rating = FactorsConfig(factors=4, iterations=5, weights="ratings")
    profiles = [dataset.profile(user) for user in range(3)]
    ones, ratings = (Factors(dataset, config, 1).score(profiles) for config in (SMALL, by_rating))
    assert not np.allclose(ones, ratings)


def test_profiles_scored_together_and_alone_are_scored_alike():
    dataset = crowd()
    profiles = [dataset.profile(user) for user in range(3)]
    for model in (Factors(dataset, SMALL, 1), Neighbours(dataset, "BM25")):
        alone = np.concatenate([model.score([profile]) for profile in profiles])
        np.testing.assert_allclose(model.score(profiles), alone, rtol=1e-4)


def search(n_trials):
    split = split_by(crowd(), RANDOM, Rules().seed)
    return tuned(Task.of(split, Rules()), n_trials, 1, silent)


def test_tuning_tries_the_defaults_first():
    assert search(1) == FactorsConfig()


def test_tuning_finds_the_same_again():
    assert search(4) == search(4)


def test_a_list_is_ranked_as_it_was_given():
    known = Profile(np.array([0, 3], np.int32), np.array([4, 2], np.float32))
    other = Profile(np.array([0, 3], np.int32), np.array([4, 3], np.float32))
    model = Listed(6, [(known, np.array([5, 1, 2], np.int32))])
    scores = model.score([known, other])
    assert ranked(scores[0], known, 9).tolist() == [5, 1, 2]
    assert np.isnan(scores[1]).all()


@pytest.mark.parametrize("protocol", [RANDOM, UNSEEN], ids=str)
def test_another_program_gets_the_training_part_and_the_profiles(tmp_path, protocol):
    split = split_by(crowd(), protocol, 1)
    script = tmp_path / "peer.py"
    script.write_text(
        "import shutil, sys\n"
        f"for name in ('train', 'given'): shutil.copy(sys.argv[1] + f'/{{name}}.parquet', "
        f"'{tmp_path}')\n"
        "import pyarrow as pa, pyarrow.parquet as pq\n"
        "nobody = pa.table({'model': ['Mine'], 'user': [int(sys.argv[-1])], 'item': [7]})\n"
        "pq.write_table(nobody, sys.argv[1] + '/lists.parquet')\n"
        'print(\'{"mine": "2"}\')\n'
    )
    users = split.users[:3]
    found = ask([sys.executable, script], split, users, 5, seed=int(users[0]))
    train, given = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("train", "given"))
    assert train["item"].to_pylist() == split.train.item_index.tolist()
    assert train["rating"].to_pylist() == split.train.rating.tolist()
    for user in users:
        rows = given.to_pandas().query("user == @user")
        assert rows["item"].tolist() == split.profile(user).item_index.tolist()
        assert rows["rating"].tolist() == split.profile(user).rating.tolist()
    assert sorted(set(given["user"].to_pylist())) == users.tolist()
    assert found.versions == {"mine": "2"}
    scores = found.models["Mine"].score([split.profile(user) for user in users[:2]])
    assert np.flatnonzero(np.isfinite(scores[0])).tolist() == [7]
    assert np.isnan(scores[1]).all()


@pytest.mark.parametrize("protocol", [RANDOM, UNSEEN], ids=str)
@pytest.mark.parametrize("name", ["Rare", "Careless"])
def test_lists_of_others_never_hold_what_was_given(name, protocol):
    def model(split, task):
        return ask(STUB, split, task.users, 5, 1).models[name].score

    task, lists = served(model, crowd(), protocol)
    for user, listed in zip(task.users, lists, strict=True):
        assert not np.isin(listed, task.split.profile(user).item_index).any()
        assert (listed >= 0).all()


def test_a_program_that_fails_says_why():
    split = split_by(crowd(), RANDOM, 1)
    command = [sys.executable, "-c", "raise SystemExit('no such model')"]
    with pytest.raises(RuntimeError, match="no such model"):
        ask(command, split, split.users, 5, 1)


def test_all_libraries_are_judged_by_the_same_users():
    found = compare(two_tastes(), RANDOM, Rules(n_sampled=20), 1, STUB, quiet_stage)
    names = {model.name for model in found.result.models}
    assert names == {
        *("random", "most_rated", "popularity", "als", "item_item", "hybrid"),
        *("implicit ALS", "implicit ALS, tuned", "implicit BM25", "implicit Cosine"),
        *("LensKit Rare", "LensKit Careless"),
    }
    # The others have judged the search for settings of implicit's ALS.
    assert {one.metrics["ndcg@10"].n_users for one in found.result.models} == {10}
    assert found.versions == {"stub": "1.0"}
    text = report(found.result)
    assert "**hybrid**" in text
    assert "not installed" not in text
    assert sum("implicit" in line and line.startswith("- ") for line in text.splitlines()) == 1
    assert sum("LensKit" in line and line.startswith("- ") for line in text.splitlines()) == 1


def test_a_library_that_is_not_there_is_named():
    found = compare(two_tastes(), RANDOM, Rules(), 0, None, quiet_stage)
    text = report(found.result)
    assert "| LensKit | not installed |" in text
    assert "tuned" not in text


def test_an_environment_that_cannot_be_made_is_told_in_a_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert install(quiet_stage, tmp_path / "file") is None
    assert "so it is left out" in capsys.readouterr().err


@pytest.mark.skipif(not ENVIRONMENT.exists(), reason="make compare installs LensKit")
@pytest.mark.parametrize("protocol", [RANDOM, UNSEEN], ids=str)
def test_lenskit_lists_what_was_not_given(protocol):
    split = split_by(crowd(), protocol, 1)
    command = [ENVIRONMENT / "bin" / "python", "-m", "benchmarks.peer_lists"]
    models = ask(command, split, split.users, 5, 1).models
    assert list(models) == ["ImplicitMF", "ItemKNN", "Popular"]
    for user in split.users:
        profile = split.profile(user)
        for model in models.values():
            listed = np.flatnonzero(np.isfinite(model.score([profile])[0]))
            assert listed.size == 5
            assert not np.isin(listed, profile.item_index).any()
