"""Fitting the factors of implicit-feedback ALS: our kernel, and ``implicit`` as its reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from recsys.models.base import Progress
from recsys.models.threads import kernel_threads

N_STEPS = 3
"""Steps of conjugate gradients for each row and half-step; the warm start makes up for few."""

Sweep = tuple[NDArray[np.float32], float | None]
Fit = Callable[..., Iterator[Sweep]]


def fit_numba(
    observed: sparse.csr_matrix,
    *,
    n_factors: int,
    regularization: float,
    n_iterations: int,
    tolerance: float,
    seed: int,
    n_threads: int,
    progress: Progress,
) -> Iterator[Sweep]:
    """Alternate half-steps of our kernel until the loss hardly falls.

    Parameters
    ----------
    observed : csr float32[n_users, n_items]
        Confidences; a negative one stands for a preference of 0.
    n_factors : int
    regularization : float
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
    item_factors : float32[n_items, n_factors]
        After each iteration; the next one overwrites them.
    loss : float
        The objective in the middle of the iteration, after its half-step over the users.
    """
    from recsys.models.als_kernel import half_step, padded_width

    by_item = observed.T.tocsr()
    users, items = _first_factors(observed.shape, n_factors, seed)
    fill = ((0, 0), (0, padded_width(n_factors) - n_factors))
    users, items = np.pad(users, fill), np.pad(items, fill)
    diagonal = regularization * np.eye(users.shape[1], dtype=np.float32)
    before = np.inf
    for iteration in range(n_iterations):
        with kernel_threads(n_threads):
            of_items = items.T @ items
            half_step(of_items + diagonal, items, observed, users, N_STEPS)
            of_users = users.T @ users
            # The kernel meets every observation anyway: the loss between the half-steps is free.
            seen = half_step(of_users + diagonal, users, by_item, items, N_STEPS)
            whole = np.vdot(of_users.astype(np.float64), of_items)
        squares = np.trace(of_users) + np.trace(of_items)
        loss = float(seen + whole + regularization * squares)
        progress(iteration + 1, n_iterations)
        yield items[:, :n_factors], loss
        if tolerance > 0 and before - loss < tolerance * before:
            break
        before = loss


def fit_implicit(
    observed: sparse.csr_matrix,
    *,
    n_factors: int,
    regularization: float,
    n_iterations: int,
    tolerance: float,
    seed: int,
    n_threads: int,
    progress: Progress,
) -> Iterator[Sweep]:
    """Do what :func:`fit_numba` does with ``implicit``, but yield once, at the end, and no loss."""
    from implicit.cpu.als import AlternatingLeastSquares

    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=n_factors,
            regularization=regularization,
            alpha=1.0,  # the matrix holds the confidences c_ui already
            iterations=n_iterations,
            random_state=seed,
            num_threads=n_threads,
        )
        model.fit(
            observed,
            show_progress=False,
            callback=lambda iteration, *_: progress(iteration + 1, n_iterations),
        )
    yield model.item_factors, None


BACKENDS: dict[str, Fit] = {"numba": fit_numba, "implicit": fit_implicit}


def _first_factors(
    shape: tuple[int, int], n_factors: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw the same first factors as ``implicit``, so that the two can be compared."""
    rng = np.random.default_rng(seed)
    n_users, n_items = shape
    users = rng.random((n_users, n_factors), dtype=np.float32) * np.float32(0.01)
    items = rng.random((n_items, n_factors), dtype=np.float32) * np.float32(0.01)
    return users, items


def spectral_norm(matrix: sparse.csr_matrix, n_iterations: int = 20) -> float:
    """Return a matrix' largest singular value, by power iteration.

    Parameters
    ----------
    matrix : csr float32[n_rows, n_columns]
    n_iterations : int
    """
    vector = np.random.default_rng(0).standard_normal(matrix.shape[1])
    length = 0.0
    for _ in range(n_iterations):
        vector = matrix.T @ (matrix @ vector)
        length = float(np.linalg.norm(vector))
        if length == 0:
            break
        vector /= length
    return float(np.sqrt(length))
