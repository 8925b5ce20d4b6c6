import ir_measures
import numpy as np
import pytest
from implicit.evaluation import ranking_metrics_at_k
from ir_measures import AP, RR, P, R, Success, nDCG
from scipy import sparse
from sklearn.metrics import ndcg_score

from recsys.evaluation.metrics import (
    average_precision,
    hit_rate,
    hits_of,
    ndcg,
    precision,
    recall,
    reciprocal_rank,
)

K = 10


def random_lists(k=K, n_users=60, n_items=40, seed=3):
    # Lists that end early, users of no relevant item and users of more than k.
    rng = np.random.default_rng(seed)
    lists = np.argsort(rng.random((n_users, n_items)), axis=1)[:, :k].astype(np.int32)
    for user in range(0, n_users, 5):
        lists[user, rng.integers(1, k) :] = -1
    share = rng.choice([0.0, 0.1, 0.5], (n_users, 1), p=[0.1, 0.6, 0.3])
    return lists, sparse.csr_matrix(rng.random((n_users, n_items)) < share, dtype=np.float64)


def by_ir_measures(measure, lists, relevant):
    # Values of the users with a relevant item, in their order.
    users, items = relevant.nonzero()
    qrels = [ir_measures.Qrel(f"u{u}", f"i{i}", 1) for u, i in zip(users, items, strict=True)]
    run = [
        ir_measures.ScoredDoc(f"u{user}", f"i{item}", float(-rank))
        for user, row in enumerate(lists)
        for rank, item in enumerate(row)
        if item >= 0
    ]
    found = {m.query_id: m.value for m in ir_measures.iter_calc([measure], qrels, run)}
    return np.array([found[f"u{user}"] for user in np.unique(users)])


class Fixed:
    """Recommends the lists it was given."""

    def __init__(self, lists):
        self.lists = lists

    def recommend(self, users, user_items, N):
        assert self.lists.shape[1] == N
        return self.lists[users], np.zeros((len(users), N), dtype=np.float32)


def by_implicit(lists, relevant):
    return ranking_metrics_at_k(
        Fixed(lists), sparse.csr_matrix(relevant.shape), relevant, lists.shape[1], False
    )


def test_the_data_has_the_cases_that_tell_conventions_apart():
    lists, relevant = random_lists()
    n_relevant = np.diff(relevant.indptr)
    assert (lists[:, -1] < 0).any()
    assert (n_relevant == 0).any()
    assert ((n_relevant > 0) & (n_relevant < K)).any()
    assert (n_relevant > K).any()


@pytest.mark.parametrize(
    ("metric", "theirs"),
    [
        (hit_rate, Success @ K),
        (precision, P @ K),
        (recall, R @ K),
        (reciprocal_rank, RR @ K),
        (ndcg, nDCG @ K),
    ],
)
def test_agreement_with_ir_measures(metric, theirs):
    lists, relevant = random_lists()
    n_relevant = np.diff(relevant.indptr)
    ours = metric(hits_of(lists, relevant), n_relevant)
    assert np.isnan(ours[n_relevant == 0]).all()
    np.testing.assert_allclose(ours[n_relevant > 0], by_ir_measures(theirs, lists, relevant))


def test_average_precision_agrees_with_ir_measures_where_k_is_no_limit():
    # Theirs divides by all relevant items, ours by as many as the list can hold.
    lists, relevant = random_lists(k=40)
    n_relevant = np.diff(relevant.indptr)
    ours = average_precision(hits_of(lists, relevant), n_relevant)
    np.testing.assert_allclose(ours[n_relevant > 0], by_ir_measures(AP, lists, relevant))


def test_average_precision_is_above_that_of_ir_measures_where_k_is_a_limit():
    lists, relevant = random_lists()
    n_relevant = np.diff(relevant.indptr)
    judged = n_relevant > 0
    ours = average_precision(hits_of(lists, relevant), n_relevant)[judged]
    theirs = by_ir_measures(AP @ K, lists, relevant)
    limit = np.minimum(n_relevant, K)[judged] / n_relevant[judged]
    np.testing.assert_allclose(ours * limit, theirs)
    assert (ours > theirs).any()


@pytest.mark.parametrize(("metric", "theirs"), [(average_precision, "map"), (ndcg, "ndcg")])
def test_agreement_with_implicit(metric, theirs):
    # They leave out users without relevant items too, and divide by what k places can hold.
    lists, relevant = random_lists()
    ours = np.nanmean(metric(hits_of(lists, relevant), np.diff(relevant.indptr)))
    assert ours == pytest.approx(by_implicit(lists, relevant)[theirs])


def test_precision_differs_from_that_of_implicit_on_purpose():
    # Theirs is the hits of all users over the most they could have had; ours over all places.
    lists, relevant = random_lists()
    n_relevant = np.diff(relevant.indptr)
    judged = n_relevant > 0
    hits = hits_of(lists, relevant)[judged]
    theirs = by_implicit(lists, relevant)["precision"]
    assert hits.sum() / np.minimum(n_relevant, K)[judged].sum() == pytest.approx(theirs)
    assert np.nanmean(precision(hits, n_relevant[judged])) < theirs


def test_precision_agrees_with_implicit_where_all_users_have_k_relevant_items():
    lists, relevant = random_lists()
    many = np.flatnonzero(np.diff(relevant.indptr) >= K)
    lists, relevant = lists[many], relevant[many]
    ours = precision(hits_of(lists, relevant), np.diff(relevant.indptr)).mean()
    assert ours == pytest.approx(by_implicit(lists, relevant)["precision"])


def test_ndcg_agrees_with_scikit_learn():
    rng = np.random.default_rng(3)
    relevant = rng.random((40, 12)) < 0.3
    relevant[:, 0] = True
    scores = rng.random((40, 12))
    order = np.argsort(-scores, axis=1)
    hits = np.take_along_axis(relevant, order, axis=1)[:, :5]
    ours = ndcg(hits, relevant.sum(axis=1)).mean()
    assert ours == pytest.approx(ndcg_score(relevant, scores, k=5))


def test_ties_differ_from_scikit_learn_on_purpose():
    # Theirs is the mean over all orders of the tied items; ours is of the one order that is shown.
    relevant, scores = np.array([[1, 0]]), np.array([[0.5, 0.5]])
    second = 1 / np.log2(3)
    assert ndcg_score(relevant, scores) == pytest.approx((1 + second) / 2)
    assert ndcg(np.array([[True, False]]), [1]).tolist() == [1]


def at_each_hit(hits):
    at_rank = np.cumsum(hits, axis=1) / np.arange(1, K + 1)
    return (at_rank * hits).sum(axis=1)


def gain(hits):
    return hits @ (1 / np.log2(np.arange(2, K + 2)))


# Name: what is wrong with it, the right one, and whose word it is.
PLANTED = {
    "precision over the length of the list": (
        lambda hits, n_relevant, length: hits.sum(axis=1) / length,
        precision,
        lambda lists, relevant: by_ir_measures(P @ K, lists, relevant).mean(),
    ),
    "recall over what the list can hold": (
        lambda hits, n_relevant, length: hits.sum(axis=1) / np.minimum(K, n_relevant),
        recall,
        lambda lists, relevant: by_ir_measures(R @ K, lists, relevant).mean(),
    ),
    "average precision over the hits": (
        lambda hits, n_relevant, length: at_each_hit(hits) / np.maximum(1, hits.sum(axis=1)),
        average_precision,
        lambda lists, relevant: by_implicit(lists, relevant)["map"],
    ),
    "average precision over all relevant items": (
        lambda hits, n_relevant, length: at_each_hit(hits) / n_relevant,
        average_precision,
        lambda lists, relevant: by_implicit(lists, relevant)["map"],
    ),
    "NDCG by an ideal of k hits": (
        lambda hits, n_relevant, length: gain(hits) / gain(np.ones(K)),
        ndcg,
        lambda lists, relevant: by_ir_measures(nDCG @ K, lists, relevant).mean(),
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_wrong_denominator_is_told_apart(name):
    wrong, right, oracle = PLANTED[name]
    lists, relevant = random_lists()
    judged = np.diff(relevant.indptr) > 0
    lists, relevant = lists[judged], relevant[judged]
    hits, n_relevant = hits_of(lists, relevant), np.diff(relevant.indptr)
    length = (lists >= 0).sum(axis=1)
    expected = oracle(lists, relevant)
    assert right(hits, n_relevant).mean() == pytest.approx(expected)
    assert wrong(hits, n_relevant, length).mean() != pytest.approx(expected, rel=0.01)
