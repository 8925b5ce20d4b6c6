"""What every registered model promises, whatever it is."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.profile import Profile
from recsys.models.base import SimilarityModel
from recsys.models.registry import MODELS, config_from_dict, config_to_dict, restore
from tests.builders import (
    fit_model,
    make_dataset,
    make_profile,
    small_config,
    two_tastes,
    user_profile,
)

every_model = pytest.mark.parametrize("name", MODELS)
similarity_model = pytest.mark.parametrize(
    "name", [name for name, (cls, _) in MODELS.items() if issubclass(cls, SimilarityModel)]
)
DESCRIBED = {"genres": {1: "Horror", 2: "Horror|War", 3: "Comedy"}, "years": {1: 1980, 3: 1990}}
SMALL_DATA = {
    "two tastes": two_tastes(),
    "all ratings equal": make_dataset(
        [(user, item, 3) for user in (1, 2, 3) for item in (1, 2, 3)], **DESCRIBED
    ),
    "single user": make_dataset([(1, 1, 5), (1, 2, 2)], unrated=[3], **DESCRIBED),
    "single item": make_dataset([(1, 1, 5), (2, 1, 2)], genres={1: "Horror"}),
    "one rating": make_dataset([(1, 1, 5)], genres={1: "Horror"}),
    "genres alone": make_dataset([(1, 1, 5), (1, 2, 2), (2, 2, 4)], genres={1: "War", 2: "War"}),
    "years alone": make_dataset([(1, 1, 5), (1, 2, 2), (2, 2, 4)], years={1: 1980, 2: 1990}),
    "no description at all": make_dataset([(1, 1, 5), (1, 2, 2), (2, 2, 4)]),
    "scale of one value": make_dataset(
        [(1, 1, 1), (1, 2, 1), (2, 2, 1)], scale=(1, 1), **DESCRIBED
    ),
    "scale of 0 to 100": make_dataset(
        [(1, 1, 0), (1, 2, 90), (2, 3, 50)], scale=(0, 100), **DESCRIBED
    ),
}
every_data = pytest.mark.parametrize("data", SMALL_DATA)


@cache
def fitted(name, data="two tastes"):
    """Return a model that no test may fit again."""
    return fit_model(name, SMALL_DATA[data])


def profiles_of(dataset):
    return [dataset.profile(user) for user in range(dataset.n_users)]


def all_arrays(model):
    """Arrays of a model and of the parts it is made of."""
    found = {(model.name, name): array for name, array in model.arrays().items()}
    for part in getattr(model, "parts", {}).values():
        found |= all_arrays(part)
    return found


def restored(model):
    """Rebuild a model from read-only copies of its arrays and its config in the manifest's form."""
    parts = {name: restored(part) for name, part in getattr(model, "parts", {}).items()}
    arrays = {name: array.copy() for name, array in model.arrays().items()}
    for array in arrays.values():
        array.flags.writeable = False
    return restore(model.name, config_to_dict(model.config), arrays, parts)


def assert_same_arrays(left, right):
    left, right = all_arrays(left), all_arrays(right)
    assert left.keys() == right.keys()
    for name, array in left.items():
        assert array.dtype == right[name].dtype, name
        np.testing.assert_array_equal(array, right[name], err_msg=str(name))


def assert_sums(parts, scores):
    """Every list of contributions adds up to its score and is empty where there is none."""
    for summands, score in zip(parts, scores, strict=True):
        if np.isnan(score):
            assert summands == []
        else:
            total = sum(part.value for part in summands)
            assert total == pytest.approx(float(score), abs=1e-4, rel=1e-6)


@every_model
@every_data
def test_scores_are_float32_of_profiles_by_items(name, data):
    dataset = SMALL_DATA[data]
    scores = fitted(name, data).score(profiles_of(dataset))
    assert scores.shape == (dataset.n_users, dataset.n_items)
    assert scores.dtype == np.float32
    assert not np.isinf(scores).any()


@every_model
def test_no_profiles_give_no_rows(name):
    assert fitted(name).score([]).shape == (0, 22)


@every_model
def test_refitting_forgets_the_past(name):
    first, second = two_tastes(seed=1), two_tastes(seed=2, genres={1: "War"}, tags=None)
    once = fit_model(name, second)
    again = fit_model(name, first)
    # A model made of parts is fitted by fitting them.
    for model in [again.parts[part] for part in again.requires] or [again]:
        assert model.fit(second) is model
    assert_same_arrays(again, once)
    profiles = profiles_of(second)
    np.testing.assert_array_equal(again.score(profiles), once.score(profiles))


def test_refitting_a_hybrid_keeps_the_configs_of_its_parts():
    hybrid = fit_model("hybrid", two_tastes(seed=1))
    hybrid.fit(two_tastes(seed=2))
    assert hybrid.parts["als"].config == small_config("als")
    assert_same_arrays(hybrid, fit_model("hybrid", two_tastes(seed=2)))


@every_model
@every_data
def test_restored_from_arrays_it_scores_the_same_to_the_bit(name, data):
    dataset, model = SMALL_DATA[data], fitted(name, data)
    back = restored(model)
    profiles = profiles_of(dataset)
    np.testing.assert_array_equal(back.score(profiles), model.score(profiles))
    items = list(range(dataset.n_items))
    assert back.explain(profiles[0], items) == model.explain(profiles[0], items)
    assert_same_arrays(back, model)


@every_model
def test_config_survives_the_manifest(name):
    config = small_config(name)
    assert config_from_dict(name, config_to_dict(config)) == config


@every_model
def test_the_seed_decides_everything(name):
    dataset = two_tastes()
    assert_same_arrays(fit_model(name, dataset), fit_model(name, dataset))


def test_another_seed_gives_other_factors():
    dataset = two_tastes()
    left, right = fit_model("als", dataset, seed=1), fit_model("als", dataset, seed=2)
    assert not np.array_equal(left.item_factors, right.item_factors)


@every_model
def test_the_number_of_threads_does_not_matter(name):
    dataset = two_tastes()
    assert_same_arrays(fit_model(name, dataset, n_threads=1), fit_model(name, dataset, n_threads=2))


@every_model
@every_data
def test_an_empty_profile_says_nothing_except_to_popularity(name, data):
    dataset, model = SMALL_DATA[data], fitted(name, data)
    scores = model.score([Profile.empty()])[0]
    assert (np.isfinite(scores) if name == "popularity" else np.isnan(scores)).all()
    assert_sums(model.explain(Profile.empty(), range(dataset.n_items)), scores)


@every_model
def test_one_rating_is_enough(name):
    dataset = SMALL_DATA["two tastes"]
    scores = fitted(name).score([make_profile(dataset, {1: 5.0})])[0]
    assert np.isfinite(scores[:20]).all()


@every_model
@every_data
def test_a_user_who_has_rated_everything_is_scored_and_explained(name, data):
    dataset, model = SMALL_DATA[data], fitted(name, data)
    everything = make_profile(
        dataset, dict.fromkeys(dataset.items.ids.tolist(), float(dataset.scale[1]))
    )
    scores = model.score([everything])[0]
    assert not np.isinf(scores).any()
    assert_sums(model.explain(everything, range(dataset.n_items)), scores)


@every_model
def test_the_order_of_entries_does_not_matter(name):
    model, profile = fitted(name), user_profile(SMALL_DATA["two tastes"], 1)
    shuffled = Profile(profile.item_index[::-1], profile.rating[::-1])
    np.testing.assert_array_equal(model.score([shuffled]), model.score([profile]))


@every_model
@every_data
def test_a_batch_scores_like_its_profiles_one_by_one(name, data):
    dataset, model = SMALL_DATA[data], fitted(name, data)
    profiles = [*profiles_of(dataset), Profile.empty()]
    alone = np.concatenate([model.score([profile]) for profile in profiles])
    np.testing.assert_allclose(model.score(profiles), alone, rtol=1e-4, atol=1e-5)


@every_model
@every_data
def test_contributions_add_up_to_the_scores(name, data):
    dataset, model = SMALL_DATA[data], fitted(name, data)
    for profile in profiles_of(dataset)[:5]:
        scores = model.score([profile])[0]
        assert_sums(model.explain(profile, range(dataset.n_items)), scores)


@every_model
def test_nothing_to_explain_is_no_error(name):
    assert fitted(name).explain(SMALL_DATA["two tastes"].profile(0), []) == []


@every_model
def test_contributions_name_what_they_come_from(name):
    profile = SMALL_DATA["two tastes"].profile(0)
    for parts in fitted(name).explain(profile, range(20)):
        for part in parts:
            if part.source == "rating":
                assert part.item_index in profile.item_index
            else:
                assert part.feature


@similarity_model
@every_data
def test_similarities_are_one_row_and_add_up(name, data):
    dataset, model = SMALL_DATA[data], fitted(name, data)
    for item in range(min(5, dataset.n_items)):
        similarity = model.similar(item)
        assert similarity.shape == (dataset.n_items,)
        assert similarity.dtype == np.float32
        assert_sums(model.explain_similar(item, range(dataset.n_items)), similarity)


@similarity_model
def test_a_film_is_more_like_its_own_kind(name):
    similarity = fitted(name).similar(0)
    assert similarity[1:10].min() > similarity[10:20].max()


@similarity_model
def test_similarity_of_an_item_nothing_is_known_of(name):
    unknown = int(SMALL_DATA["two tastes"].items.index([22])[0])
    assert np.isnan(fitted(name).similar(unknown)).all()


RATINGS = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 8), st.sampled_from([0.5, 2.0, 3.5, 5.0])),
    min_size=1,
    max_size=30,
)
GENRES = st.dictionaries(st.integers(1, 8), st.sampled_from(["War", "Drama", "Drama|War"]))


@every_model
@settings(max_examples=25, deadline=None)
@given(rows=RATINGS, genres=GENRES)
def test_any_small_data_is_scored_and_explained(name, rows, genres):
    dataset = make_dataset(rows, genres={9: "War"} | genres, years={1: 1985}, unrated=range(1, 10))
    model = fit_model(name, dataset)
    scores = model.score(profiles_of(dataset))
    assert scores.shape == (dataset.n_users, 9)
    assert not np.isinf(scores).any()
    assert_sums(model.explain(dataset.profile(0), range(9)), scores[0])
