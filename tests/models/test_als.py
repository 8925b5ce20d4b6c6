from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from recsys.data.profile import Profile
from recsys.errors import InvalidRequestError
from recsys.models.als import ALS, ALSConfig
from recsys.models.base import Preference
from tests.builders import (
    COMEDY_ITEMS,
    HORROR_ITEMS,
    fit_model,
    make_dataset,
    make_profile,
    two_tastes,
    user_profile,
)

N_USERS, N_ITEMS = 30, 20
CONFIG = ALSConfig(n_factors=5, regularization=1.5, alpha=3.0, n_iterations=200)


def random_dataset():
    rng = np.random.default_rng(7)
    seen = rng.random((N_USERS, N_ITEMS)) < 0.3
    seen[np.arange(N_USERS), np.arange(N_USERS) % N_ITEMS] = True
    return make_dataset(
        [(u + 1, i + 1, rng.integers(1, 11) / 2) for u, i in np.argwhere(seen)], scale=(0.5, 5.0)
    )


DATASET = random_dataset()


@cache
def converged():
    return ALS(CONFIG).fit(DATASET)


def dense_ratings():
    ratings = np.full((N_USERS, N_ITEMS), np.nan)
    ratings[DATASET.user_index, DATASET.item_index] = DATASET.rating
    return ratings


def dense_evidence(ratings, overall_mean, config=CONFIG):
    """Return c_ui and p_ui as the docstrings say, from the ratings' distance to the damped mean."""
    preference = config.preference
    confidence, wanted = np.ones(ratings.shape), np.zeros(ratings.shape)
    for user, row in enumerate(ratings):
        rated = ~np.isnan(row)
        total, count = row[rated].sum(), rated.sum()
        mean = (total + preference.damping * overall_mean) / (count + preference.damping)
        weight = np.maximum(preference.floor, 1 + preference.gamma * (row[rated] - mean))
        against = 1 + preference.gamma * (mean - row[rated])
        wanted[user, rated] = row[rated] > mean - preference.dislike
        confidence[user, rated] = config.alpha * np.where(wanted[user, rated], weight, against)
    return confidence, wanted


def evidence():
    return dense_evidence(dense_ratings(), DATASET.rating.mean(dtype=np.float64))


def solve_user(confidence, wanted, item_factors, regularization):
    """Minimise sum_i c_i (p_i - x.y_i)^2 + lambda |x|^2 with dense matrices."""
    weights = np.diag(confidence)
    matrix = item_factors.T @ weights @ item_factors
    matrix += regularization * np.eye(item_factors.shape[1])
    return np.linalg.solve(matrix, item_factors.T @ weights @ wanted)


def objective(user_factors, item_factors, confidence, wanted, regularization):
    error = wanted - user_factors @ item_factors.T
    squares = (user_factors**2).sum() + (item_factors**2).sum()
    return (confidence * error**2).sum() + regularization * squares


def gradients(user_factors, item_factors, confidence, wanted, regularization):
    weighted = confidence * (wanted - user_factors @ item_factors.T)
    return (
        -2 * weighted @ item_factors + 2 * regularization * user_factors,
        -2 * weighted.T @ user_factors + 2 * regularization * item_factors,
    )


def folded_in(model, dataset):
    nothing = np.zeros(model.item_factors.shape[1])
    vectors = [model.fold_in(dataset.profile(user)) for user in range(dataset.n_users)]
    return np.array([nothing if vector is None else vector for vector in vectors], np.float64)


def test_the_data_holds_every_kind_of_evidence():
    observed = ~np.isnan(dense_ratings())
    confidence, wanted = evidence()
    assert (wanted[observed] == 0).sum() >= 10
    assert (wanted[observed] == 1).sum() >= 50
    assert np.ptp(confidence[observed]) > 2


def test_fold_in_solves_the_normal_equations():
    model = converged()
    item_factors = model.item_factors.astype(np.float64)
    confidence, wanted = evidence()
    for user in range(N_USERS):
        expected = solve_user(confidence[user], wanted[user], item_factors, model.regularization)
        profile = DATASET.profile(user)
        if not wanted[user].any():
            assert model.fold_in(profile) is None
            continue
        np.testing.assert_allclose(model.fold_in(profile), expected, atol=1e-4)
        np.testing.assert_allclose(model.score([profile])[0], item_factors @ expected, atol=1e-4)


def test_training_minimises_the_objective_of_the_docstring():
    model = converged()
    item_factors = model.item_factors.astype(np.float64)
    user_factors = folded_in(model, DATASET)
    terms = (*evidence(), model.regularization)
    reached = objective(user_factors, item_factors, *terms)

    nothing = objective(np.zeros_like(user_factors), np.zeros_like(item_factors), *terms)
    rng = np.random.default_rng(0)
    start = objective(
        rng.random(user_factors.shape) * 0.01, rng.random(item_factors.shape) * 0.01, *terms
    )
    assert reached < 0.8 * min(nothing, start)

    to_users, to_items = gradients(user_factors, item_factors, *terms)
    size = 2 * model.regularization * np.abs(item_factors).max()
    assert np.abs(to_users).max() < 1e-3 * size
    assert np.abs(to_items).max() < 1e-3 * size

    for _ in range(20):
        step = 0.05 * rng.standard_normal(item_factors.shape)
        assert objective(user_factors, item_factors + step, *terms) > reached
        step = 0.05 * rng.standard_normal(user_factors.shape)
        assert objective(user_factors + step, item_factors, *terms) > reached


@pytest.mark.parametrize("wrong", ["confidence", "preference", "regularization"])
def test_the_oracle_can_tell_another_objective(wrong):
    model, observed = converged(), ~np.isnan(dense_ratings())
    confidence, wanted = evidence()
    regularization = CONFIG.regularization
    if wrong == "confidence":
        confidence = np.where(observed, confidence + 1, confidence)
    elif wrong == "preference":
        wanted = observed.astype(float)
    else:
        regularization *= 2
    item_factors = model.item_factors.astype(np.float64)
    user_factors = folded_in(model, DATASET)
    _, to_items = gradients(user_factors, item_factors, confidence, wanted, regularization)
    assert np.abs(to_items).max() > 1e-2 * 2 * CONFIG.regularization * np.abs(item_factors).max()


def test_more_sweeps_end_lower():
    losses = []
    for n_iterations in (1, 3, 30):
        model = ALS(replace(CONFIG, n_iterations=n_iterations)).fit(DATASET)
        factors = model.item_factors.astype(np.float64)
        losses.append(
            objective(folded_in(model, DATASET), factors, *evidence(), CONFIG.regularization)
        )
    assert losses[0] > losses[1] > losses[2]


def test_progress_counts_the_sweeps():
    calls = []
    ALS(ALSConfig(n_factors=2, n_iterations=3)).fit(DATASET, lambda *call: calls.append(call))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_each_fan_gets_their_own_kind():
    dataset = two_tastes()
    model = fit_model("als", dataset)
    horror, comedy = dataset.items.index(HORROR_ITEMS), dataset.items.index(COMEDY_ITEMS)
    horror_fan, comedy_fan = model.score([user_profile(dataset, 1), user_profile(dataset, 101)])
    assert horror_fan[horror].mean() > 2 * horror_fan[comedy].mean()
    assert comedy_fan[comedy].mean() > 2 * comedy_fan[horror].mean()


def test_a_newcomer_of_one_film_gets_its_kind():
    dataset = two_tastes()
    scores = fit_model("als", dataset).score([make_profile(dataset, {3: 5.0})])[0]
    assert scores[:10].mean() > 2 * scores[10:20].mean()


def test_a_film_rated_low_weighs_less_than_one_rated_high():
    dataset = two_tastes()
    model = fit_model("als", dataset)
    mixed = make_profile(dataset, {1: 5.0, 11: 2.5})
    to_itself = [
        {part.item_index: part.value for part in parts}[item]
        for item, parts in zip([0, 10], model.explain(mixed, [0, 10]), strict=True)
    ]
    assert to_itself[0] > to_itself[1] > 0
    scores = model.score([mixed])[0]
    assert scores[:10].mean() > scores[10:20].mean()


@pytest.mark.parametrize("stars", [0.5, 1.0, 1.5])
def test_a_film_rated_far_below_the_mean_is_less_wanted_than_one_not_seen(stars):
    dataset = two_tastes()
    model = fit_model("als", dataset)
    liked = {1: 5.0, 12: 4.5, 13: 5.0}
    # Film 22 has no factors: its rating moves the mean as film 11's does and says nothing else.
    with_dislike = make_profile(dataset, liked | {11: stars})
    unseen = make_profile(dataset, liked | {22: stars})
    with_it, without_it = model.score([with_dislike, unseen])
    assert abs(with_it[10]) < abs(without_it[10])


def test_a_dislike_is_the_reason_of_no_score():
    dataset = two_tastes()
    parts = fit_model("als", dataset).explain(make_profile(dataset, {1: 5.0, 11: 0.5}), [0])[0]
    assert {part.item_index for part in parts} == {0}


def test_a_profile_of_dislikes_alone_says_nothing():
    dataset = two_tastes()
    model = fit_model("als", dataset)
    profile = make_profile(dataset, {11: 0.5, 12: 0.5})
    assert model.fold_in(profile) is None
    assert np.isnan(model.score([profile])).all()
    assert model.explain(profile, [0, 10]) == [[], []]


def test_more_stars_for_a_film_raise_its_kind():
    dataset = two_tastes()
    model = fit_model("als", dataset)
    means = [
        model.score([make_profile(dataset, {1: stars, 11: 3.0})])[0, :10].mean()
        for stars in (1.0, 3.0, 5.0)
    ]
    assert means == sorted(means)
    assert means[0] < means[2]


def test_weights_follow_the_stars_down_to_the_floor():
    weights = Preference(gamma=0.5, floor=0.1).weights(
        np.array([0.5, 3.0, 5.0], np.float32), 3.0, 1.0
    )
    assert weights.tolist() == pytest.approx([0.1, 1.0, 2.0])


def test_weights_do_not_depend_on_the_unit_of_the_scale():
    preference = Preference()
    stars = preference.weights(np.array([1, 3, 5], np.float32), 3.0, 1.0)
    of_ten = preference.weights(np.array([2, 6, 10], np.float32), 6.0, 2.0)
    assert of_ten.tolist() == pytest.approx(stars.tolist())


def test_the_mean_of_few_ratings_is_drawn_to_the_overall_mean():
    damped = Preference(damping=5.0).damped_mean
    assert damped(1.0, 1, 4.0) == pytest.approx((1 + 20) / 6)
    assert damped(1000.0, 1000, 4.0) == pytest.approx(1.015, abs=1e-3)
    assert damped(0.0, 0, 4.0) == 4.0


def test_items_without_ratings_and_description_have_no_factors():
    model = fit_model("als", two_tastes())
    assert (model.item_factors[21] == 0).all()
    assert (np.abs(model.item_factors[:21]).sum(axis=1) > 0).all()
    assert np.flatnonzero(model.mapped).tolist() == [20]


def test_a_film_without_ratings_goes_to_the_fans_of_its_kind():
    dataset = two_tastes()
    model = fit_model("als", dataset)
    horror_fan, comedy_fan = model.score([user_profile(dataset, 1), user_profile(dataset, 101)])
    assert horror_fan[20] > 2 * abs(comedy_fan[20])
    assert horror_fan[20] < horror_fan[:10].max()
    assert model.similar(20)[:10].min() > model.similar(20)[10:20].max()
    assert model.similar(0)[20] > model.similar(10)[20]


def test_the_fit_and_the_known_films_do_not_notice_a_mapped_one():
    dataset = two_tastes()
    model = fit_model("als", dataset)
    plain = fit_model("als", two_tastes(genres=None, years=None, tags=None))
    profile = user_profile(dataset, 1)
    np.testing.assert_allclose(model.item_factors[:20], plain.item_factors[:20], atol=1e-6)
    np.testing.assert_allclose(model.fold_in(profile), plain.fold_in(profile), atol=1e-5)


def test_a_rating_of_a_mapped_film_counts_like_any_other():
    dataset = two_tastes()
    model = fit_model("als", dataset)
    profile = make_profile(dataset, {1: 4.0, 21: 5.0})
    mean = model.config.preference.damped_mean(9.0, 2, model.overall_mean)
    confidence = 2.0 * (1 + 0.3 * (profile.rating - mean))
    factors = model.item_factors.astype(np.float64)
    # The mapped film is not among those that count as not rated: its whole confidence is new.
    matrix = factors[:20].T @ factors[:20] + model.regularization * np.eye(factors.shape[1])
    matrix += (confidence[0] - 1) * np.outer(factors[0], factors[0])
    matrix += confidence[1] * np.outer(factors[20], factors[20])
    expected = np.linalg.solve(matrix, confidence @ factors[[0, 20]])
    np.testing.assert_allclose(model.fold_in(profile), expected, atol=1e-4)
    parts = model.explain(profile, [5])[0]
    assert sum(part.value for part in parts) == pytest.approx(factors[5] @ expected, abs=1e-4)


def test_likeness_to_a_mapped_film_is_not_said_to_come_from_people():
    model = fit_model("als", two_tastes())
    to_rated, to_mapped = (model.explain_similar(0, [j])[0][0].feature for j in (1, 20))
    assert to_rated == "taste: liked by the same people"
    assert to_mapped == "taste: expected from genres, year and title"
    assert model.explain_similar(20, [0])[0][0].feature == to_mapped


def test_a_profile_of_films_nothing_is_known_of_says_nothing():
    dataset = two_tastes()
    model = fit_model("als", dataset)
    profile = make_profile(dataset, {22: 5.0})
    assert model.fold_in(profile) is None
    assert np.isnan(model.score([profile])).all()
    assert model.explain(profile, [0, 1]) == [[], []]


def test_an_unknown_film_in_a_profile_changes_no_vector_but_for_the_mean():
    dataset = two_tastes()
    model = fit_model("als", dataset)
    mean = model.config.preference.damped_mean(4.0, 1, model.overall_mean)
    alone = make_profile(dataset, {1: 4.0})
    along = Profile(np.array([0, 21], np.int32), np.array([4.0, mean], np.float32))
    np.testing.assert_allclose(model.fold_in(along), model.fold_in(alone), atol=1e-5)


def test_similarity_is_the_cosine_damped_by_the_evidence():
    model = fit_model("als", two_tastes())
    factors = model.item_factors[:20].astype(np.float64)
    length = np.linalg.norm(factors, axis=1)
    expected = factors @ factors[0] / length[0] / (length + np.median(length))
    np.testing.assert_allclose(model.similar(0)[:20], expected, atol=1e-5)
    assert np.isnan(model.similar(0)[21])


def test_more_factors_than_items_are_no_error():
    dataset = make_dataset([(1, 1, 5), (2, 1, 4), (2, 2, 3)])
    model = ALS(ALSConfig(n_factors=128, regularization=0.01)).fit(dataset)
    assert model.item_factors.shape == (2, 2)
    assert np.isfinite(model.score([dataset.profile(0)])).all()


def test_the_kernel_and_implicit_find_the_same_factors():
    ours, reference = (
        ALS(ALSConfig(n_factors=5, regularization=1.5, n_iterations=15, backend=backend)).fit(
            DATASET
        )
        for backend in ("numba", "implicit")
    )
    np.testing.assert_allclose(ours.item_factors, reference.item_factors, atol=1e-3)
    profiles = [DATASET.profile(user) for user in range(N_USERS)]
    np.testing.assert_allclose(ours.score(profiles), reference.score(profiles), atol=1e-3)


def test_the_reported_loss_is_the_objective_and_falls():
    model = ALS(ALSConfig(n_factors=5, regularization=1.5, alpha=3.0, n_iterations=60)).fit(DATASET)
    assert len(model.losses) == 60
    assert (np.diff(model.losses) <= 1e-5 * model.losses[0]).all()
    item_factors = model.item_factors.astype(np.float64)
    reached = objective(folded_in(model, DATASET), item_factors, *evidence(), model.regularization)
    assert model.losses[-1] == pytest.approx(reached, rel=1e-3)


def test_the_fit_ends_when_the_loss_hardly_falls():
    config = ALSConfig(n_factors=5, regularization=1.5, n_iterations=60, tolerance=0.01)
    losses = ALS(config).fit(DATASET).losses
    falls = 1 - np.array(losses[1:]) / losses[:-1]
    assert len(losses) < 60
    assert (falls[:-1] >= 0.01).all()
    assert falls[-1] < 0.01


def test_an_unknown_backend_is_refused():
    with pytest.raises(InvalidRequestError, match="numba, implicit"):
        ALS(ALSConfig(backend="gpu")).fit(DATASET)


def test_rows_longer_than_the_buffer_are_solved_all_the_same(monkeypatch):
    from recsys.models import als_kernel

    whole = ALS(CONFIG).fit(DATASET).item_factors
    monkeypatch.setattr(als_kernel, "BUFFER_BYTES", 3 * 16 * 4)
    np.testing.assert_allclose(ALS(CONFIG).fit(DATASET).item_factors, whole, atol=1e-4)


@pytest.mark.parametrize("n_factors", [5, 16, 20])
def test_factors_gathered_in_half_precision_reach_the_same_objective(monkeypatch, n_factors):
    from recsys.models import als_kernel

    config = replace(CONFIG, n_factors=n_factors)
    whole = ALS(config).fit(DATASET)
    monkeypatch.setattr(als_kernel, "CACHE_BYTES", 0)
    halved = ALS(config).fit(DATASET)
    assert not np.array_equal(halved.item_factors, whole.item_factors)
    assert halved.losses[-1] == pytest.approx(whole.losses[-1], rel=1e-3)
    profiles = [DATASET.profile(user) for user in range(N_USERS)]
    np.testing.assert_allclose(halved.score(profiles), whole.score(profiles), atol=5e-3)
