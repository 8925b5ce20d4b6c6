import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics.pairwise import cosine_distances

from recsys.evaluation.breadth import (
    coverage,
    gini,
    intra_list_diversity,
    novelty,
    popularity_percentile,
    serendipity,
)
from recsys.evaluation.metrics import precision
from recsys.ranking.topk import top_k

LISTS = np.array([[0, 1, 2], [0, 1, -1], [-1, -1, -1]], dtype=np.int32)
NO_LISTS = np.zeros((0, 3), dtype=np.int32)
COUNTS = np.array([8, 4, 0, 1])
# Items 0 and 1 are alike, 2 has nothing in common with them, 3 shares one of two with each.
FEATURES = sparse.csr_matrix([[1, 0], [2, 0], [0, 1], [1, 1]], dtype=np.float32)
HITS = np.array([[True, False, True], [False, True, False], [False, False, False]])
EXPECTED = np.array([[True, False, False], [False, False, False], [False, False, True]])

BY_LIST = {
    "novelty": lambda lists: novelty(lists, COUNTS, 8),
    "popularity": lambda lists: popularity_percentile(lists, COUNTS),
    "diversity": lambda lists: intra_list_diversity(lists, FEATURES),
}
OF_ALL = {
    "coverage": lambda lists: coverage(lists, 4),
    "gini": lambda lists: gini(lists, 4),
}


def test_coverage_counts_items_once():
    assert coverage(LISTS, 6) == pytest.approx(3 / 6)


def test_coverage_of_nothing_is_0():
    assert coverage(LISTS[2:], 6) == coverage(NO_LISTS, 6) == 0


def test_gini_is_0_for_equal_shares_and_near_1_for_one_item():
    assert gini(np.array([[0, 1], [2, 3]], dtype=np.int32), 4) == pytest.approx(0)
    assert gini(np.zeros((9, 1), dtype=np.int32), 100) == pytest.approx(1 - 1 / 100)


def test_gini_is_half_of_the_mean_difference_over_the_mean():
    # Counts 0, 1 and 2.
    difference = np.abs(np.subtract.outer([0, 1, 2], [0, 1, 2])).mean()
    listed = np.array([[1, 2], [2, -1]], dtype=np.int32)
    assert gini(listed, 3) == pytest.approx(difference / 2 / 1.0)


def test_gini_of_nothing_has_no_value():
    assert np.isnan(gini(LISTS[2:], 6))
    assert np.isnan(gini(NO_LISTS, 6))


def test_novelty_is_the_mean_information_in_bits():
    found = novelty(LISTS, COUNTS, 8)
    # Rated by all, by half, and by nobody, which counts as one of eight.
    assert found[:2].tolist() == pytest.approx([(0 + 1 + 3) / 3, (0 + 1) / 2])


def test_popularity_percentile():
    # Counts 1, 5, 5, 9: percentiles 12.5, 50, 50 and 87.5.
    lists = np.array([[0, 3], [1, 2], [3, -1]], dtype=np.int32)
    found = popularity_percentile(lists, np.array([1, 5, 5, 9]))
    assert found.tolist() == pytest.approx([50, 50, 87.5])


def test_diversity_by_hand():
    lists = np.array([[0, 1, -1], [0, 2, -1], [0, 1, 2], [0, 3, -1]], dtype=np.int32)
    found = intra_list_diversity(lists, FEATURES)
    assert found.tolist() == pytest.approx([0, 1, (0 + 1 + 1) / 3, 1 - 1 / np.sqrt(2)])


@pytest.mark.parametrize("n_features", [5, 300])
def test_diversity_is_the_mean_distance_of_pairs(n_features):
    # Few features and many are summed in different ways, and so many lists in several parts.
    rng = np.random.default_rng(2)
    dense = rng.random((30, n_features)) * (rng.random((30, n_features)) < 0.4)
    dense[4] = 0
    lists = np.argsort(rng.random((10_000, 30)), axis=1)[:, :4].astype(np.int32)
    lists[::3, 2:] = -1
    distance = cosine_distances(dense)
    found = intra_list_diversity(lists, sparse.csr_matrix(dense, dtype=np.float32))
    first, second = np.triu_indices(4, 1)
    pairs = distance[lists[:, first], lists[:, second]]
    expected = np.where(lists[:, 2] < 0, pairs[:, 0], pairs.mean(axis=1))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_an_item_without_features_is_unlike_every_other():
    features = sparse.csr_matrix([[1.0, 0], [0, 0], [0, 0]])
    lists = np.array([[0, 1], [1, 2]], dtype=np.int32)
    assert intra_list_diversity(lists, features).tolist() == [1, 1]


def test_a_list_of_one_item_has_no_diversity():
    assert np.isnan(intra_list_diversity(np.array([[2, -1]], dtype=np.int32), FEATURES)).all()


def test_serendipity_leaves_out_what_popularity_would_have_found():
    assert serendipity(HITS, EXPECTED, [2, 5, 1]).tolist() == pytest.approx([1 / 3, 1 / 3, 0])
    assert (serendipity(HITS, ~HITS, [2, 5, 1]) == precision(HITS, [2, 5, 1])).all()
    assert not serendipity(HITS, HITS, [2, 5, 1]).any()


def test_serendipity_has_no_value_where_nothing_is_relevant_and_0_for_an_empty_list():
    found = serendipity(HITS, EXPECTED, [0, 5, 1])
    assert np.isnan(found).tolist() == [True, False, False]
    assert found[2] == 0
    assert serendipity(HITS[:0], EXPECTED[:0], np.zeros(0, dtype=int)).shape == (0,)


def test_serendipity_of_one_user():
    assert float(serendipity(HITS[0], EXPECTED[0], 2)) == pytest.approx(1 / 3)


@pytest.mark.parametrize("metric", BY_LIST)
def test_an_empty_list_has_no_value(metric):
    assert np.isnan(BY_LIST[metric](LISTS)).tolist() == [False, False, True]


@pytest.mark.parametrize("metric", BY_LIST)
def test_no_lists_have_no_values(metric):
    assert BY_LIST[metric](NO_LISTS).shape == (0,)


@pytest.mark.parametrize("metric", BY_LIST)
def test_one_list_has_the_same_value_as_among_others(metric):
    together = BY_LIST[metric](LISTS)
    assert BY_LIST[metric](LISTS[1:2]).tolist() == pytest.approx([together[1]])


@pytest.mark.parametrize("metric", [*BY_LIST, *OF_ALL])
def test_a_k_larger_than_the_catalogue_changes_nothing(metric):
    measure = {**BY_LIST, **OF_ALL}[metric]
    lists = np.array([[3, 1, 0, 2], [0, 1, -1, -1]], dtype=np.int32)
    padded = np.pad(lists, ((0, 0), (0, 5)), constant_values=-1)
    assert np.asarray(measure(padded)).tolist() == pytest.approx(
        np.asarray(measure(lists)).tolist()
    )


@pytest.mark.parametrize("metric", [*BY_LIST, *OF_ALL])
def test_the_order_of_a_list_does_not_matter(metric):
    measure = {**BY_LIST, **OF_ALL}[metric]
    backwards = LISTS[:2, ::-1]
    expected = np.asarray(measure(LISTS[:2])).tolist()
    assert np.asarray(measure(backwards)).tolist() == pytest.approx(expected)


def test_ties_are_decided_by_the_ranking_for_the_lower_item_index():
    listed, _ = top_k(np.ones(4, dtype=np.float32), np.ones(4, dtype=bool), 1)
    assert novelty(listed[None], COUNTS, 8).tolist() == [0]
    assert popularity_percentile(listed[None], COUNTS).tolist() == [87.5]
