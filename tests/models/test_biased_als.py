from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import sparse

from recsys.data.profile import Profile
from recsys.models.biased_als import BiasedALS, BiasedALSConfig
from recsys.models.registry import config_from_dict, config_to_dict
from tests.builders import make_dataset, make_profile, two_tastes

N_USERS, N_ITEMS, N_FACTORS = 40, 25, 3
CONFIG = BiasedALSConfig(
    n_factors=N_FACTORS,
    regularization=1.5,
    bias_regularization=0.7,
    n_iterations=300,
    tolerance=0.0,
)
PENALTY = np.array([0.7, *[1.5] * N_FACTORS])
NEVER_RATED = 999


def random_dataset():
    rng = np.random.default_rng(3)
    seen = rng.random((N_USERS, N_ITEMS)) < 0.4
    seen[np.arange(N_USERS), np.arange(N_USERS) % N_ITEMS] = True
    return make_dataset(
        [(u + 1, i + 1, rng.integers(1, 11) / 2) for u, i in np.argwhere(seen)],
        unrated=[NEVER_RATED],
    )


DATASET = random_dataset()


@cache
def converged():
    return BiasedALS(CONFIG).fit(DATASET)


def standard(rating):
    """Bring ratings to mean 0 and variance 1, as the docstring says the model does."""
    everything = DATASET.rating.astype(np.float64)
    return (rating - everything.mean()) / everything.std()


def solve_dense(rows, target, penalty=PENALTY):
    """Minimise |target - [1 rows] x|^2 + x' diag(penalty) x."""
    design = np.column_stack([np.ones(len(rows)), rows])
    return np.linalg.solve(design.T @ design + np.diag(penalty), design.T @ target)


def solve_user(user, items):
    profile = DATASET.profile(user)
    rated = items[profile.item_index]
    return solve_dense(rated[:, 1:], standard(profile.rating.astype(np.float64)) - rated[:, 0])


def items_of(model):
    return model.samples.items[:, 0].astype(np.float64)


def dense_matrix(n_rows, n_columns, seed=0):
    rng = np.random.default_rng(seed)
    matrix = sparse.random(n_rows, n_columns, 0.6, "csr", np.float32, random_state=rng)
    matrix.data = rng.standard_normal(matrix.nnz).astype(np.float32)
    return matrix


@pytest.mark.parametrize("n_factors", [0, 1, 6, 7, 33])
def test_the_kernel_solves_every_row_exactly(n_factors):
    from recsys.models.biased_als_kernel import BLOCK, solve_rows

    n_columns = 5 * BLOCK
    matrix = dense_matrix(9, n_columns)
    matrix = sparse.vstack([matrix, sparse.csr_matrix((1, n_columns), dtype=np.float32)], "csr")
    columns = np.random.default_rng(1).standard_normal((n_columns, 1 + n_factors), np.float32)
    penalty = np.array([2.0, *[0.5] * n_factors])
    solved = np.full((10, 1 + n_factors), 7, dtype=np.float32)
    squares = solve_rows(columns, matrix, penalty, solved, biases=True)
    left = 0.0
    for row in range(9):
        index = matrix[row].indices
        target = matrix[row].data - columns[index, 0].astype(np.float64)
        rows = columns[index, 1:].astype(np.float64)
        expected = solve_dense(rows, target, penalty)
        np.testing.assert_allclose(solved[row], expected, atol=1e-4)
        left += ((target - expected[0] - rows @ expected[1:]) ** 2).sum()
    assert (solved[9] == 0).all()
    assert squares == pytest.approx(left, rel=1e-4)


def test_fold_in_solves_the_normal_equations():
    model = converged()
    items = items_of(model)
    for user in range(N_USERS):
        expected = solve_user(user, items)
        found = model.fold_in(DATASET.profile(user)).vector[0]
        np.testing.assert_allclose(found, expected, atol=1e-4)
        stars = model.mean + model.unit * (items[:, 0] + expected[0] + items[:, 1:] @ expected[1:])
        scores = model.score([DATASET.profile(user)])[0]
        np.testing.assert_allclose(scores[:N_ITEMS], stars[:N_ITEMS], atol=1e-4)


def test_fold_in_is_the_half_step_of_the_training():
    from recsys.models.biased_als_kernel import solve_rows

    model = BiasedALS(replace(CONFIG, n_iterations=2)).fit(DATASET)
    ratings = sparse.csr_matrix(
        (standard(DATASET.rating).astype(np.float32), DATASET.item_index, DATASET.user_indptr),
        shape=(N_USERS, DATASET.n_items),
    )
    users = np.empty((N_USERS, 1 + N_FACTORS), dtype=np.float32)
    solve_rows(model.samples.items[:, 0].copy(), ratings, PENALTY, users, biases=True)
    for user in range(N_USERS):
        found = model.fold_in(DATASET.profile(user)).vector[0]
        np.testing.assert_allclose(found, users[user], atol=1e-4)


@pytest.mark.parametrize("power", [0.5, 1.0])
def test_lambda_may_grow_with_the_number_of_ratings(power):
    model = BiasedALS(replace(CONFIG, count_power=power)).fit(DATASET)
    items = items_of(model)
    for user in range(5):
        profile = DATASET.profile(user)
        rated = items[profile.item_index]
        target = standard(profile.rating.astype(np.float64)) - rated[:, 0]
        expected = solve_dense(rated[:, 1:], target, PENALTY * len(profile) ** power)
        np.testing.assert_allclose(model.fold_in(profile).vector[0], expected, atol=1e-4)
    assert (np.diff(model.losses) <= 1e-6 * model.losses[0]).all()
    plain = model.explain(DATASET.profile(0), [0])[0]
    score = model.score([DATASET.profile(0)])[0, 0]
    assert sum(part.value for part in plain) == pytest.approx(float(score), abs=1e-4)


def test_training_ends_where_no_item_can_be_bettered():
    items = items_of(converged())
    users = np.array([solve_user(user, items) for user in range(N_USERS)])
    for item in range(N_ITEMS):
        rows = np.flatnonzero(DATASET.item_index == item)
        by = users[DATASET.user_index[rows]]
        target = standard(DATASET.rating[rows].astype(np.float64)) - by[:, 0]
        np.testing.assert_allclose(items[item], solve_dense(by[:, 1:], target), atol=2e-3)


def test_loss_and_error_fall_and_are_what_they_say():
    model = converged()
    assert len(model.losses) == len(model.rmse) == CONFIG.n_iterations
    assert (np.diff(model.losses) <= 1e-5 * model.losses[0]).all()
    assert model.rmse[-1] < 0.9 * model.rmse[0]
    items = items_of(model)
    users = np.array([solve_user(user, items) for user in range(N_USERS)])
    u, i = DATASET.user_index, DATASET.item_index
    products = (users[u, 1:] * items[i, 1:]).sum(axis=1)
    error = standard(DATASET.rating.astype(np.float64)) - users[u, 0] - items[i, 0] - products
    assert model.rmse[-1] == pytest.approx(model.unit * np.sqrt((error**2).mean()), rel=1e-3)
    penalty = (PENALTY * (users**2).sum(axis=0)).sum() + (PENALTY * (items**2).sum(axis=0)).sum()
    assert model.losses[-1] == pytest.approx((error**2).sum() + penalty, rel=1e-3)


def test_the_fit_ends_when_the_loss_hardly_falls():
    losses = BiasedALS(replace(CONFIG, tolerance=0.01)).fit(DATASET).losses
    falls = 1 - np.array(losses[1:]) / losses[:-1]
    assert 2 <= len(losses) < 60
    assert (falls[:-1] >= 0.01).all()
    assert falls[-1] < 0.01


def test_progress_counts_the_sweeps():
    calls = []
    config = replace(CONFIG, n_iterations=3)
    BiasedALS(config).fit(DATASET, lambda *call: calls.append(call))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_threads_do_not_matter_and_seeds_do():
    rng = np.random.default_rng(0)
    rows = [(u, i, rng.integers(1, 6)) for u in range(300) for i in rng.choice(200, 40, False)]
    dataset = make_dataset(rows)
    config = BiasedALSConfig(n_factors=9, n_iterations=4)
    one, two, other = (
        BiasedALS(replace(config, n_threads=n, seed=seed)).fit(dataset).samples.items
        for n, seed in ((1, 1), (2, 1), (2, 2))
    )
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_the_unit_of_the_ratings_does_not_matter():
    doubled = make_dataset(
        [
            (int(u) + 1, int(DATASET.items.ids[i]), 2 * r)
            for u, i, r in zip(
                DATASET.user_index, DATASET.item_index, DATASET.rating.tolist(), strict=True
            )
        ],
        scale=(1, 10),
        unrated=[NEVER_RATED],
    )
    scores = BiasedALS(CONFIG).fit(doubled).score([doubled.profile(0)])
    np.testing.assert_allclose(scores, 2 * converged().score([DATASET.profile(0)]), atol=1e-3)


def test_biases_alone_and_factors_alone():
    profile = DATASET.profile(0)
    alone = BiasedALS(replace(CONFIG, n_factors=0)).fit(DATASET)
    assert alone.samples.items.shape == (N_ITEMS + 1, 1, 1)
    scores = alone.score([profile])[0, :N_ITEMS]
    # Everybody ranks alike: scores of two people differ by a constant.
    assert np.ptp(scores - alone.score([DATASET.profile(1)])[0, :N_ITEMS]) < 1e-5

    factors = BiasedALS(replace(CONFIG, biases=False)).fit(DATASET)
    assert (factors.samples.items[:, 0, 0] == 0).all()
    assert factors.fold_in(profile).vector[0, 0] == 0
    assert np.ptp(factors.score([profile])[0, :N_ITEMS]) > 0.1


def test_a_prediction_is_within_the_scale_and_a_score_need_not_be():
    dataset = make_dataset([(u, i, 5 if i < 6 else 0.5) for u in range(9) for i in range(1, 9)])
    model = BiasedALS(replace(CONFIG, bias_regularization=0.01, regularization=0.01)).fit(dataset)
    fan = make_profile(dataset, {7: 5.0, 8: 5.0})
    assert model.score([fan])[0].max() > 5.0
    rating, deviation = model.predict(fan, range(8))
    assert rating.dtype == np.float32
    assert rating.max() == 5.0
    assert deviation is None


def test_there_is_always_a_prediction():
    model, unrated = converged(), int(DATASET.items.index([NEVER_RATED])[0])
    items = items_of(model)
    newcomer, _ = model.predict(Profile.empty(), range(N_ITEMS))
    expected = np.clip(model.mean + model.unit * items[:N_ITEMS, 0], 0.5, 5.0)
    np.testing.assert_allclose(newcomer, expected, atol=1e-5)
    user_bias = model.fold_in(DATASET.profile(0)).vector[0, 0]
    of_unrated, _ = model.predict(DATASET.profile(0), [unrated])
    assert of_unrated[0] == pytest.approx(model.mean + model.unit * user_bias, abs=1e-5)
    only_unrated = Profile(np.array([unrated], np.int32), np.array([5.0], np.float32))
    np.testing.assert_array_equal(model.predict(only_unrated, range(N_ITEMS))[0], newcomer)
    assert model.predict(DATASET.profile(0), [])[0].size == 0


def test_a_prediction_is_the_score_cut_to_the_scale():
    model = converged()
    for user in range(N_USERS):
        profile = DATASET.profile(user)
        rating, _ = model.predict(profile, range(N_ITEMS))
        cut = np.clip(model.score([profile])[0, :N_ITEMS], 0.5, 5.0)
        np.testing.assert_allclose(rating, cut, atol=1e-5)


def test_more_stars_for_a_film_raise_its_kind():
    dataset = two_tastes()
    model = BiasedALS(replace(CONFIG, n_iterations=20)).fit(dataset)
    low, high = (
        model.score([make_profile(dataset, {1: stars, 11: 3.0})])[0] for stars in (1.0, 5.0)
    )
    assert (high[:10] - high[10:20].mean()).mean() > (low[:10] - low[10:20].mean()).mean() + 0.5


def test_the_config_of_the_sampling_survives_the_manifest():
    config = replace(CONFIG, sampling=replace(CONFIG.sampling, n_samples=7))
    assert config_from_dict("biased_als", config_to_dict(config)) == config
