import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.errors import InvalidRequestError
from recsys.ranking.filters import Filters
from tests.builders import make_dataset

# Film 1 has 3 ratings, film 2 has 2, film 3 has 1, film 4 none.
CATALOG = make_dataset(
    [(1, 1, 5), (2, 1, 4), (3, 1, 3), (1, 2, 4), (2, 2, 2), (1, 3, 1)],
    genres={1: "Horror|Sci-Fi", 2: "Comedy", 3: "Comedy|Horror"},
    years={1: 1979, 2: 1980, 4: 1999},
    unrated=[4],
).catalog


def passing(**conditions):
    mask = Filters(**conditions).mask(CATALOG)
    assert mask.dtype == np.bool_
    return CATALOG.items.ids[mask].tolist()


def test_without_conditions_everything_passes():
    assert passing() == [1, 2, 3, 4]


def test_any_all_and_none_of_the_genres():
    assert passing(any_genres=("Horror", "Comedy")) == [1, 2, 3]
    assert passing(all_genres=("Horror", "Comedy")) == [3]
    assert passing(no_genres=("Horror",)) == [2, 4]
    assert passing(any_genres=("Horror",), no_genres=("Comedy",)) == [1]


def test_case_of_genres_does_not_matter():
    assert passing(any_genres=("sci-FI",)) == [1]


@pytest.mark.parametrize("condition", ["any_genres", "all_genres", "no_genres"])
def test_an_unknown_genre_is_named_with_the_choice(condition):
    with pytest.raises(InvalidRequestError, match="no genre 'Opera'; choose among Comedy, Horror"):
        passing(**{condition: ("Opera",)})


def test_years_are_inclusive():
    assert passing(min_year=1979, max_year=1980) == [1, 2]
    assert passing(min_year=1980) == [2, 4]
    assert passing(max_year=1979) == [1]


@pytest.mark.parametrize(
    "bounds", [{"min_year": 1}, {"min_year": 0}, {"min_year": -5}, {"max_year": 3000}]
)
def test_an_unknown_year_fails_either_bound(bounds):
    assert 3 not in passing(**bounds)


def test_years_beyond_any_calendar_are_no_error():
    assert passing(min_year=100_000) == []
    assert passing(max_year=100_000) == [1, 2, 4]


def test_years_in_the_wrong_order_are_an_error():
    with pytest.raises(InvalidRequestError, match=r"1990.*1980.*swap"):
        passing(min_year=1990, max_year=1980)


def test_least_number_of_ratings():
    assert passing(min_ratings=2) == [1, 2]
    assert passing(min_ratings=1) == [1, 2, 3]
    assert passing(min_ratings=9) == []


GENRES = st.lists(st.sampled_from(["Comedy", "Horror", "Sci-Fi"]), max_size=2).map(tuple)
BOUND = st.none() | st.integers(1970, 2000)


@given(GENRES, GENRES, GENRES, BOUND, BOUND, st.integers(0, 4))
def test_equals_a_check_of_each_film(some, every, none, first, last, least):
    if first is not None and last is not None and first > last:
        first, last = last, first
    expected = []
    for i, item in enumerate(CATALOG.items.ids.tolist()):
        genres, year = set(CATALOG.genres(i)), int(CATALOG.year[i])
        if (
            (not some or genres & set(some))
            and genres >= set(every)
            and not genres & set(none)
            and (first is None or year >= first)
            and (last is None or 0 < year <= last)
            and CATALOG.rating_count[i] >= least
        ):
            expected.append(item)
    assert expected == passing(
        any_genres=some,
        all_genres=every,
        no_genres=none,
        min_year=first,
        max_year=last,
        min_ratings=least,
    )
