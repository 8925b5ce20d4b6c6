import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from recsys.evaluation.metrics import ndcg


def test_ndcg_by_hand():
    hits = np.array([[True, False, True], [False, True, False], [False, False, False]])
    first, second, third = 1.0, 1 / np.log2(3), 0.5
    expected = [(first + third) / (first + second), second / (first + second + third), 0.0]
    assert ndcg(hits, [2, 3, 1]).tolist() == pytest.approx(expected)


def test_a_perfect_list_has_1_however_many_are_relevant():
    for n_relevant in (1, 2, 3, 7):
        hits = np.arange(3) < n_relevant
        assert ndcg(hits, n_relevant) == pytest.approx(1.0)


def test_without_anything_relevant_there_is_no_value():
    assert np.isnan(ndcg(np.zeros(3, dtype=bool), 0))


def test_ndcg_agrees_with_scikit_learn():
    rng = np.random.default_rng(3)
    relevant = rng.random((40, 12)) < 0.3
    relevant[:, 0] = True
    scores = rng.random((40, 12))
    order = np.argsort(-scores, axis=1)
    hits = np.take_along_axis(relevant, order, axis=1)[:, :5]
    ours = ndcg(hits, relevant.sum(axis=1)).mean()
    assert ours == pytest.approx(ndcg_score(relevant, scores, k=5))
