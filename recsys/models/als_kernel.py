"""Numeric kernel of implicit-feedback ALS: one half-step over all rows.

For each row of a sparse matrix the kernel improves its factor vector by a few steps of conjugate
gradients on the normal equations (Takacs, Pilaszy and Tikk 2011). The factor rows of its entries
are gathered once into a contiguous buffer, on which all steps run; gathering them from memory at
every step is what bounds a straightforward implementation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import get_num_threads, get_thread_id, njit, prange  # type: ignore[attr-defined]
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import NDArray

F = np.float32
AHEAD = 12
"""Entries between asking for a row of factors and reading it."""

BUFFER_ROWS = 16_384
"""Longer rows are gathered again, in blocks of so many entries, at every step."""


@njit(fastmath=True, nogil=True, cache=True, inline="always", error_model="numpy")
def _dot(a: Any, b: Any, n: int) -> Any:
    total = F(0)
    for k in range(n):
        total += a[k] * b[k]
    return total


@njit(fastmath=True, nogil=True, cache=True, error_model="numpy")
def _times(gram: Any, vector: Any, out: Any) -> None:
    """Symmetric matrix times vector, without a transposed access."""
    n = vector.size
    for j in range(n):
        out[j] = F(0)
    k = 0
    while k + 4 <= n:
        v0, v1, v2, v3 = vector[k], vector[k + 1], vector[k + 2], vector[k + 3]
        for j in range(n):
            out[j] += (
                gram[k, j] * v0 + gram[k + 1, j] * v1 + gram[k + 2, j] * v2 + gram[k + 3, j] * v3
            )
        k += 4
    while k < n:
        for j in range(n):
            out[j] += gram[k, j] * vector[k]
        k += 1


@njit(fastmath=True, nogil=True, cache=True, error_model="numpy")
def _weighted_sum(rows: Any, n: int, confidence: Any, vector: Any, out: Any) -> None:
    """Add ``sum_t (|c_t| - 1) (y_t . vector) y_t`` over the first n rows to ``out``.

    Four rows at a time, so that the loops over factors are long enough to be worth their start.
    """
    f = vector.size
    t = 0
    while t + 4 <= n:
        d0 = d1 = d2 = d3 = F(0)
        for k in range(f):
            v = vector[k]
            d0 += rows[t, k] * v
            d1 += rows[t + 1, k] * v
            d2 += rows[t + 2, k] * v
            d3 += rows[t + 3, k] * v
        d0 *= abs(confidence[t]) - F(1)
        d1 *= abs(confidence[t + 1]) - F(1)
        d2 *= abs(confidence[t + 2]) - F(1)
        d3 *= abs(confidence[t + 3]) - F(1)
        for k in range(f):
            out[k] += (
                d0 * rows[t, k] + d1 * rows[t + 1, k] + d2 * rows[t + 2, k] + d3 * rows[t + 3, k]
            )
        t += 4
    while t < n:
        d = F(0)
        for k in range(f):
            d += rows[t, k] * vector[k]
        d *= abs(confidence[t]) - F(1)
        for k in range(f):
            out[k] += d * rows[t, k]
        t += 1


@njit(fastmath=True, nogil=True, cache=True, error_model="numpy")
def _residual(rows: Any, n: int, confidence: Any, x: Any, out: Any) -> float:
    """Add the observed part of the residual at ``x`` to ``out``; return that of the loss."""
    f = x.size
    loss = 0.0
    t = 0
    while t + 2 <= n:
        d0 = d1 = F(0)
        for k in range(f):
            v = x[k]
            d0 += rows[t, k] * v
            d1 += rows[t + 1, k] * v
        c0, c1 = confidence[t], confidence[t + 1]
        p0, p1 = F(c0 > F(0)), F(c1 > F(0))
        a0, a1 = abs(c0), abs(c1)
        loss += a0 * (p0 - d0) * (p0 - d0) - d0 * d0 + a1 * (p1 - d1) * (p1 - d1) - d1 * d1
        w0 = a0 * p0 - (a0 - F(1)) * d0
        w1 = a1 * p1 - (a1 - F(1)) * d1
        for k in range(f):
            out[k] += w0 * rows[t, k] + w1 * rows[t + 1, k]
        t += 2
    if t < n:
        d = F(0)
        for k in range(f):
            d += rows[t, k] * x[k]
        c = confidence[t]
        p = F(c > F(0))
        a = abs(c)
        loss += a * (p - d) * (p - d) - d * d
        w = a * p - (a - F(1)) * d
        for k in range(f):
            out[k] += w * rows[t, k]
    return loss


@intrinsic
def _prefetch(typing_context: Any, array: Any, row: Any, column: Any) -> Any:
    """Ask for the cache line of an element before it is needed."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = signature.args[0]
        data = context.make_array(kind)(context, builder, arguments[0])
        place = [
            context.cast(builder, value, given, types.intp)
            for value, given in zip(arguments[1:], signature.args[1:], strict=True)
        ]
        pointer = cgutils.get_item_pointer(  # type: ignore[no-untyped-call]
            context, builder, kind, data, place
        )
        byte = ir.IntType(8).as_pointer()
        flag = ir.IntType(32)
        function = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            builder.module,
            ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag]),
            "llvm.prefetch.p0",
        )
        read, keep, data_cache = (ir.Constant(flag, value) for value in (0, 3, 1))
        builder.call(function, [builder.bitcast(pointer, byte), read, keep, data_cache])
        return context.get_dummy_value()

    return types.void(array, row, column), generate


@njit(fastmath=True, nogil=True, cache=True, error_model="numpy")
def _gather(factors: Any, indices: Any, start: int, n: int, out: Any) -> None:
    f = factors.shape[1]
    for t in range(n):
        if t + AHEAD < n:
            soon = indices[start + t + AHEAD]
            for k in range(0, f, 16):
                _prefetch(factors, soon, k)  # type: ignore[call-arg]
        i = indices[start + t]
        for k in range(f):
            out[t, k] = factors[i, k]


@njit(fastmath=True, nogil=True, cache=True, error_model="numpy")
def _solve_row(
    gram: Any,
    factors: Any,
    indices: Any,
    confidence: Any,
    x: Any,
    n_steps: int,
    buffer: Any,
    work: Any,
) -> float:
    """Improve one vector; return the observed part of its loss before that."""
    n, f, room = indices.size, x.size, buffer.shape[0]
    r, p, ap = work[0], work[1], work[2]
    _times(gram, x, ap)
    for k in range(f):
        r[k] = -ap[k]
    loss = 0.0
    for start in range(0, n, room):
        some = min(room, n - start)
        _gather(factors, indices, start, some, buffer)
        loss += _residual(buffer, some, confidence[start:], x, r)
    rs = _dot(r, r, f)
    if rs < F(1e-20):
        return loss
    for k in range(f):
        p[k] = r[k]
    for _ in range(n_steps):
        _times(gram, p, ap)
        for start in range(0, n, room):
            some = min(room, n - start)
            if n > room:  # the buffer holds another part of the row
                _gather(factors, indices, start, some, buffer)
            _weighted_sum(buffer, some, confidence[start:], p, ap)
        step = rs / _dot(p, ap, f)
        for k in range(f):
            x[k] += step * p[k]
            r[k] -= step * ap[k]
        left = _dot(r, r, f)
        if left < F(1e-20):
            break
        ratio = left / rs
        for k in range(f):
            p[k] = r[k] + ratio * p[k]
        rs = left
    return loss


@njit(parallel=True, fastmath=True, nogil=True, cache=True, error_model="numpy")
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
                indices[start:end],
                confidence[start:end],
                solved[row],
                n_steps,
                buffers[thread],
                works[thread],
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
        ``factors.T @ factors + lambda I``.
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
    room = int(min(BUFFER_ROWS, entries.max(initial=1)))
    # Tasks of equal work: entries, and the product with the Gram matrix that every row costs.
    cost = np.concatenate([[0], np.cumsum(entries + f // 4)])
    bounds = np.searchsorted(cost, np.linspace(0, cost[-1], 64 * n_threads + 1))
    losses = np.empty(len(entries))
    _half_step(
        gram,
        factors,
        matrix.indptr,
        matrix.indices,
        matrix.data,
        solved,
        np.unique(bounds),
        n_steps,
        np.empty((n_threads, room, f), dtype=F),
        np.empty((n_threads, 3, f), dtype=F),
        losses,
    )
    return float(losses.sum())
