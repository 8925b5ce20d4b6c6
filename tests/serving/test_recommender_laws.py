"""What holds for every list, whatever the data, the model and the filters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.histories import Histories
from recsys.ranking.filters import Filters
from recsys.serving.recommender import Recommender
from recsys.store.layout import (
    write_catalog,
    write_histories,
    write_model,
    write_title_index,
)
from recsys.store.store import ArtifactStore
from tests.builders import make_dataset, make_manifest_fields, make_recommender, two_tastes

N_ITEMS = 9
RATINGS = st.lists(
    st.tuples(
        st.integers(1, 5),
        st.integers(1, N_ITEMS - 1),
        st.sampled_from([0.5, 2.0, 3.5, 5.0]),
        st.integers(-1000, 2_000_000_000),
    ),
    min_size=1,
    max_size=25,
)
GENRES = st.dictionaries(st.integers(1, N_ITEMS), st.sampled_from(["War", "Drama", "Drama|War"]))
FILTERS = st.builds(
    Filters,
    any_genres=st.sampled_from([(), ("War",), ("War", "Noir")]),
    no_genres=st.sampled_from([(), ("Drama",)]),
    min_ratings=st.integers(0, 2),
)
LENGTH = st.integers(1, N_ITEMS + 2)
MODEL = st.sampled_from(["popularity", "content", "als", "hybrid"])


@st.composite
def facades(draw):
    timed = draw(st.booleans())
    rows = [row if timed else row[:3] for row in draw(RATINGS)]
    # The last film is of all genres, so that every filter is valid.
    genres = draw(GENRES) | {N_ITEMS: "Drama|Noir|War"}
    dataset = make_dataset(
        rows, genres=genres, years={1: 1985, 2: 1986}, unrated=range(1, N_ITEMS + 1)
    )
    return make_recommender(dataset, n_iterations=3)


def check_list(listed, k, eligible):
    assert len(listed) == min(k, len(eligible))
    assert set(listed.item_ids.tolist()) <= eligible
    assert len(set(listed.item_ids.tolist())) == len(listed)
    assert np.isfinite(listed.scores).all()
    assert (np.diff(listed.scores) <= 0).all()


def passing(facade, filters):
    return set(facade.items.ids[filters.mask(facade.catalog)].tolist())


def check_sums(listed):
    for parts, score in zip(listed.contributions, listed.scores, strict=True):
        total = sum(part.value for part in parts)
        assert total == pytest.approx(float(score), abs=1e-4, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(facade=facades(), filters=FILTERS, k=LENGTH, model=MODEL, data=st.data())
def test_lists_for_users_and_profiles(facade, filters, k, model, data):
    user = data.draw(st.sampled_from(facade.users.ids.tolist()))
    seen = facade.history(user)
    options = {"model": model, "filters": filters}
    listed = facade.for_user(user, k, explain=True, **options)
    check_list(listed, k, passing(facade, filters) - set(seen.item_ids.tolist()))
    check_sums(listed)

    ratings = dict(zip(seen.item_ids.tolist(), seen.ratings.tolist(), strict=True))
    by_ratings = facade.for_profile(facade.profile(ratings), k, **options)
    in_batch = dict(facade.for_users(facade.users.ids, k, **options))[user]
    assert by_ratings.item_ids.tolist() == listed.item_ids.tolist()
    assert by_ratings.scores.tolist() == listed.scores.tolist()
    # A batch is multiplied in another order: films of all but equal scores may change places.
    check_list(in_batch, k, passing(facade, filters) - set(seen.item_ids.tolist()))
    np.testing.assert_allclose(in_batch.scores, listed.scores, rtol=1e-4, atol=1e-5)
    assert by_ratings.model == in_batch.model == listed.model


@settings(max_examples=40, deadline=None)
@given(facade=facades(), filters=FILTERS, k=LENGTH, data=st.data())
def test_lists_of_similar_films(facade, filters, k, data):
    item = data.draw(st.integers(1, N_ITEMS))
    exclude = data.draw(st.lists(st.integers(1, N_ITEMS), max_size=3))
    by = data.draw(st.sampled_from(["taste", "content", "both"]))
    listed = facade.similar(item, k, by=by, filters=filters, exclude=exclude, explain=True)
    check_list(listed, k, passing(facade, filters) - {item, *exclude})
    check_sums(listed)


@settings(max_examples=40, deadline=None)
@given(facade=facades(), filters=FILTERS, k=LENGTH, data=st.data())
def test_boards(facade, filters, k, data):
    boards = ["top_rated", "most_rated"]
    if facade.manifest.dataset.has_timestamps:
        boards.append("trending")
    board = data.draw(st.sampled_from(boards))
    seed = data.draw(st.none() | st.integers(0, 9))
    listed = facade.popular(k, board=board, filters=filters, seed=seed)
    check_list(listed, k, passing(facade, filters))


def test_the_loaded_facade_answers_like_the_one_that_was_saved(tmp_path):
    # A title that is not valid Unicode and an unrated film must survive the disk as well.
    dataset = two_tastes(titles={1: "The Fly", 2: "Caf\u00e9 \ud800"})
    built = make_recommender(dataset)
    store = ArtifactStore(tmp_path)
    with store.training() as writer:
        write_catalog(writer, dataset.catalog)
        write_histories(writer, Histories.of(dataset))
        write_title_index(writer, built.titles)
        for model in built.models.values():
            write_model(writer, model)
        store.commit(writer, **make_manifest_fields(dataset, built.models))
    loaded = Recommender.load(tmp_path)

    assert loaded.catalog.genre_names == built.catalog.genre_names
    np.testing.assert_array_equal(loaded.catalog.genre_matrix, built.catalog.genre_matrix)
    for column in ("year", "tmdb_id", "rating_count", "rating_mean", "imdb_id", "poster_url"):
        before, after = getattr(built.catalog, column), getattr(loaded.catalog, column)
        np.testing.assert_array_equal(after, before)
        assert after.dtype == before.dtype
    assert loaded.catalog.title[:2].tolist() == ["The Fly", "Caf\u00e9 ?"]
    assert loaded.find_title("the fly") == 1
    for user in built.users.ids.tolist():
        for model in built.models:
            before = built.for_user(user, 5, model=model, explain=True)
            after = loaded.for_user(user, 5, model=model, explain=True)
            assert after.item_ids.tolist() == before.item_ids.tolist()
            np.testing.assert_array_equal(after.scores, before.scores)
            assert after.contributions == before.contributions
