"""Numeric kernel of the biased model: the least-squares problem of every row, solved exactly.

With the factors of the columns fixed, the bias and the factors of a row solve a small positive
definite system. One rating adds ``z z'`` to its matrix, with ``z = (1, q_i, r_ui - mu - b_i)``: the
normal matrix, its right side and the sum of squares are all parts of that one sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import get_num_threads, get_thread_id, njit, prange  # type: ignore[attr-defined]
from numpy.typing import NDArray

F = np.float32
LANES = 8
"""Rows of the buffer are padded to a multiple of so many numbers, for loops without a remainder."""

BLOCK = 64
"""So many ratings are summed in float32 before the sum goes to float64."""


@njit(fastmath=True, nogil=True, cache=True, error_model="numpy")
def _gather(
    columns: Any, indices: Any, target: Any, start: int, n: int, constant: Any, out: Any
) -> int:
    """Fill the buffer with the ratings' ``z``; return their number, padded to one of four."""
    f = columns.shape[1] - 1
    for t in range(n):
        i = indices[start + t]
        out[t, 0] = constant
        for k in range(1, f + 1):
            out[t, k] = columns[i, k]
        out[t, f + 1] = target[start + t] - columns[i, 0]
    padded = (n + 3) // 4 * 4
    for t in range(n, padded):
        for k in range(f + 2):
            out[t, k] = F(0)
    return padded


@njit(fastmath=True, nogil=True, cache=True, error_model="numpy")
def _add_products(rows: Any, n: int, width: int, out: Any) -> None:
    """Add ``sum_t z_t z_t'`` to the lower triangle, and a little above it."""
    for t in range(0, n, 4):
        for j in range(width):
            a0, a1, a2, a3 = rows[t, j], rows[t + 1, j], rows[t + 2, j], rows[t + 3, j]
            for k in range((j // LANES + 1) * LANES):
                out[j, k] += (
                    a0 * rows[t, k]
                    + a1 * rows[t + 1, k]
                    + a2 * rows[t + 2, k]
                    + a3 * rows[t + 3, k]
                )


@njit(nogil=True, cache=True, error_model="numpy")
def _solve(matrix: Any, size: int, x: Any) -> None:
    """Solve a positive definite system whose right side is row ``size``, by Cholesky, in place."""
    for j in range(size + 1):
        for k in range(min(j + 1, size)):
            total = matrix[j, k]
            for m in range(k):
                total -= matrix[j, m] * matrix[k, m]
            matrix[j, k] = np.sqrt(total) if j == k else total / matrix[k, k]
    for j in range(size - 1, -1, -1):
        total = matrix[size, j]
        for k in range(j + 1, size):
            total -= matrix[k, j] * x[k]
        x[j] = total / matrix[j, j]


@njit(parallel=True, fastmath=True, nogil=True, cache=True, error_model="numpy")
def _solve_rows(
    columns: Any,
    indptr: Any,
    indices: Any,
    target: Any,
    penalty: Any,
    count_power: float,
    constant: Any,
    solved: Any,
    bounds: Any,
    buffers: Any,
    sums: Any,
    matrices: Any,
    solutions: Any,
    squares: Any,
) -> None:
    size = columns.shape[1]
    width = size + 1
    for task in prange(bounds.size - 1):
        thread = get_thread_id()
        buffer, partial = buffers[thread], sums[thread]
        matrix, x = matrices[thread], solutions[thread]
        for row in range(bounds[task], bounds[task + 1]):
            first, last = indptr[row], indptr[row + 1]
            squares[row] = 0.0
            if first == last:
                solved[row, :] = F(0)
                continue
            matrix[:] = 0.0
            for start in range(first, last, BLOCK):
                n = min(BLOCK, last - start)
                padded = _gather(columns, indices, target, start, n, constant, buffer)
                partial[:] = F(0)
                _add_products(buffer, padded, width, partial)
                for j in range(width):
                    for k in range(j + 1):
                        matrix[j, k] += partial[j, k]
            strength = float(last - first) ** count_power
            for k in range(size):
                matrix[k, k] += strength * penalty[k]
            total = matrix[size, size]
            for k in range(size):  # the solver overwrites the right side
                matrix[size + 1, k] = matrix[size, k]
            _solve(matrix, size, x)
            for k in range(size):
                total -= x[k] * (matrix[size + 1, k] + strength * penalty[k] * x[k])
                solved[row, k] = x[k]
            squares[row] = total


def solve_rows(
    columns: NDArray[np.float32],
    matrix: Any,
    penalty: NDArray[np.float64],
    solved: NDArray[np.float32],
    *,
    biases: bool,
    count_power: float = 0.0,
) -> float:
    """Solve bias and factors of all rows together, given those of the columns.

    Row u minimises ``sum_i (r_ui - b_i - b_u - p_u.q_i)^2 + n_u^power (lambda_b b_u^2 + lambda
    |p_u|^2)``, where it has ``n_u`` ratings.
    The result does not depend on the number of threads: each row is summed in its own order.

    Parameters
    ----------
    columns : float32[n_columns, 1 + f]
        Bias and factors.
    matrix : csr float32[n_rows, n_columns]
        Ratings minus their mean.
    penalty : float64[1 + f]
        Lambda of the bias and of each factor.
    solved : float32[n_rows, 1 + f]
        Overwritten; rows without ratings become zero.
    biases : bool
        Without, all biases are zero.
    count_power : float

    Returns
    -------
    float
        Sum of the squared errors at the solution.
    """
    n_threads, size = get_num_threads(), columns.shape[1]
    width = (size + LANES) // LANES * LANES
    # Tasks of equal work: ratings, and the factorisation that every row costs.
    cost = np.concatenate([[0], np.cumsum(np.diff(matrix.indptr) + 1 + size // 6)])
    bounds = np.searchsorted(cost, np.linspace(0, cost[-1], 64 * n_threads + 1))
    squares = np.empty(len(solved))
    _solve_rows(
        columns,
        matrix.indptr,
        matrix.indices,
        matrix.data,
        penalty,
        float(count_power),
        F(biases),
        solved,
        np.unique(bounds),
        np.zeros((n_threads, BLOCK, width), dtype=F),
        np.empty((n_threads, width, width), dtype=F),
        np.empty((n_threads, size + 2, size + 1)),
        np.empty((n_threads, size)),
        squares,
    )
    return float(squares.sum())
