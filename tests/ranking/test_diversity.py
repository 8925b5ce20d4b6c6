import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recsys.ranking.diversity import spread
from tests.builders import make_catalog

CATALOG = make_catalog(
    range(1, 7),
    genres={1: "Horror", 2: "Horror", 3: "Comedy", 4: "Drama|Horror", 5: "Western", 6: "Comedy"},
    years={1: 1981, 2: 1985, 3: 1986, 4: 1991, 5: 1971, 6: 1962},
)


def picked(item_ids, k, catalog=CATALOG):
    candidates = catalog.items.index(item_ids)
    return catalog.items.ids[spread(candidates, catalog, k)].tolist()


def test_the_first_pick_is_the_most_relevant():
    assert picked([3, 1, 2], 1) == [3]


def test_another_genre_and_decade_come_before_more_of_the_same():
    # Film 2 shares genre and decade with film 1, film 3 the decade, film 4 half its genres,
    # film 5 nothing.
    assert picked([1, 2, 3, 4, 5], 5)[:2] == [1, 5]
    assert picked([1, 2, 3, 4, 5], 5)[-1] == 2


def test_of_equal_overlap_the_more_relevant_is_picked():
    assert picked([1, 6, 5], 2) == [1, 6]
    assert picked([1, 5, 6], 2) == [1, 5]


def test_films_of_unknown_year_are_not_of_one_decade():
    catalog = make_catalog(
        [1, 2, 3], genres={1: "Horror", 2: "Comedy", 3: "Horror|War"}, years={3: 1980}
    )
    # Film 3 shares half its genres with film 1; of film 2 nothing in common is known.
    assert picked([1, 3, 2], 2, catalog) == [1, 2]


def test_no_candidates_no_picks():
    assert picked([], 3) == []


@given(st.permutations(range(1, 7)), st.integers(0, 9))
def test_picks_are_distinct_candidates(item_ids, k):
    found = picked(item_ids, k)
    assert len(found) == min(k, len(item_ids))
    assert len(set(found)) == len(found)
    assert set(found) <= set(item_ids)


@given(st.permutations(range(1, 7)), st.integers(1, 6))
def test_fewer_picks_are_the_beginning_of_more(item_ids, k):
    assert picked(item_ids, k) == picked(item_ids, 6)[:k]


def test_the_result_keeps_the_type_of_item_indices():
    assert spread(np.array([0, 1], np.int32), CATALOG, 2).dtype == np.int32
