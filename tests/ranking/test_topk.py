import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.errors import InvalidRequestError
from recsys.ranking.topk import top_k

NAN = float("nan")
SCORES = st.sampled_from([NAN, -2.0, -0.5, 0.0, -0.0, 0.25, 1.0, 1.0, 3.0])
ROWS = st.lists(st.tuples(SCORES, st.booleans()), max_size=30)


def listed(scores, eligible, k):
    index, values = top_k(np.array(scores, np.float32), np.array(eligible, np.bool_), k)
    return index.tolist(), values.tolist()


def test_best_first():
    assert listed([1, 3, 2], [True] * 3, 2) == ([1, 2], [3.0, 2.0])


def test_ties_go_to_the_lower_index_also_at_the_cut():
    assert listed([1, 2, 2, 2], [True] * 4, 2)[0] == [1, 2]


def test_ineligible_items_are_left_out():
    assert listed([9, 3, 2], [False, True, True], 3)[0] == [1, 2]


def test_items_without_score_come_last_at_the_lowest_score_given():
    assert listed([NAN, 3, NAN, 2], [True] * 4, 4) == ([1, 3, 0, 2], [3.0, 2.0, 2.0, 2.0])


def test_the_lowest_score_is_that_of_an_eligible_item():
    assert listed([NAN, 3, -9], [True, True, False], 3) == ([1, 0], [3.0, 3.0])


def test_without_any_score_the_list_is_in_order_of_the_index():
    assert listed([NAN] * 3, [True, False, True], 5) == ([0, 2], [0.0, 0.0])


def test_nobody_eligible_gives_an_empty_list():
    assert listed([1, 2], [False, False], 5) == ([], [])
    assert listed([], [], 5) == ([], [])


@pytest.mark.parametrize("k", [0, -1])
def test_k_must_be_positive(k):
    with pytest.raises(InvalidRequestError, match=f"not {k}"):
        listed([1, 2], [True, True], k)


def test_the_input_is_left_alone():
    scores, eligible = np.array([NAN, 2, 1], np.float32), np.ones(3, np.bool_)
    top_k(scores, eligible, 1)
    np.testing.assert_array_equal(scores, np.array([NAN, 2, 1], np.float32))
    assert eligible.all()


@given(ROWS, st.integers(1, 40))
def test_equals_a_plain_sort(rows, k):
    scores = [np.float32(score) for score, _ in rows]
    known = [float(score) for score, ok in rows if ok and not np.isnan(score)]
    floor = min(known, default=0.0)
    order = sorted(
        (i for i, (_, ok) in enumerate(rows) if ok),
        key=lambda i: (np.isnan(scores[i]), 0.0 if np.isnan(scores[i]) else -scores[i], i),
    )[:k]
    expected = [floor if np.isnan(scores[i]) else float(scores[i]) for i in order]
    assert listed(scores, [ok for _, ok in rows], k) == (order, expected)


@given(ROWS, st.integers(1, 40))
def test_every_list_keeps_its_promises(rows, k):
    eligible = [ok for _, ok in rows]
    scores = np.array([score for score, _ in rows], np.float32)
    index, values = top_k(scores, np.array(eligible, np.bool_), k)
    assert index.dtype == np.int32
    assert values.dtype == np.float32
    assert len(index) == min(k, sum(eligible))
    assert len(set(index.tolist())) == len(index)
    assert all(eligible[i] for i in index)
    assert np.isfinite(values).all()
    assert (np.diff(values) <= 0).all()


@given(ROWS, st.integers(1, 40))
def test_a_shorter_list_is_the_beginning_of_a_longer_one(rows, k):
    scores, eligible = [score for score, _ in rows], [ok for _, ok in rows]
    assert listed(scores, eligible, k)[0] == listed(scores, eligible, k + 5)[0][:k]
