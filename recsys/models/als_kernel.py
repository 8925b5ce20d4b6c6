"""Numeric kernel of implicit-feedback ALS: one half-step over all rows.

For each row of a sparse matrix the kernel improves its factor vector by a few steps of conjugate
gradients on the normal equations (Takacs, Pilaszy and Tikk 2011). The factor rows of its entries
are gathered once into a contiguous buffer, on which all steps run; gathering them from memory at
every step is what bounds a straightforward implementation.

Gathering moves most of the bytes. Factors too many for the cache are gathered from a copy in
float16, half as long, and stay so in the buffer; everything is calculated in float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import get_num_threads, get_thread_id, njit, prange  # type: ignore[attr-defined]
from numpy.typing import NDArray

from recsys.models.vectors_kernel import LANES, add_rows, ask, dots, fetch

F = np.float32
AHEAD_BYTES = 3072
"""Factors between asking for a row and reading it: further ahead, they are gone again."""

BUFFER_BYTES = 1 << 24
"""Rows whose factors take more are gathered again, in blocks, at every step."""

CACHE_BYTES = 1 << 21
"""Factors of more bytes are gathered from a copy in float16."""

EXACT = {"contract", "nsz", "nnan", "ninf", "arcp"}
"""Liberties of the compiler that leave the order of sums alone: code that was compiled just now and
code from the cache are optimised differently, and have to give the same bytes."""

_PAIR = (0, 0)
_ONE = (0,)


@njit(fastmath=EXACT, nogil=True, error_model="numpy")
def _times(gram: Any, vector: Any, out: Any, width: Any) -> None:
    """Symmetric matrix times vector, as a sum of its rows."""
    for k in range(LANES * len(width)):
        out[k] = F(0)
    for k in range(0, LANES * len(width), 4):
        four = (vector[k], vector[k + 1], vector[k + 2], vector[k + 3])
        add_rows(out, four, gram, k, width)


@njit(fastmath=EXACT, nogil=True, error_model="numpy")
def _fetch_entry(factors: Any, indices: Any, entry: int, out: Any, to: int, width: Any) -> None:
    """Copy one entry's factors and ask for those of a later one, be it the next row's."""
    ahead = AHEAD_BYTES // (LANES * len(width) * factors.itemsize)
    if entry + ahead < indices.size:
        ask(factors, indices[entry + ahead], width)
    fetch(factors, indices[entry], out, to, width)


@njit(fastmath=EXACT, nogil=True, error_model="numpy")
def _gather(factors: Any, indices: Any, start: int, n: int, out: Any, width: Any) -> None:
    for t in range(n):
        _fetch_entry(factors, indices, start + t, out, t, width)


@njit(fastmath=EXACT, nogil=True, error_model="numpy")
def _weighted_sum(rows: Any, confidence: Any, vector: Any, out: Any, width: Any) -> None:
    """Add ``sum_t (|c_t| - 1) (y_t . vector) y_t`` to ``out``."""
    n = confidence.size
    t = 0
    while t + 2 <= n:
        d0, d1 = dots(rows, t, _PAIR, vector, width)
        w0 = (abs(confidence[t]) - F(1)) * d0
        w1 = (abs(confidence[t + 1]) - F(1)) * d1
        add_rows(out, (w0, w1), rows, t, width)
        t += 2
    if t < n:
        (d0,) = dots(rows, t, _ONE, vector, width)
        add_rows(out, ((abs(confidence[t]) - F(1)) * d0,), rows, t, width)


@njit(fastmath=EXACT, nogil=True, error_model="numpy")
def _misfit(c: Any, d: Any) -> Any:
    """Weight of a row in the residual, and its loss, given the product of its factors."""
    a, p = abs(c), F(c > F(0))
    return a * p - (a - F(1)) * d, a * (p - d) * (p - d) - d * d


@njit(fastmath=EXACT, nogil=True, error_model="numpy")
def _residual(
    factors: Any,
    indices: Any,
    start: int,
    confidence: Any,
    x: Any,
    rows: Any,
    out: Any,
    width: Any,
) -> float:
    """Gather the rows; add the observed part of the residual at ``x`` to ``out``.

    Returns that of the loss. Calculating between two fetches hides what these wait for.
    """
    n = confidence.size
    loss = 0.0
    t = 0
    while t + 2 <= n:
        _fetch_entry(factors, indices, start + t, rows, t, width)
        _fetch_entry(factors, indices, start + t + 1, rows, t + 1, width)
        d0, d1 = dots(rows, t, _PAIR, x, width)
        w0, loss0 = _misfit(confidence[t], d0)
        w1, loss1 = _misfit(confidence[t + 1], d1)
        add_rows(out, (w0, w1), rows, t, width)
        loss += loss0 + loss1
        t += 2
    if t < n:
        _fetch_entry(factors, indices, start + t, rows, t, width)
        (d0,) = dots(rows, t, _ONE, x, width)
        w0, loss0 = _misfit(confidence[t], d0)
        add_rows(out, (w0,), rows, t, width)
        loss += loss0
    return loss


@njit(fastmath=EXACT, nogil=True, error_model="numpy")
def _solve_row(
    gram: Any,
    factors: Any,
    indices: Any,
    first: int,
    confidence: Any,
    x: Any,
    n_steps: int,
    buffer: Any,
    work: Any,
    width: Any,
) -> float:
    """Improve one vector; return the observed part of its loss before that."""
    n, f, room = confidence.size, LANES * len(width), buffer.shape[0]
    r, p, ap = work[0], work[1], work[2]
    _times(gram, x, ap, width)
    for k in range(f):
        r[k] = -ap[k]
    loss = 0.0
    for start in range(0, n, room):
        part = confidence[start : start + room]
        loss += _residual(factors, indices, first + start, part, x, buffer, r, width)
    (rs,) = dots(work, 0, _ONE, r, width)
    if rs < F(1e-20):
        return loss
    for k in range(f):
        p[k] = r[k]
    for _ in range(n_steps):
        _times(gram, p, ap, width)
        for start in range(0, n, room):
            part = confidence[start : start + room]
            if n > room:  # the buffer holds another part of the row
                _gather(factors, indices, first + start, part.size, buffer, width)
            _weighted_sum(buffer, part, p, ap, width)
        (curvature,) = dots(work, 1, _ONE, ap, width)
        step = rs / curvature
        for k in range(f):
            x[k] += step * p[k]
            r[k] -= step * ap[k]
        (left,) = dots(work, 0, _ONE, r, width)
        if left < F(1e-20):
            break
        ratio = left / rs
        for k in range(f):
            p[k] = r[k] + ratio * p[k]
        rs = left
    return loss


@njit(parallel=True, fastmath=EXACT, nogil=True, cache=True, error_model="numpy")
def _half_step(
    gram: Any,
    factors: Any,
    indptr: Any,
    indices: Any,
    confidence: Any,
    solved: Any,
    bounds: Any,
    n_steps: int,
    buffers: Any,
    works: Any,
    losses: Any,
    width: Any,
) -> None:
    for task in prange(bounds.size - 1):
        thread = get_thread_id()
        for row in range(bounds[task], bounds[task + 1]):
            start, end = indptr[row], indptr[row + 1]
            if start == end:
                solved[row, :] = F(0)
                losses[row] = 0.0
                continue
            losses[row] = _solve_row(
                gram,
                factors,
                indices,
                start,
                confidence[start:end],
                solved[row],
                n_steps,
                buffers[thread],
                works[thread],
                width,
            )


def half_step(
    gram: NDArray[np.float32],
    factors: NDArray[np.float32],
    matrix: Any,
    solved: NDArray[np.float32],
    n_steps: int,
) -> float:
    """Improve the factors of all rows, given those of the columns.

    The result does not depend on the number of threads: each row is summed in its own order.

    Parameters
    ----------
    gram : float32[f, f]
        ``factors.T @ factors + lambda I``; f is a multiple of :data:`LANES`, see
        :func:`padded_width`.
    factors : float32[n_columns, f]
    matrix : csr float32[n_rows, n_columns]
        Confidences; a negative one stands for a preference of 0.
    solved : float32[n_rows, f]
        Improved in place; rows without entries become zero.
    n_steps : int
        Steps of conjugate gradients.

    Returns
    -------
    float
        ``sum_obs c (p - x.y)^2 - (x.y)^2`` at the factors before the step.
    """
    n_threads, f = get_num_threads(), factors.shape[1]
    entries = np.diff(matrix.indptr)
    # Tasks of equal work: entries, and the product with the Gram matrix that every row costs.
    cost = np.concatenate([[0], np.cumsum(entries + f // 4)])
    bounds = np.searchsorted(cost, np.linspace(0, cost[-1], 64 * n_threads + 1))
    losses = np.empty(len(entries))
    kind = np.uint16 if factors.nbytes > CACHE_BYTES else F
    most = max(1, BUFFER_BYTES // (f * np.dtype(kind).itemsize))
    room = int(min(most, entries.max(initial=1)))
    _half_step(
        gram,
        factors if kind is F else factors.astype(np.float16).view(kind),
        matrix.indptr,
        matrix.indices,
        matrix.data,
        solved,
        np.unique(bounds),
        n_steps,
        np.empty((n_threads, room, f), dtype=kind),
        np.empty((n_threads, 3, f), dtype=F),
        losses,
        (0,) * (f // LANES),
    )
    return float(losses.sum())


def padded_width(n_factors: int) -> int:
    """Return the number of factors with the zeros that fill the last vector."""
    return -(-n_factors // LANES) * LANES
