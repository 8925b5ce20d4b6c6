import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.ids import IdMap
from recsys.errors import DataError, RecsysError, UnknownItemError, UnknownUserError

IDS = st.sets(st.integers(-(2**62), 2**62), max_size=30)


def test_from_values_keeps_each_id_once_in_order():
    assert IdMap.from_values([30, 10, 30, 20], "item").ids.tolist() == [10, 20, 30]


def test_find_gives_positions_and_minus_one_for_the_unknown():
    found = IdMap([10, 20, 30], "item").find([30, 5, 10, 25, 99])
    assert found.tolist() == [2, -1, 0, -1, -1]
    assert found.dtype == np.int32


def test_an_empty_map_knows_nothing():
    empty = IdMap([], "item")
    assert len(empty) == 0
    assert empty.find([1, 2]).tolist() == [-1, -1]
    assert 1 not in empty
    with pytest.raises(UnknownItemError, match="none at all"):
        empty.index([1])


def test_index_of_nothing_is_nothing():
    assert IdMap([10], "item").index([]).tolist() == []


@pytest.mark.parametrize(
    ("kind", "error"), [("user", UnknownUserError), ("item", UnknownItemError)]
)
def test_index_names_the_first_unknown_id_and_what_is_known(kind, error):
    with pytest.raises(error, match=rf"no {kind} 7: the 3 known {kind} ids are within 10 to 30"):
        IdMap([10, 20, 30], kind).index([10, 7, 8])


@pytest.mark.parametrize("ids", [[2, 1], [1, 1], [[1, 2]]])
def test_ids_must_be_one_increasing_row(ids):
    with pytest.raises(DataError):
        IdMap(ids, "item")


def test_ids_may_span_all_of_int64():
    widest = [-(2**63), 0, 2**63 - 1]
    assert IdMap(widest, "item").find(widest).tolist() == [0, 1, 2]


def test_membership_takes_whole_numbers_only():
    items = IdMap([1, 2], "item")
    assert 1 in items
    assert np.int64(2) in items
    assert 3 not in items
    assert "1" not in items
    assert 1.0 not in items


def test_a_number_beyond_int64_is_an_unknown_id_like_any_other():
    items = IdMap([1, 2], "item")
    assert 2**70 not in items
    with pytest.raises(RecsysError):
        items.index([2**70])


@given(ids=IDS, wanted=st.lists(st.integers(-(2**62), 2**62), max_size=30))
def test_find_equals_a_dictionary(ids, wanted):
    wanted = [*wanted, *sorted(ids)[:3]]
    position = {value: place for place, value in enumerate(sorted(ids))}
    found = IdMap(sorted(ids), "user").find(wanted)
    assert found.tolist() == [position.get(value, -1) for value in wanted]


@given(ids=IDS)
def test_index_undoes_ids(ids):
    users = IdMap(sorted(ids), "user")
    assert users.index(users.ids).tolist() == list(range(len(ids)))
