"""How far predicted stars are off on MovieLens' own ratings: four fifths to learn, one to judge."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from recsys.data.readers import read_dataset
from recsys.models.biased_als import BiasedALS, BiasedALSConfig

pytestmark = pytest.mark.real_data


@cache
def split(folder):
    """Return the part to learn from, and user, item and stars of the part to judge by."""
    dataset, _ = read_dataset(folder)
    order = np.random.default_rng(42).permutation(dataset.n_ratings)
    cut = int(0.8 * dataset.n_ratings)
    learn, judge = np.sort(order[:cut]), np.sort(order[cut:])
    part = replace(
        dataset,
        user_index=dataset.user_index[learn],
        item_index=dataset.item_index[learn],
        rating=dataset.rating[learn],
        timestamp=None,
    )
    return part, dataset.user_index[judge], dataset.item_index[judge], dataset.rating[judge]


def errors(folder, **config):
    """Errors of all held-out ratings, and their deviations if the model gives any."""
    dataset, users, items, stars = split(folder)
    model = BiasedALS(BiasedALSConfig(**config)).fit(dataset)
    error = np.empty(len(stars))
    deviation = np.full(len(stars), np.nan)
    for user in np.unique(users):
        rows = users == user
        rating, spread = model.predict(dataset.profile(user), items[rows])
        error[rows] = rating - stars[rows]
        if spread is not None:
            deviation[rows] = spread
    return error, deviation


def rmse(error):
    return float(np.sqrt(np.mean(error**2)))


def test_biases_and_factors_together_are_better_than_either(real_data):
    both = rmse(errors(real_data)[0])
    assert both < 0.850
    assert both < rmse(errors(real_data, n_factors=0)[0]) - 0.01
    assert both < rmse(errors(real_data, biases=False)[0]) - 0.03


def test_the_posterior_is_better_still_and_knows_how_sure_it_is(real_data):
    error, deviation = errors(real_data, posterior=True)
    assert rmse(error) < 0.818
    assert 0.64 < np.mean(np.abs(error) < deviation) < 0.74
    # The surest third is off by much less than the least sure.
    low, high = np.quantile(deviation, [1 / 3, 2 / 3])
    assert rmse(error[deviation < low]) < 0.85 * rmse(error[deviation > high])
