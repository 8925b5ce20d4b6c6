from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from recsys import __version__
from recsys.data.title_index import TitleIndex
from recsys.errors import ArtifactsMissingError, InvalidRequestError, UnknownModelError
from recsys.models.als import ALS
from recsys.models.item_item import ItemItem
from recsys.models.registry import MODELS
from recsys.serving.recommender import Recommender
from recsys.store.store import UNFINISHED, ArtifactStore
from recsys.training.pipeline import TrainingConfig, model_names, train
from tests.builders import make_dataset, two_tastes

DATASET = two_tastes()


class Stages:
    """Note the names of the stages and what they report."""

    def __init__(self):
        self.names = []
        self.reports = {}

    @contextmanager
    def __call__(self, name):
        self.names.append(name)
        reports = self.reports.setdefault(name, [])
        yield lambda done, total: reports.append((done, total))


@pytest.fixture
def store(tmp_path):
    return ArtifactStore(tmp_path / "artifacts")


def run(store, dataset=DATASET, stages=None, **config):
    return train(dataset, store, TrainingConfig(**config), stages or Stages())


def test_all_models_by_default(store):
    manifest = run(store)
    assert list(manifest.models) == list(MODELS)
    loaded = Recommender.load(store.root)
    assert loaded.for_user(1, 3).model == "hybrid"
    assert loaded.manifest == manifest


@pytest.mark.parametrize(
    ("asked", "trained"),
    [
        ((), ["popularity"]),
        (("popularity",), ["popularity"]),
        (("content",), ["popularity", "content"]),
        (("als", "als"), ["popularity", "als"]),
        (("hybrid",), ["popularity", "content", "als", "item_item", "hybrid"]),
    ],
)
def test_only_what_was_asked_for_its_parts_and_popularity_are_trained(store, asked, trained):
    stages = Stages()
    manifest = run(store, stages=stages, models=asked)
    assert list(manifest.models) == trained
    assert list(Recommender.load(store.root).models) == trained
    # The hybrid is made of its parts, and of weights that the evaluation finds.
    assert [name for name in stages.names if name.startswith("Training ")] == [
        f"Training {name}" for name in trained if name != "hybrid"
    ]


def test_stages_report_their_progress(store):
    stages = Stages()
    run(store, stages=stages, models=("als",))
    assert stages.reports["Training als"][-1] == (15, 15)
    assert stages.names[-3:] == ["Indexing titles", "Finding personas", "Writing the version"]


def test_the_posterior_is_sampled_where_it_is_asked_for(store):
    for posterior in (False, True):
        manifest = run(store, models=("biased_als",), posterior=posterior)
        assert manifest.models["biased_als"]["posterior"] == posterior
        loaded = Recommender.load(store.root)
        predicted = loaded.predict_rating(loaded.user_profile(1), [1, 11, 21])
        assert (predicted.deviation is not None) == posterior
        if posterior:
            assert predicted.deviation.dtype == np.float32
            assert (predicted.deviation > 0).all()


def test_the_manifest_tells_where_the_version_came_from(store):
    manifest = train(
        replace(DATASET, simulated=True),
        store,
        TrainingConfig(models=("als",), seed=7),
        Stages(),
        source_format="csv",
        n_rejected=3,
    )
    record = manifest.dataset
    assert (record.name, record.digest) == ("tiny", DATASET.digest)
    assert (record.n_users, record.n_items, record.n_ratings) == (24, 22, DATASET.n_ratings)
    assert (record.scale, record.simulated, record.has_timestamps) == ((0.5, 5.0), True, True)
    assert (record.source_format, record.n_rejected) == ("csv", 3)
    assert manifest.seed == manifest.models["als"]["seed"] == 7
    assert manifest.packages["recsys"] == __version__
    assert manifest.packages["numpy"] == np.__version__
    assert manifest.version == store.current()
    assert "catalog.parquet" in manifest.files
    assert {"als.item_factors.npy", "ratings.indptr.npy"} <= set(manifest.files)
    assert store.open().manifest == manifest


def test_data_without_times_is_marked(store):
    manifest = run(store, make_dataset([(1, 1, 5), (2, 1, 3)], genres={1: "War"}), models=())
    assert not manifest.dataset.has_timestamps


def test_personas_are_users_of_the_data(store):
    crowd = [(u, i, 4) for u in range(1, 21) for i in range(u, 61, 2)]
    fan = [(99, i, 4) for i in range(61, 101)]
    genres = dict.fromkeys(range(1, 61), "Drama") | dict.fromkeys(range(61, 101), "Horror")
    manifest = run(store, make_dataset([*crowd, *fan], genres=genres), models=())
    assert ("Horror devotee", 99) in {(p.label, p.user_id) for p in manifest.personas}


def test_the_same_seed_makes_the_same_files(store):
    first, second = run(store), run(store)
    assert first.files == second.files
    assert first.version != second.version


def test_old_versions_are_pruned(store):
    for _ in range(3):
        last = run(store, models=(), keep_versions=2)
    assert len(store.versions()) == 2
    assert store.current() == last.version


@pytest.mark.parametrize("error", [ValueError, MemoryError, KeyboardInterrupt])
def test_a_failure_in_one_model_leaves_the_live_version(store, monkeypatch, error):
    live = run(store).version

    def fail(self, dataset, progress):
        raise error

    monkeypatch.setattr(ALS, "fit", fail)
    with pytest.raises(error):
        run(store)
    assert store.versions() == [live]
    assert Recommender.load(store.root).manifest.version == live
    monkeypatch.undo()
    following = run(store).version
    assert sorted(path.name for path in store.versions_folder.iterdir()) == [live, following]


def count_fits(monkeypatch):
    """Count how often each model is fitted from now on."""
    fitted = []
    for name, (cls, _) in MODELS.items():

        def fit(self, *arguments, fit=cls.fit, name=name):
            fitted.append(name)
            return fit(self, *arguments)

        monkeypatch.setattr(cls, "fit", fit)
    return fitted


def interrupt(store, monkeypatch, **options):
    """Train until the item-item model, and stop there."""
    with monkeypatch.context() as patch:
        patch.setattr(ItemItem, "fit", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(store, **options)


BEFORE_ITEM_ITEM = list(MODELS)[: list(MODELS).index("item_item")]
"""Models that are finished when the item-item model begins."""


def test_an_interrupted_training_is_taken_over(store, monkeypatch, tmp_path):
    whole = run(ArtifactStore(tmp_path / "whole"))
    interrupt(store, monkeypatch)
    fitted = count_fits(monkeypatch)
    manifest = run(store)
    first_time = [name for name in MODELS if name not in BEFORE_ITEM_ITEM and name != "hybrid"]
    assert fitted[: len(first_time)] == first_time
    # Once more, on a part of the data, for the evaluation.
    assert fitted[len(first_time) :] == ["popularity", *list(MODELS)[:-1]]
    assert manifest.files == whole.files
    assert manifest.models == whole.models
    assert manifest.blend == whole.blend
    assert manifest.evaluation.protocols[0].comparisons == (
        whole.evaluation.protocols[0].comparisons
    )
    assert {path.name for path in (store.versions_folder / manifest.version).iterdir()} == {
        "manifest.json",
        *manifest.files,
    }
    Recommender.load(store.root)


def test_a_finished_evaluation_is_taken_over(store, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(TitleIndex, "build", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(store)
    fitted = count_fits(monkeypatch)
    run(store)
    assert fitted == []


@pytest.mark.parametrize("change", ["data", "scale", "seed", "code", "file"])
def test_nothing_is_taken_over_from_another_training(store, monkeypatch, change):
    interrupt(store, monkeypatch, models=("item_item", "als", "content"))
    again = {"models": ("als", "content")}
    if change == "data":
        again["dataset"] = two_tastes(seed=9)
    elif change == "scale":
        again["dataset"] = replace(DATASET, scale=(0.0, 100.0))
    elif change == "seed":
        again["seed"] = 5
    elif change == "code":
        monkeypatch.setattr("recsys.__version__", "0.0.0")
    else:
        damaged = store.versions_folder / UNFINISHED / "als.item_factors.npy"
        damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    fitted = count_fits(monkeypatch)
    run(store, **again)
    again_for_the_evaluation = ["popularity", "popularity", "content", "als"]
    first = ["als"] if change == "file" else ["popularity", "content", "als"]
    assert fitted == first + again_for_the_evaluation


def test_a_failure_in_the_first_training_leaves_no_version(store, monkeypatch):
    monkeypatch.setattr(ALS, "fit", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(store)
    with pytest.raises(ArtifactsMissingError):
        store.open()


def test_an_unknown_model_is_refused_before_anything_is_written(store):
    with pytest.raises(UnknownModelError, match="no model 'bpr'"):
        run(store, models=("als", "bpr"))
    assert not store.root.exists()


def test_model_names_of_a_command_line():
    assert model_names("als, content,,") == ("als", "content")
    for nothing in ("", ","):
        with pytest.raises(InvalidRequestError, match="Name the models"):
            model_names(nothing)
