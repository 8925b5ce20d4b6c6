import numpy as np
import pytest

from recsys.models.svd import SVD, SVDConfig
from tests.builders import COMEDY_ITEMS, HORROR_ITEMS, make_dataset, two_tastes, user_profile


def random_dataset(n_users, n_items, seed=0):
    rng = np.random.default_rng(seed)
    seen = rng.random((n_users, n_items)) < 0.3
    seen[np.arange(n_users), np.arange(n_users) % n_items] = True
    return make_dataset(
        [(u + 1, i + 1, rng.integers(1, 11) / 2) for u, i in np.argwhere(seen)],
        unrated=[n_items + 1],
    )


def dense_weights(dataset):
    """Return 1 + gamma (r - mean), with the mean drawn towards the data's by five ratings."""
    weights = np.zeros((dataset.n_users, dataset.n_items))
    overall = dataset.rating.mean(dtype=np.float64)
    for user in range(dataset.n_users):
        profile = dataset.profile(user)
        mean = (profile.rating.sum() + 5 * overall) / (len(profile) + 5)
        weights[user, profile.item_index] = np.maximum(0.1, 1 + 0.3 * (profile.rating - mean))
    return weights


# The smaller one is decomposed densely, the larger one by iteration.
@pytest.mark.parametrize("shape", [(12, 9), (70, 40)])
def test_it_is_the_truncated_decomposition(shape):
    dataset = random_dataset(*shape)
    weights = dense_weights(dataset)
    model = SVD(SVDConfig(n_factors=6)).fit(dataset)
    _, _, rows = np.linalg.svd(weights, full_matrices=False)
    np.testing.assert_allclose(model.vectors @ model.vectors.T, rows[:6].T @ rows[:6], atol=1e-4)
    np.testing.assert_allclose(model.vectors.T @ model.vectors, np.eye(6), atol=1e-5)
    scores = model.score([dataset.profile(user) for user in range(dataset.n_users)])
    expected = weights @ rows[:6].T @ rows[:6]
    np.testing.assert_allclose(scores[:, :-1], expected[:, :-1], atol=1e-4)
    assert np.isnan(scores[:, -1]).all()


def test_the_sign_of_a_vector_is_that_of_its_largest_entry():
    for shape in ((12, 9), (70, 40)):
        vectors = SVD(SVDConfig(n_factors=6)).fit(random_dataset(*shape)).vectors
        assert (vectors[np.abs(vectors).argmax(axis=0), range(6)] > 0).all()


def test_with_all_vectors_a_user_gets_the_own_weights_back():
    dataset = random_dataset(12, 9)
    model = SVD(SVDConfig(n_factors=50)).fit(dataset)
    scores = model.score([dataset.profile(user) for user in range(12)])
    np.testing.assert_allclose(scores[:, :9], dense_weights(dataset)[:, :9], atol=1e-5)


def test_vectors_of_no_weight_are_left_out():
    dataset = make_dataset([(u, i, 3) for u in (1, 2, 3) for i in (1, 2, 3)])
    assert SVD().fit(dataset).vectors.shape == (3, 1)


def test_each_fan_gets_their_own_kind():
    dataset = two_tastes()
    model = SVD(SVDConfig(n_factors=4)).fit(dataset)
    horror, comedy = dataset.items.index(HORROR_ITEMS), dataset.items.index(COMEDY_ITEMS)
    horror_fan, comedy_fan = model.score([user_profile(dataset, 1), user_profile(dataset, 101)])
    assert horror_fan[horror].mean() > 2 * horror_fan[comedy].mean()
    assert comedy_fan[comedy].mean() > 2 * comedy_fan[horror].mean()
