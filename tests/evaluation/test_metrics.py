import inspect
import re

import numpy as np
import pytest
from scipy import sparse

from recsys.evaluation import breadth, metrics, rating_errors
from recsys.evaluation.metrics import (
    average_precision,
    hit_rate,
    hits_of,
    ndcg,
    precision,
    recall,
    reciprocal_rank,
)
from recsys.ranking.topk import top_k

OF_HITS = (hit_rate, precision, recall, average_precision, reciprocal_rank, ndcg)
# Ranks 1 and 3 of three; rank 2; none.
HITS = np.array([[True, False, True], [False, True, False], [False, False, False]])
N_RELEVANT = [2, 5, 1]
SECOND, THIRD = 1 / np.log2(3), 0.5


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (hit_rate, [1, 1, 0]),
        (precision, [2 / 3, 1 / 3, 0]),
        (recall, [1, 1 / 5, 0]),
        (average_precision, [(1 + 2 / 3) / 2, (1 / 2) / 3, 0]),
        (reciprocal_rank, [1, 1 / 2, 0]),
        (ndcg, [(1 + THIRD) / (1 + SECOND), SECOND / (1 + SECOND + THIRD), 0]),
    ],
)
def test_by_hand(metric, expected):
    assert metric(HITS, N_RELEVANT).tolist() == pytest.approx(expected)


def test_hits_are_the_listed_items_that_are_relevant():
    lists = np.array([[3, 0, 2], [1, -1, -1], [-1, -1, -1]], dtype=np.int32)
    relevant = sparse.csr_matrix([[1, 0, 0, 1], [0, 0, 0, 1], [1, 1, 1, 1]])
    assert hits_of(lists, relevant).tolist() == [[True, True, False], [False] * 3, [False] * 3]


def test_hits_do_not_need_sorted_indices():
    relevant = sparse.csr_matrix((np.ones(2), np.array([3, 1]), np.array([0, 2])), shape=(1, 4))
    assert hits_of(np.array([[1, 2, 3]], dtype=np.int32), relevant).tolist() == [
        [True, False, True]
    ]


def test_the_end_of_a_list_is_not_the_last_item_of_the_user_before():
    # -1 on the second row must not be read as the item before its first.
    relevant = sparse.csr_matrix([[0, 0, 1], [1, 0, 0]])
    assert not hits_of(np.array([[0, 1], [-1, -1]], dtype=np.int32), relevant).any()


def test_without_anything_relevant_there_are_no_hits():
    lists = np.array([[0, 1], [2, -1]], dtype=np.int32)
    assert not hits_of(lists, sparse.csr_matrix((2, 3))).any()


@pytest.mark.parametrize("metric", OF_HITS)
def test_a_user_without_a_relevant_item_has_no_value(metric):
    assert np.isnan(metric(HITS, [0, 5, 0])).tolist() == [True, False, True]
    assert np.isnan(metric(np.zeros(3, dtype=bool), 0))


@pytest.mark.parametrize("metric", OF_HITS)
def test_an_empty_list_of_a_user_with_something_to_find_has_0(metric):
    assert metric(np.zeros((1, 3), dtype=bool), [2]).tolist() == [0]


@pytest.mark.parametrize("metric", OF_HITS)
def test_no_users_have_no_values(metric):
    assert metric(np.zeros((0, 3), dtype=bool), np.zeros(0, dtype=int)).shape == (0,)


@pytest.mark.parametrize("metric", OF_HITS)
def test_one_user_has_the_same_value_as_among_others(metric):
    for hits, n_relevant, value in zip(HITS, N_RELEVANT, metric(HITS, N_RELEVANT), strict=True):
        assert metric(hits[None], [n_relevant]).tolist() == [value]
        assert float(metric(hits, n_relevant)) == value


@pytest.mark.parametrize("metric", [hit_rate, recall, average_precision, reciprocal_rank, ndcg])
def test_a_perfect_list_has_1(metric):
    for n_relevant in (1, 2, 3):
        hits = np.arange(3) < n_relevant
        assert metric(hits, n_relevant) == pytest.approx(1.0)


def test_with_more_relevant_items_than_places():
    hits = np.ones(3, dtype=bool)
    assert (precision(hits, 7), average_precision(hits, 7), ndcg(hits, 7)) == (1, 1, 1)
    assert recall(hits, 7) == pytest.approx(3 / 7)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (hit_rate, 1),
        # The places asked for, not those the catalogue could fill.
        (precision, 2 / 10),
        (recall, 1),
        (average_precision, (1 + 2 / 3) / 2),
        (reciprocal_rank, 1),
        (ndcg, (1 + THIRD) / (1 + SECOND)),
    ],
)
def test_a_k_larger_than_the_catalogue(metric, expected):
    lists = np.full((1, 10), -1, dtype=np.int32)
    lists[0, :3] = [2, 1, 0]
    hits = hits_of(lists, sparse.csr_matrix([[1, 0, 1]]))
    assert metric(hits, [2]).tolist() == pytest.approx([expected])


@pytest.mark.parametrize("metric", OF_HITS)
def test_ties_are_decided_by_the_ranking_for_the_lower_item_index(metric):
    listed, _ = top_k(np.ones(4, dtype=np.float32), np.ones(4, dtype=bool), 2)
    first, last = (hits_of(listed[None], sparse.csr_matrix([row])) for row in np.eye(4)[[0, 3]])
    assert metric(first, [1]) > metric(last, [1]) == 0


def test_every_metric_names_its_source_and_what_has_no_value():
    for module in (metrics, breadth, rating_errors):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and name not in ("hits_of", "user_errors"):
                assert re.search(r"\b(19|20)\d\d\b", function.__doc__), name
                assert re.search(r"NaN|nothing is listed", function.__doc__), name
                assert "Returns\n" in function.__doc__, name
