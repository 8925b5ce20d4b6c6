from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.dataset import profile_from_ratings
from recsys.data.profile import Profile
from recsys.errors import DataError, UnknownItemError
from tests.builders import make_catalog, make_dataset, make_profile

ROWS = [(1, 10, 4.0, 100), (1, 20, 2.0, 200), (2, 10, 5.0, 300), (3, 30, 3.0, 400)]


def as_rows(dataset):
    return list(
        zip(
            dataset.users.ids[dataset.user_index].tolist(),
            dataset.items.ids[dataset.item_index].tolist(),
            dataset.rating.tolist(),
            strict=True,
        )
    )


def test_rows_are_sorted_by_user_then_item():
    dataset = make_dataset([(2, 10, 5), (1, 20, 2), (1, 10, 4)])
    assert as_rows(dataset) == [(1, 10, 4.0), (1, 20, 2.0), (2, 10, 5.0)]
    assert dataset.user_indptr.tolist() == [0, 2, 3]


def test_the_latest_of_several_ratings_stays():
    dataset = make_dataset([(1, 10, 5, 300), (1, 10, 1, 100), (1, 10, 3, 200)])
    assert as_rows(dataset) == [(1, 10, 5.0)]
    assert dataset.timestamp.tolist() == [300]


def test_of_equal_times_the_last_in_the_file_stays():
    assert as_rows(make_dataset([(1, 10, 5, 7), (1, 10, 2, 7)])) == [(1, 10, 2.0)]


def test_without_times_the_last_in_the_file_stays():
    assert as_rows(make_dataset([(1, 10, 5), (2, 10, 4), (1, 10, 1)])) == [(1, 10, 1), (2, 10, 4)]


def test_minimum_counts_are_applied_until_both_hold():
    # Film 30 has one rating; without it user 2 has one, which leaves film 20 with one, and so on.
    rows = [(1, 10, 4), (3, 10, 4), (4, 10, 4), (1, 11, 4), (3, 11, 4), (4, 11, 4)]
    rows += [(2, 20, 3), (2, 30, 3), (1, 20, 3)]
    dataset = make_dataset(rows, min_user_ratings=2, min_item_ratings=2)
    assert dataset.users.ids.tolist() == [1, 3, 4]
    assert dataset.items.ids.tolist() == [10, 11]
    assert (np.bincount(dataset.user_index) >= 2).all()
    assert (np.bincount(dataset.item_index) >= 2).all()


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6), st.just(3.0)), min_size=1),
    st.integers(1, 3),
    st.integers(0, 3),
)
def test_minimum_counts_leave_the_largest_set_that_fulfils_them(rows, least_u, least_i):
    pairs = {(user, item) for user, item, _ in rows}
    while True:
        left = {
            (u, i)
            for u, i in pairs
            if sum(v == u for v, _ in pairs) >= least_u and sum(j == i for _, j in pairs) >= least_i
        }
        if left == pairs:
            break
        pairs = left
    options = {"min_user_ratings": least_u, "min_item_ratings": least_i}
    if not pairs:
        with pytest.raises(DataError):
            make_dataset(rows, **options)
    else:
        assert [row[:2] for row in as_rows(make_dataset(rows, **options))] == sorted(pairs)


def test_unrated_items_stay_unless_a_minimum_is_asked_for():
    assert make_dataset(ROWS, unrated=[99]).items.ids.tolist() == [10, 20, 30, 99]
    assert make_dataset(ROWS, unrated=[99], min_item_ratings=1).items.ids.tolist() == [10, 20, 30]


def test_tags_follow_the_items_that_are_left():
    tags = {10: {"space": 2}, 20: {"war": 1}, 30: {"space": 3}}
    dataset = make_dataset(ROWS, tags=tags, min_item_ratings=2)
    assert dataset.items.ids.tolist() == [10]
    assert [dataset.tags.names[t] for t in dataset.tags.tag_index] == ["space"]
    assert dataset.tags.weight.tolist() == [2.0]
    assert dataset.tags.item_index.tolist() == [0]


def test_counts_and_means_are_set_in_the_catalogue():
    catalog = make_dataset(ROWS, unrated=[99]).catalog
    assert catalog.rating_count.tolist() == [2, 1, 1, 0]
    assert catalog.rating_mean.tolist()[:3] == [4.5, 2.0, 3.0]
    assert np.isnan(catalog.rating_mean[3])


def test_a_dataset_is_frozen():
    dataset = make_dataset(ROWS)
    with pytest.raises(FrozenInstanceError):
        dataset.name = "other"
    for column in (dataset.user_index, dataset.item_index, dataset.rating, dataset.timestamp):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        dataset.profile(0).rating[0] = 1


def test_nothing_left_is_an_error():
    with pytest.raises(DataError, match="No rating is left"):
        make_dataset(ROWS, min_user_ratings=9)


def test_a_rated_item_must_be_in_the_catalogue():
    from recsys.data.dataset import build_dataset

    with pytest.raises(DataError, match="not in the catalogue"):
        build_dataset(
            "x",
            make_catalog([10]),
            user_id=[1],
            item_id=[11],
            rating=[3.0],
            timestamp=None,
            scale=(0.5, 5.0),
        )


@pytest.mark.parametrize("rating", [np.nan, np.inf])
def test_ratings_must_be_finite(rating):
    with pytest.raises(DataError, match="finite"):
        make_dataset([(1, 10, rating)])


@pytest.mark.parametrize(
    "change",
    [
        {"item_index": np.array([0, 0, 0, 2], np.int32)},  # user 1 rates an item twice
        {"user_index": np.array([1, 0, 0, 2], np.int32)},  # not sorted
        {"rating": np.array([1.0], np.float32)},
        {"timestamp": np.array([1], np.int64)},
        {"item_index": np.array([0, 1, 0, 3], np.int32)},  # beyond the catalogue
        {"user_index": np.array([-1, 0, 1, 2], np.int32)},
        {"user_index": np.array([0, 0, 1, 3], np.int32)},  # beyond the users
    ],
    ids=["duplicate", "unsorted", "short", "short times", "item", "negative user", "user"],
)
def test_columns_that_contradict_each_other_are_refused(change):
    with pytest.raises(DataError):
        replace(make_dataset(ROWS), **change)


def test_digest_does_not_depend_on_the_order_of_rows():
    assert make_dataset(ROWS).digest == make_dataset(ROWS[::-1]).digest


@pytest.mark.parametrize(
    "other",
    [
        lambda: make_dataset([(1, 10, 4.5, 100), *ROWS[1:]]),
        lambda: make_dataset([(1, 10, 4.0, 101), *ROWS[1:]]),
        lambda: make_dataset([(9, 10, 4.0, 100), *ROWS[1:]]),
        lambda: make_dataset([(1, 11, 4.0, 100), *ROWS[1:]]),
        lambda: make_dataset([row[:3] for row in ROWS]),
        lambda: make_dataset(ROWS, unrated=[99]),
        lambda: make_dataset(ROWS, titles={10: "Alien"}),
        lambda: make_dataset(ROWS, years={10: 1979}),
        lambda: make_dataset(ROWS, genres={10: "Horror"}),
        lambda: make_dataset(ROWS, tags={10: {"space": 1}}),
        lambda: make_dataset(ROWS, genome={10: {"space": 1}}),
    ],
    ids=[
        "rating",
        "time",
        "user",
        "item",
        "no_times",
        "unrated",
        "title",
        "year",
        "genre",
        "tags",
        "genome",
    ],
)
def test_digest_changes_with_the_data(other):
    assert other().digest != make_dataset(ROWS).digest


def test_digest_changes_with_the_name_of_a_genre():
    horror = make_dataset(ROWS, genres={10: "Horror"})
    assert make_dataset(ROWS, genres={10: "Comedy"}).digest != horror.digest


def test_digest_tells_user_tags_from_genome_tags():
    tagged = make_dataset(ROWS, tags={10: {"space": 1}})
    assert make_dataset(ROWS, genome={10: {"space": 1}}).digest != tagged.digest


@given(st.dictionaries(st.integers(0, 50), st.sampled_from([1.0, 2.5, 5.0])), st.randoms())
def test_a_profile_is_the_same_however_it_was_entered(ratings, random):
    entries = list(ratings.items())
    random.shuffle(entries)
    index = np.array([item for item, _ in entries], dtype=np.int32)
    profile = Profile(index, np.array([r for _, r in entries], np.float32), index.astype(np.int64))
    assert profile.item_index.tolist() == sorted(ratings)
    assert profile.rating.tolist() == [ratings[item] for item in sorted(ratings)]
    assert profile.timestamp.tolist() == sorted(ratings)


@pytest.mark.parametrize(
    ("items", "ratings", "message"),
    [
        ([1, 1], [3, 4], "once"),
        ([2, 1, 2], [3, 4, 5], "once"),
        ([1], [np.nan], "finite"),
        ([1], [np.inf], "finite"),
        ([1, 2], [3], "one rating per item"),
    ],
)
def test_a_profile_refuses(items, ratings, message):
    with pytest.raises(DataError, match=message):
        Profile(np.array(items, np.int32), np.array(ratings, np.float32))


def test_a_profile_refuses_times_of_another_length():
    with pytest.raises(DataError):
        Profile(np.array([1, 2], np.int32), np.ones(2, np.float32), np.array([7], np.int64))


def test_a_profile_refuses_negative_positions():
    with pytest.raises(DataError):
        Profile(np.array([-1], np.int32), np.ones(1, np.float32))


def test_the_empty_profile():
    assert len(Profile.empty()) == 0
    assert len(make_profile(make_dataset(ROWS), {})) == 0


def test_profile_from_ratings_looks_ids_up():
    items = make_dataset(ROWS).items
    profile = profile_from_ratings(items, {30: 1.0, 10: 5.0}, (0.5, 5.0))
    assert profile.item_index.tolist() == [0, 2]
    assert profile.rating.tolist() == [5.0, 1.0]


@pytest.mark.parametrize("rating", [0.0, 5.5, np.nan, -np.inf])
def test_profile_from_ratings_keeps_to_the_scale(rating):
    with pytest.raises(DataError, match="outside of the scale"):
        profile_from_ratings(make_dataset(ROWS).items, {10: rating}, (0.5, 5.0))


def test_profile_from_ratings_refuses_unknown_items():
    with pytest.raises(UnknownItemError, match="no item 11"):
        profile_from_ratings(make_dataset(ROWS).items, {11: 3.0}, (0.5, 5.0))
