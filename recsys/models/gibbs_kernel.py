"""Numeric kernels of the sampler: what a pass over all ratings has to do for one factor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import get_num_threads, njit, prange
from numpy.typing import NDArray

F = np.float32


@njit(parallel=True, fastmath=True, nogil=True, cache=True, error_model="numpy")
def _follow(
    error: Any,
    indptr: Any,
    indices: Any,
    moved: Any,
    last: Any,
    other: Any,
    bounds: Any,
    squares: Any,
    pulls: Any,
) -> None:
    for task in prange(bounds.size - 1):
        for row in range(bounds[task], bounds[task + 1]):
            step = moved[row]
            square = pull = 0.0
            for t in range(indptr[row], indptr[row + 1]):
                i = indices[t]
                left = error[t] - step * last[i]
                error[t] = left
                h = other[i]
                square += h * h
                pull += left * h
            squares[row] = square
            pulls[row] = pull


def follow(
    error: NDArray[np.float32],
    matrix: Any,
    moved: NDArray[np.float32],
    last: NDArray[np.float32],
    other: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bring the errors up to date with one factor, and gather what the draw of the next needs.

    Parameters
    ----------
    error : float32[n_ratings]
        Changed in place, in the order of the rows.
    matrix : csr [n_rows, n_columns]
    moved : float32[n_rows]
        By how much the last factor of each row has changed.
    last, other : float32[n_columns]
        The last and the next factor of the columns.

    Returns
    -------
    squares, pulls : float64[n_rows]
        Sums of ``h^2`` and of ``e h`` over the ratings of each row, h the next factor.
    """
    n_rows = len(moved)
    bounds = np.searchsorted(
        matrix.indptr, np.linspace(0, matrix.indptr[-1], 64 * get_num_threads() + 1)
    )
    bounds[0], bounds[-1] = 0, n_rows
    squares, pulls = np.empty(n_rows), np.empty(n_rows)
    _follow(
        error, matrix.indptr, matrix.indices, moved, last, other, np.unique(bounds), squares, pulls
    )
    return squares, pulls


@njit(fastmath=True, nogil=True, cache=True, error_model="numpy")
def draw_shared(
    indptr: Any,
    indices: Any,
    state: Any,
    noise: float,
    mean: float,
    precision: float,
    normals: Any,
    values: Any,
) -> None:
    """Draw one factor of the implicit features, one feature after the other.

    A feature moves all the rows that have it, so its draw needs but the rows' sums. One thread:
    each draw needs those before it.

    Parameters
    ----------
    indptr, indices
        The rows that have each feature, compressed.
    state : float64[n_rows, 3]
        With ``w = 1 / sqrt(n_row)``: ``w^2 sum h^2``, ``w sum e h`` and the change of the sum of
        the row's features; the last two are changed in place.
    noise, mean, precision : float
        Precision of the noise; mean and precision of the prior.
    normals : float32[n_features]
    values : float32[n_features]
        Changed in place.
    """
    for j in range(values.size):
        square = pull = 0.0
        for t in range(indptr[j], indptr[j + 1]):
            u = indices[t]
            square += state[u, 0]
            pull += state[u, 1]
        width = noise * square + precision
        middle = (noise * (pull + square * values[j]) + precision * mean) / width
        drawn = F(middle + normals[j] / np.sqrt(width))
        step = drawn - values[j]
        values[j] = drawn
        for t in range(indptr[j], indptr[j + 1]):
            u = indices[t]
            state[u, 1] -= state[u, 0] * step
            state[u, 2] += step
