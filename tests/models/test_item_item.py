from dataclasses import replace

import numpy as np
import pytest

from recsys.models.base import Preference
from recsys.models.item_item import ItemItem, ItemItemConfig
from recsys.models.item_item_kernel import lower_gram
from tests.builders import make_dataset, make_profile

RNG = np.random.default_rng(3)
SEEN = RNG.random((30, 20)) < 0.4
SEEN[np.arange(20), np.arange(20)] = True
DATASET = make_dataset(
    [(u + 1, i + 1, RNG.integers(1, 11) / 2) for u, i in np.argwhere(SEEN)], scale=(0.5, 5.0)
)
PLAIN = Preference(gamma=0.0, dislike=10.0)  # every rating weighs 1
EVERYTHING = ItemItemConfig(regularization=5.0, n_neighbors=20, common_terms=0.0, preference=PLAIN)


def dense_ease(matrix, regularization):
    """B of Steck (2019), equation 8."""
    inverse = np.linalg.inv(matrix.T @ matrix + regularization * np.eye(matrix.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


def test_weights_are_those_of_the_dense_formula():
    model = ItemItem(EVERYTHING).fit(DATASET)
    expected = dense_ease(SEEN.astype(float), 5.0)
    np.testing.assert_allclose(model.weights.toarray(), expected, atol=1e-5)


def test_scores_are_sums_of_the_weights_of_what_was_rated():
    model = ItemItem(EVERYTHING).fit(DATASET)
    profile = make_profile(DATASET, {1: 5.0, 4: 1.0})
    expected = dense_ease(SEEN.astype(float), 5.0)[[0, 3]].sum(axis=0)
    np.testing.assert_allclose(model.score([profile])[0], expected, atol=1e-5)
    reasons = model.explain(profile, [7])[0]
    assert [part.item_index for part in reasons] == [0, 3]


def test_gram_is_the_product_of_the_matrix_with_itself():
    from scipy import sparse

    matrix = sparse.csr_matrix(SEEN.astype(np.float32) * 0.5)
    matrix.sort_indices()
    dense = matrix.toarray()
    np.testing.assert_allclose(lower_gram(matrix), np.tril(dense.T @ dense), rtol=1e-6)


def test_only_the_most_rated_items_are_covered():
    model = ItemItem(ItemItemConfig(n_items=5)).fit(DATASET)
    count = SEEN.sum(axis=0)
    assert model.covered.sum() == 5
    assert count[model.covered].min() >= count[~model.covered].max()
    scores = model.score([DATASET.profile(0)])[0]
    assert (np.isfinite(scores) == model.covered).all()


@pytest.mark.parametrize("n_neighbors", [1, 3, 7])
def test_the_strongest_weights_are_kept(n_neighbors):
    everything = np.abs(ItemItem(EVERYTHING).fit(DATASET).weights.toarray())
    strength = everything * np.sqrt(SEEN.sum(axis=0))[:, None]
    config = replace(EVERYTHING, n_neighbors=n_neighbors)
    kept = ItemItem(config).fit(DATASET).weights.toarray() != 0
    assert 0.9 * n_neighbors * 20 <= kept.sum() <= n_neighbors * 20
    assert strength[kept].min() >= strength[~kept].max()


def test_a_film_far_below_the_mean_speaks_for_nothing():
    preference = Preference(gamma=0.0, dislike=1.0)
    model = ItemItem(ItemItemConfig(regularization=5.0, preference=preference)).fit(DATASET)
    liked = make_profile(DATASET, {1: 5.0, 2: 4.5})
    with_dislike = make_profile(DATASET, {1: 5.0, 2: 4.5, 3: 0.5})
    np.testing.assert_array_equal(model.score([with_dislike]), model.score([liked]))
    assert np.isnan(model.score([make_profile(DATASET, {3: 0.5})])).all()


def test_terms_of_the_catalogue_are_like_people_who_rated_what_has_them():
    rows = [(user, item, 4) for user, item in [(1, 1), (1, 2), (2, 2), (2, 3), (3, 4)]]
    # Two items of one genre each: every item has length 1, so the dot product is 1 or 0.
    dataset = make_dataset(rows, genres={1: "War", 2: "Horror", 3: "War", 4: "Horror"})
    model = ItemItem(replace(EVERYTHING, common_terms=0.4)).fit(dataset)
    seen = np.zeros((3, 4))
    seen[[0, 0, 1, 1, 2], [0, 1, 1, 2, 3]] = 1
    same_genre = np.array([[1, 0, 1, 0], [0, 1, 0, 1]])
    matrix = np.vstack([seen, np.sqrt(0.4 * 5.0) * same_genre])
    np.testing.assert_allclose(model.weights.toarray(), dense_ease(matrix, 5.0), atol=1e-5)
    assert model.weights[0, 2] > 0  # nobody rated both
