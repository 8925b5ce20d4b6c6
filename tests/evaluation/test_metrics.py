import inspect

import ir_measures
import numpy as np
import pytest
from ir_measures import AP, RR, P, R, Success, nDCG
from scipy import sparse
from sklearn.metrics import mean_absolute_error, ndcg_score, root_mean_squared_error

from recsys.evaluation import metrics
from recsys.evaluation.metrics import (
    average_precision,
    coverage,
    gini,
    hit_rate,
    hits_of,
    intra_list_diversity,
    mae,
    ndcg,
    novelty,
    popularity_percentile,
    precision,
    recall,
    reciprocal_rank,
    rmse,
    serendipity,
)

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


@pytest.mark.parametrize("metric", OF_HITS)
def test_a_user_without_a_relevant_item_has_no_value(metric):
    assert np.isnan(metric(HITS, [0, 5, 0])).tolist() == [True, False, True]
    assert np.isnan(metric(np.zeros(3, dtype=bool), 0))


@pytest.mark.parametrize("metric", [hit_rate, recall, average_precision, reciprocal_rank, ndcg])
def test_a_perfect_list_has_1(metric):
    for n_relevant in (1, 2, 3):
        hits = np.arange(3) < n_relevant
        assert metric(hits, n_relevant) == pytest.approx(1.0)


def test_with_more_relevant_items_than_places():
    hits = np.ones(3, dtype=bool)
    assert (precision(hits, 7), average_precision(hits, 7), ndcg(hits, 7)) == (1, 1, 1)
    assert recall(hits, 7) == pytest.approx(3 / 7)


def random_lists(n_users=60, n_items=40, k=10, seed=3):
    rng = np.random.default_rng(seed)
    lists = np.argsort(rng.random((n_users, n_items)), axis=1)[:, :k].astype(np.int32)
    for user in range(0, n_users, 5):
        lists[user, rng.integers(1, k) :] = -1
    relevant = sparse.random(n_users, n_items, 0.15, "csr", random_state=rng)
    return lists, relevant


def test_hits_are_the_listed_items_that_are_relevant():
    lists, relevant = random_lists()
    hits = hits_of(lists, relevant)
    for user, row in enumerate(lists):
        wanted = set(relevant.indices[relevant.indptr[user] : relevant.indptr[user + 1]].tolist())
        assert hits[user].tolist() == [int(item) in wanted for item in row]


def test_without_anything_relevant_there_are_no_hits():
    assert not hits_of(LISTS, sparse.csr_matrix((3, 6))).any()


@pytest.mark.parametrize(
    ("metric", "theirs"),
    [
        (hit_rate, Success @ 10),
        (precision, P @ 10),
        (recall, R @ 10),
        (reciprocal_rank, RR @ 10),
        (ndcg, nDCG @ 10),
    ],
)
def test_agreement_with_ir_measures(metric, theirs):
    lists, relevant = random_lists()
    n_relevant = np.diff(relevant.indptr)
    ours = metric(hits_of(lists, relevant), n_relevant)
    users, items = relevant.nonzero()
    qrels = [ir_measures.Qrel(f"u{u}", f"i{i}", 1) for u, i in zip(users, items, strict=True)]
    run = [
        ir_measures.ScoredDoc(f"u{user}", f"i{item}", float(-rank))
        for user, row in enumerate(lists)
        for rank, item in enumerate(row)
        if item >= 0
    ]
    for found in ir_measures.iter_calc([theirs], qrels, run):
        assert ours[int(found.query_id[1:])] == pytest.approx(found.value), found.query_id
    assert np.isnan(ours).sum() == (n_relevant == 0).sum()


def test_average_precision_agrees_where_the_conventions_do():
    # Theirs divides by all relevant items, ours by as many as the list can hold.
    lists, relevant = random_lists(k=40)
    n_relevant = np.diff(relevant.indptr)
    ours = average_precision(hits_of(lists, relevant), n_relevant)
    users, items = relevant.nonzero()
    qrels = [ir_measures.Qrel(f"u{u}", f"i{i}", 1) for u, i in zip(users, items, strict=True)]
    run = [
        ir_measures.ScoredDoc(f"u{user}", f"i{item}", float(-rank))
        for user, row in enumerate(lists)
        for rank, item in enumerate(row)
        if item >= 0
    ]
    for found in ir_measures.iter_calc([AP], qrels, run):
        assert ours[int(found.query_id[1:])] == pytest.approx(found.value)


def test_ndcg_agrees_with_scikit_learn():
    rng = np.random.default_rng(3)
    relevant = rng.random((40, 12)) < 0.3
    relevant[:, 0] = True
    scores = rng.random((40, 12))
    order = np.argsort(-scores, axis=1)
    hits = np.take_along_axis(relevant, order, axis=1)[:, :5]
    ours = ndcg(hits, relevant.sum(axis=1)).mean()
    assert ours == pytest.approx(ndcg_score(relevant, scores, k=5))


def test_errors_of_ratings_agree_with_scikit_learn():
    rng = np.random.default_rng(1)
    predicted, rating = rng.uniform(0.5, 5, (2, 100)).astype(np.float32)
    assert rmse(predicted, rating) == pytest.approx(root_mean_squared_error(rating, predicted))
    assert mae(predicted, rating) == pytest.approx(mean_absolute_error(rating, predicted))


@pytest.mark.parametrize("metric", [rmse, mae])
def test_a_missing_prediction_is_an_error(metric):
    predicted = np.array([3.0, np.nan, 4.0], dtype=np.float32)
    with pytest.raises(ValueError, match="1 ratings are without"):
        metric(predicted, np.ones(3, dtype=np.float32))


LISTS = np.array([[0, 1, 2], [0, 1, -1], [-1, -1, -1]], dtype=np.int32)


def test_coverage_counts_items_once():
    assert coverage(LISTS, 6) == pytest.approx(3 / 6)


def test_gini_is_0_for_equal_shares_and_near_1_for_one_item():
    assert gini(np.array([[0, 1], [2, 3]], dtype=np.int32), 4) == pytest.approx(0)
    assert gini(np.zeros((9, 1), dtype=np.int32), 100) == pytest.approx(0.99)
    # Counts 0, 1, 2: half of the mean difference between two items over the mean.
    difference = np.abs(np.subtract.outer([0, 1, 2], [0, 1, 2])).mean()
    listed = np.array([[1, 2], [2, -1]], dtype=np.int32)
    assert gini(listed, 3) == pytest.approx(difference / 2 / 1.0)
    assert np.isnan(gini(LISTS[2:], 6))


def test_novelty_is_the_mean_information_in_bits():
    found = novelty(LISTS, np.array([8, 4, 0, 1]), 8)
    assert found[:2].tolist() == pytest.approx([(0 + 1 + 3) / 3, 0.5])
    assert np.isnan(found[2])


def test_popularity_percentile():
    # Counts 1, 5, 5, 9: percentiles 12.5, 50, 50 and 87.5.
    lists = np.array([[0, 3], [1, 2], [3, -1]], dtype=np.int32)
    found = popularity_percentile(lists, np.array([1, 5, 5, 9]))
    assert found.tolist() == pytest.approx([50, 50, 87.5])


def test_diversity_is_the_mean_distance_of_pairs():
    rng = np.random.default_rng(2)
    dense = rng.random((6, 5)) * (rng.random((6, 5)) < 0.6)
    dense[4] = 0
    lists = np.array([[0, 1, 2], [3, 4, -1], [5, -1, -1]], dtype=np.int32)

    def cosine(i, j):
        lengths = np.linalg.norm(dense[i]) * np.linalg.norm(dense[j])
        return dense[i] @ dense[j] / lengths if lengths else 0.0

    found = intra_list_diversity(lists, sparse.csr_matrix(dense))
    pairs = [(0, 1), (0, 2), (1, 2)]
    assert found[0] == pytest.approx(np.mean([1 - cosine(i, j) for i, j in pairs]))
    assert found[1] == pytest.approx(1)
    assert np.isnan(found[2])


def test_serendipity_leaves_out_what_popularity_would_have_found():
    expected = np.array([[True, False, False], [False, False, False], [False, False, True]])
    assert serendipity(HITS, expected, N_RELEVANT).tolist() == pytest.approx([1 / 3, 1 / 3, 0])


def test_every_metric_is_documented():
    for name, function in inspect.getmembers(metrics, inspect.isfunction):
        if function.__module__ == metrics.__name__ and not name.startswith("_"):
            assert "Parameters\n" in function.__doc__, name
