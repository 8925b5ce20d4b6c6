"""The sampled posterior of the biased model."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from recsys.data.profile import Profile
from recsys.models.biased_als import BiasedALS, BiasedALSConfig, Sampling
from recsys.models.registry import config_to_dict, restore
from tests.builders import make_dataset

N_USERS, N_ITEMS, NOISE = 150, 90, 1.0
SMALL = BiasedALSConfig(
    n_factors=3,
    posterior=True,
    sampling=Sampling(burn_in=4, n_samples=3, thinning=2),
)
NEVER_RATED = 999


def simulated(seed=0):
    """Draw ratings from the model; return all of them and which are seen."""
    rng = np.random.default_rng(seed)
    users, items = rng.normal(0, 0.8, (N_USERS, 3)), rng.normal(0, 0.8, (N_ITEMS, 3))
    mean = 5 + rng.normal(0, 0.5, (N_USERS, 1)) + rng.normal(0, 0.5, N_ITEMS)
    rating = mean + users @ items.T + rng.normal(0, NOISE, mean.shape)
    return rating.astype(np.float32), rng.random(mean.shape) < 0.15


def dataset_of(rating, seen):
    rows = [(u + 1, i + 1, float(rating[u, i])) for u, i in np.argwhere(seen)]
    return make_dataset(rows, scale=(-20, 30), unrated=[NEVER_RATED])


@cache
def tiny():
    """Return a data set and a quick fit that no test may change, with features or without."""
    rating, seen = simulated()
    dataset = dataset_of(rating[:30], seen[:30])
    return dataset, {
        implicit: BiasedALS(
            replace(SMALL, sampling=replace(SMALL.sampling, implicit=implicit))
        ).fit(dataset)
        for implicit in (False, True)
    }


either = pytest.mark.parametrize("implicit", [False, True])


def held_out(model, dataset, rating, seen):
    """Errors and deviations of the predictions of all ratings that were not seen."""
    errors, deviations = [], []
    for user in range(N_USERS):
        rest = np.flatnonzero(~seen[user])
        index = dataset.items.find(rest + 1)
        predicted, deviation = model.predict(dataset.profile(user), index)
        errors.append(predicted - rating[user, rest])
        deviations.append(np.full(rest.size, np.nan) if deviation is None else deviation)
    return np.concatenate(errors), np.concatenate(deviations)


@pytest.mark.parametrize("seed", [0, 1])
def test_it_beats_the_point_estimate_and_knows_how_sure_it_is(seed):
    rating, seen = simulated(seed)
    dataset = dataset_of(rating, seen)
    config = replace(
        SMALL,
        regularization=1.0,  # what the factors were drawn with
        bias_regularization=1.0,
        sampling=Sampling(burn_in=40, n_samples=40, implicit=False),
    )
    posterior, deviation = held_out(BiasedALS(config).fit(dataset), dataset, rating, seen)
    # The same priors, but their mode instead of the mean.
    point = replace(config, posterior=False, n_iterations=50)
    mode, _ = held_out(BiasedALS(point).fit(dataset), dataset, rating, seen)
    assert np.mean(posterior**2) < np.mean(mode**2)
    assert 0.60 < np.mean(np.abs(posterior) < deviation) < 0.76
    assert 0.90 < np.mean(np.abs(posterior) < 2 * deviation) < 0.98
    # Noise is part of the deviation, and what is less sure is further off.
    assert deviation.min() > 0.8 * NOISE
    wide = deviation > np.median(deviation)
    assert np.abs(posterior[wide]).mean() > np.abs(posterior[~wide]).mean()


def test_features_help_where_what_is_watched_tells_the_taste():
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 2, N_USERS)[:, None] == rng.integers(0, 2, N_ITEMS)
    rating = (5 + 2 * kind + rng.normal(0, 2, kind.shape)).astype(np.float32)
    seen = rng.random(kind.shape) < np.where(kind, 0.15, 0.02)
    seen[np.arange(N_USERS), np.arange(N_USERS) % N_ITEMS] = True
    dataset = dataset_of(rating, seen)
    error = {}
    for implicit in (False, True):
        sampling = Sampling(burn_in=20, n_samples=20, implicit=implicit)
        model = BiasedALS(replace(SMALL, sampling=sampling)).fit(dataset)
        error[implicit] = np.sqrt(np.mean(held_out(model, dataset, rating, seen)[0] ** 2))
    assert error[True] < 0.97 * error[False]


@either
def test_predictions_follow_the_formulas(implicit):
    """Mean and variance, sample by sample, with dense matrices."""
    dataset, models = tiny()
    model = models[implicit]
    samples = model.samples
    profile = dataset.profile(3)
    target = (profile.rating.astype(np.float64) - model.mean) / model.unit
    means, variances = [], []
    for s in range(3):
        items = samples.items[:, s].astype(np.float64)
        design = np.column_stack([np.ones(len(items)), items[:, 1:]])
        shared = np.zeros(4)
        if implicit:
            shared = samples.implicit[profile.item_index, s].astype(np.float64).sum(axis=0)
            shared /= np.sqrt(len(profile))
        rows, noise = design[profile.item_index], samples.noise[s]
        prior = np.diag(samples.user_precision[s])
        matrix = noise * rows.T @ rows + prior
        left = target - items[profile.item_index, 0] - rows @ shared
        own = np.linalg.solve(matrix, noise * rows.T @ left + prior @ samples.user_mean[s])
        means.append(items[:, 0] + design @ (own + shared))
        variances.append(1 / noise + np.diag(design @ np.linalg.inv(matrix) @ design.T))
    rated = np.flatnonzero(model.rated)
    rating, deviation = model.predict(profile, rated)
    expected = model.mean + model.unit * np.mean(means, axis=0)
    np.testing.assert_allclose(rating, expected[rated], rtol=1e-5)
    variance = np.mean(variances, axis=0) + np.var(means, axis=0)
    np.testing.assert_allclose(deviation, model.unit * np.sqrt(variance[rated]), rtol=1e-5)
    np.testing.assert_allclose(model.score([profile])[0, rated], expected[rated], atol=1e-4)


@either
def test_contributions_add_up_to_the_scores(implicit):
    dataset, models = tiny()
    model = models[implicit]
    for user in range(dataset.n_users):
        profile = dataset.profile(user)
        scores = model.score([profile])[0]
        for parts, score in zip(
            model.explain(profile, range(dataset.n_items)), scores, strict=True
        ):
            if np.isnan(score):
                assert parts == []
            else:
                assert sum(part.value for part in parts) == pytest.approx(score, abs=1e-4)
                rated = {part.item_index for part in parts if part.source == "rating"}
                assert rated == set(profile.item_index.tolist())


@either
def test_one_more_star_moves_a_score_by_its_share(implicit):
    """Contributions are linear in the stars: two profiles differ by what the star says."""
    dataset, models = tiny()
    model, before = models[implicit], dataset.profile(0)
    stars = before.rating.copy()
    stars[2] += 1
    after = Profile(before.item_index, stars)
    shares = [
        {part.item_index: part.value for part in model.explain(profile, [5])[0]}
        for profile in (before, after)
    ]
    scores = model.score([before, after])[:, 5]
    moved = {item for item in shares[0] if abs(shares[0][item] - shares[1][item]) > 1e-9}
    assert moved == {int(before.item_index[2])}
    item = moved.pop()
    assert scores[1] - scores[0] == pytest.approx(shares[1][item] - shares[0][item], abs=1e-4)


@either
def test_restored_it_predicts_the_same_to_the_bit(implicit):
    dataset, models = tiny()
    model, profile = models[implicit], tiny()[0].profile(1)
    back = restore("biased_als", config_to_dict(model.config), model.arrays(), {})
    np.testing.assert_array_equal(back.score([profile]), model.score([profile]))
    for ours, theirs in zip(
        back.predict(profile, range(dataset.n_items)),
        model.predict(profile, range(dataset.n_items)),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_the_seed_decides_everything_and_threads_nothing(monkeypatch):
    from recsys.models import biased_als_fit

    monkeypatch.setattr(biased_als_fit, "FEW_RATINGS", 0)
    dataset, _ = tiny()
    one, two, other = (
        BiasedALS(replace(SMALL, n_threads=n, seed=seed)).fit(dataset).arrays()
        for n, seed in ((1, 1), (2, 1), (1, 2))
    )
    for name, array in one.items():
        np.testing.assert_array_equal(array, two[name], err_msg=name)
    assert not np.array_equal(one["items"], other["items"])


@either
def test_it_is_least_sure_of_nobody_and_of_what_nobody_rated(implicit):
    dataset, models = tiny()
    model, unrated = models[implicit], int(dataset.items.index([NEVER_RATED])[0])
    profile = dataset.profile(0)
    _, of_rated = model.predict(profile, profile.item_index)
    _, of_unrated = model.predict(profile, [unrated])
    _, of_nobody = model.predict(Profile.empty(), profile.item_index)
    assert of_unrated[0] > np.median(of_rated)
    assert of_nobody.mean() > of_rated.mean()
    assert np.isnan(model.score([profile])[0, unrated])
    assert np.isfinite(model.predict(profile, [unrated])[0]).all()


def test_without_biases_there_are_none():
    dataset, _ = tiny()
    model = BiasedALS(replace(SMALL, biases=False)).fit(dataset)
    assert (model.samples.items[:, :, 0] == 0).all()
    assert (model.fold_in(dataset.profile(0)).vector[:, 0] == 0).all()


def test_progress_counts_the_sweeps_and_the_error_falls():
    dataset, _ = tiny()
    calls = []
    model = BiasedALS(SMALL).fit(dataset, lambda *call: calls.append(call))
    assert calls == [(n, 10) for n in range(1, 11)]
    assert len(model.rmse) == 10
    assert model.losses == []
    assert model.rmse[-1] < model.rmse[0]


@pytest.mark.parametrize(
    "rows",
    [
        [(1, 1, 5.0)],
        [(1, 1, 3.0), (1, 2, 3.0), (2, 1, 3.0)],
        [(1, 1, 5.0), (2, 1, 1.0)],
    ],
)
def test_the_smallest_data(rows):
    dataset = make_dataset(rows)
    model = BiasedALS(SMALL).fit(dataset)
    rating, deviation = model.predict(dataset.profile(0), range(dataset.n_items))
    assert np.isfinite(rating).all()
    assert np.isfinite(deviation).all()
