"""Fitting the biased model: alternating solves, and samples of the posterior."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recsys.models.als_fit import spectral_norm
from recsys.models.base import Progress
from recsys.models.gibbs import Side
from recsys.models.item_samples import ItemSamples
from recsys.models.threads import kernel_threads

FIRST_SPREAD = 0.1
"""Standard deviation of the first factors."""

LARGEST_SHARE = 0.5
"""Lambda of the factors is at most this share of the ratings' spectral norm.

At the whole norm the best factors are all zero; data of a few dozen people would be there.
"""

USUAL_NOISE = 0.4
"""Share of noise in the variance of ratings, for which lambda means the same in both fits."""

FEW_RATINGS = 1_000_000
"""Up to so many the sampler stays in one thread."""


def alternate(
    ratings: sparse.csr_matrix,
    *,
    n_factors: int,
    penalty: tuple[float, float],
    count_power: float,
    biases: bool,
    n_iterations: int,
    tolerance: float,
    seed: int,
    n_threads: int,
    progress: Progress,
) -> Iterator[tuple[ItemSamples, float, float]]:
    """Solve users and items in turn until the loss hardly falls.

    Parameters
    ----------
    ratings : csr float32[n_users, n_items]
        Less their mean, in standard units.
    n_factors : int
    penalty : (float, float)
        Lambda of biases and of factors, the latter at most a share of what the data can bear.
    count_power : float
        Both are multiplied by the row's number of ratings to this power.
    biases : bool
        Without, all biases are zero.
    n_iterations : int
        At most so many.
    tolerance : float
        Ends the fit when an iteration takes less than this share off the loss.
    seed : int
    n_threads : int
        0 for all cores.
    progress : Progress

    Yields
    ------
    samples : ItemSamples
        A single one, after each iteration.
    loss : float
        The objective.
    rmse : float
        Error on the ratings trained on, in standard units.
    """
    from recsys.models.biased_als_kernel import solve_rows

    by_item = ratings.T.tocsr()
    weights = _weights(ratings, n_factors, penalty, count_power)
    of_users, of_items = (
        np.diff(matrix.indptr).astype(np.float64) ** count_power for matrix in (ratings, by_item)
    )
    users = np.zeros((ratings.shape[0], 1 + n_factors), dtype=np.float32)
    items = _first(ratings.shape[1], n_factors, np.random.default_rng(seed))
    before = np.inf
    for iteration in range(n_iterations):
        with kernel_threads(n_threads):
            solve_rows(items, ratings, weights, users, biases=biases, count_power=count_power)
            errors = solve_rows(
                users, by_item, weights, items, biases=biases, count_power=count_power
            )
        squares = sum(
            np.einsum("n,nk,nk->k", strength, x, x, dtype=np.float64)
            for strength, x in ((of_users, users), (of_items, items))
        )
        loss = errors + float(weights @ squares)
        progress(iteration + 1, n_iterations)
        samples = ItemSamples(
            items=items[:, None].copy(),  # the next iteration overwrites them
            implicit=np.empty((len(items), 1, 0), dtype=np.float16),
            user_mean=np.zeros((1, 1 + n_factors)),
            user_precision=weights[None],
            item_variance=1 / weights[None],
            noise=np.ones(1),
            constant=np.array([float(biases)]),
            count_power=np.array([count_power]),
        )
        yield samples, loss, float(np.sqrt(max(0.0, errors) / max(1, ratings.nnz)))
        if tolerance > 0 and before - loss < tolerance * before:
            break
        before = loss


def sample(
    ratings: sparse.csr_matrix,
    *,
    n_factors: int,
    penalty: tuple[float, float],
    implicit: bool,
    biases: bool,
    burn_in: int,
    n_samples: int,
    thinning: int,
    seed: int,
    n_threads: int,
    progress: Progress,
) -> tuple[ItemSamples, list[float]]:
    """Draw from the posterior by Gibbs sampling (Salakhutdinov and Mnih 2008).

    The priors are those of the point estimate, features having them too, but for their means,
    which are drawn like the precision of the noise.

    Parameters
    ----------
    ratings, n_factors, penalty, biases, seed, n_threads, progress
        As :func:`alternate` takes them.
    implicit : bool
        Also learn from which items were rated, whatever the stars.
    burn_in, n_samples, thinning : int
        Sweeps before the first sample, samples, and sweeps for each.

    Returns
    -------
    samples : ItemSamples
    rmse : list of float
        Error on the ratings trained on, after each sweep, in standard units.
    """
    rng = np.random.default_rng(seed)
    by_item = ratings.T.tocsr()
    place = np.arange(ratings.nnz)
    places = sparse.csr_matrix((place, ratings.indices, ratings.indptr), ratings.shape)
    to_items = places.T.tocsr().data  # where the ratings in the items' order are in the users'
    n_users, n_items = ratings.shape
    first_users, first_items = (_first(n, n_factors, rng) for n in (n_users, n_items))
    precision = _weights(ratings, n_factors, penalty) / USUAL_NOISE
    users = Side(ratings, by_item, first_users.T.copy(), precision, implicit=implicit)
    items = Side(by_item, ratings, first_items.T.copy(), precision, implicit=implicit)
    rated = items.own.used
    error = ratings.data - _products(users.total, items.total, ratings)
    kept: dict[str, list[NDArray[np.float64]]] = {}
    first = np.empty((n_items, n_samples, 1 + n_factors), dtype=np.float16)
    features = np.empty((n_items, n_samples, (1 + n_factors) * implicit), dtype=np.float16)
    n_sweeps = burn_in + n_samples * thinning
    rmse: list[float] = []
    # A kernel runs for each factor: on little data starting threads costs more than they save.
    with kernel_threads(n_threads if ratings.nnz > FEW_RATINGS else 1):
        for sweep in range(n_sweeps):
            squares = float(error @ error.astype(np.float64))
            noise = rng.gamma((error.size + 1) / 2, 2 / (1 + squares))
            users.sweep(items.total, error, noise, rng, biases=biases)
            turned = error[to_items]
            items.sweep(users.total, turned, noise, rng, biases=biases)
            error[to_items] = turned
            rmse.append(float(np.sqrt(np.mean(error**2, dtype=np.float64))))
            progress(sweep + 1, n_sweeps)
            done = sweep + 1 - burn_in
            if done > 0 and done % thinning == 0:
                n = done // thinning - 1
                # What no one rated is kept as the mean of its prior, which has a variance of its
                # own to go with it.
                first[:, n] = np.where(rated, items.total, items.own.mean[:, None]).T
                if users.shared is not None:
                    features[:, n] = np.where(rated, users.shared.values, 0).T
                for name, value in {
                    "user_mean": users.own.mean,
                    "user_precision": users.own.precision,
                    "item_variance": 1 / items.own.precision,
                    "noise": np.float64(noise),
                }.items():
                    kept.setdefault(name, []).append(np.array(value))
    stacked = {name: np.stack(values) for name, values in kept.items()}
    return (
        ItemSamples(
            items=first,
            implicit=features,
            constant=np.array([float(biases)]),
            count_power=np.zeros(1),
            **stacked,
        ),
        rmse,
    )


def _weights(
    ratings: sparse.csr_matrix,
    n_factors: int,
    penalty: tuple[float, float],
    count_power: float = 0.0,
) -> NDArray[np.float64]:
    """Lambda of the bias and of each factor, no more than the data can bear."""
    if count_power:
        return np.array([penalty[0], *[penalty[1]] * n_factors])
    strength = min(penalty[1], LARGEST_SHARE * spectral_norm(ratings)) or penalty[1]
    return np.array([penalty[0], *[strength] * n_factors])


def _first(n: int, n_factors: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw the first factors; the first biases are zero."""
    drawn = rng.standard_normal((n, 1 + n_factors), dtype=np.float32) * np.float32(FIRST_SPREAD)
    drawn[:, 0] = 0
    return drawn


def _products(
    users: NDArray[np.float32], items: NDArray[np.float32], ratings: sparse.csr_matrix
) -> NDArray[np.float32]:
    """Predict the ratings, factor by factor."""
    user = np.repeat(np.arange(ratings.shape[0]), np.diff(ratings.indptr))
    item = ratings.indices
    out: NDArray[np.float32] = users[0, user] + items[0, item]
    for k in range(1, len(users)):
        out += users[k, user] * items[k, item]
    return out
