"""Rows of factors in vector registers: what LLVM does not make of plain loops by itself.

Rows are handled as ``len(width)`` vectors of :data:`LANES` floats. A tuple's length is known when
the kernel is compiled, so every loop over a row is unrolled and a row that was multiplied is still
in its registers when it is added up. On processors with narrower vectors LLVM splits them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

LANES = 16
"""Floats in a vector; the number of factors is padded to a multiple of it."""

_FLOAT = ir.FloatType()
_VECTOR = ir.VectorType(_FLOAT, LANES)
_HALVES = ir.VectorType(ir.HalfType(), LANES)
_INT32, _INT64 = ir.IntType(32), ir.IntType(64)


def _compiled(describe: Callable[..., Any]) -> Callable[..., Any]:
    """Make an intrinsic, which kernels call without the typing context."""
    return cast("Callable[..., Any]", intrinsic(describe))


def _is_half(kind: Any) -> bool:
    """Numba has no float16 on processors: such factors come as their bits."""
    return bool(kind.dtype == types.uint16)


def _place(context: Any, builder: Any, kind: Any, array: Any, row: Any, column: int) -> Any:
    """Pointer to the vector that starts at ``array[row, column]``."""
    data = context.make_array(kind)(context, builder, array)
    at = [ir.Constant(_INT64, column)] if row is None else [row, ir.Constant(_INT64, column)]
    pointer = cgutils.get_item_pointer(  # type: ignore[no-untyped-call]
        context, builder, kind, data, at
    )
    return builder.bitcast(pointer, (_HALVES if _is_half(kind) else _VECTOR).as_pointer())


def _load(
    context: Any, builder: Any, kind: Any, array: Any, row: Any, width: int, *, widen: bool = True
) -> list[Any]:
    """Load a row; float16 becomes float32 if it is to be widened."""
    vectors = []
    for k in range(width):
        value = builder.load(_place(context, builder, kind, array, row, k * LANES))
        value.align = kind.dtype.bitwidth // 8
        vectors.append(builder.fpext(value, _VECTOR) if widen and _is_half(kind) else value)
    return vectors


def _store(context: Any, builder: Any, kind: Any, array: Any, row: Any, k: int, value: Any) -> None:
    stored = builder.store(value, _place(context, builder, kind, array, row, k * LANES))
    stored.align = kind.dtype.bitwidth // 8


def _index(context: Any, builder: Any, value: Any, kind: Any, offset: int = 0) -> Any:
    row = context.cast(builder, value, kind, types.intp)
    return builder.add(row, ir.Constant(_INT64, offset)) if offset else row


def _call(builder: Any, name: str, result: Any, arguments: list[Any], *flags: str) -> Any:
    kind = ir.FunctionType(result, [value.type for value in arguments])
    function = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
        builder.module, kind, name
    )
    return builder.call(function, arguments, fastmath=flags)


def _multiply_add(builder: Any, left: Any, right: Any, to: Any) -> Any:
    return _call(builder, "llvm.fmuladd.v16f32", _VECTOR, [left, right, to])


@_compiled
def ask(typing_context: Any, factors: Any, row: Any, width: Any) -> Any:
    """Ask for the cache lines of a row before it is needed."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind, row_kind, width_kind = signature.args
        place = _index(context, builder, arguments[1], row_kind)
        read, keep, data = (ir.Constant(_INT32, value) for value in (0, 3, 1))
        per_line = 512 // kind.dtype.bitwidth
        for column in range(0, len(width_kind) * LANES, per_line):
            pointer = _place(context, builder, kind, arguments[0], place, column)
            byte = builder.bitcast(pointer, ir.IntType(8).as_pointer())
            _call(builder, "llvm.prefetch.p0", ir.VoidType(), [byte, read, keep, data])
        return context.get_dummy_value()

    return types.void(factors, row, width), generate


@_compiled
def fetch(typing_context: Any, factors: Any, row: Any, buffer: Any, to: Any, width: Any) -> Any:
    """Copy ``factors[row]`` to ``buffer[to]``, both of one type."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind, row_kind, buffer_kind, to_kind, width_kind = signature.args
        source = _index(context, builder, arguments[1], row_kind)
        target = _index(context, builder, arguments[3], to_kind)
        vectors = _load(context, builder, kind, arguments[0], source, len(width_kind), widen=False)
        for k, value in enumerate(vectors):
            _store(context, builder, buffer_kind, arguments[2], target, k, value)
        return context.get_dummy_value()

    return types.void(factors, row, buffer, to, width), generate


@_compiled
def dots(typing_context: Any, rows: Any, start: Any, group: Any, vector: Any, width: Any) -> Any:
    """Dot products of ``len(group)`` rows from ``start`` with a vector, as a tuple."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind, start_kind, _, vector_kind, width_kind = signature.args
        n = len(width_kind)
        other = _load(context, builder, vector_kind, arguments[3], None, n)
        products = []
        for t in range(len(signature.return_type)):
            row = _index(context, builder, arguments[1], start_kind, t)
            own = _load(context, builder, kind, arguments[0], row, n)
            total = builder.fmul(own[0], other[0])
            for left, right in zip(own[1:], other[1:], strict=True):
                total = _multiply_add(builder, left, right, total)
            zero = ir.Constant(_FLOAT, -0.0)
            # "fast" lets the sixteen be summed as a tree.
            products.append(
                _call(builder, "llvm.vector.reduce.fadd.v16f32", _FLOAT, [zero, total], "fast")
            )
        return context.make_tuple(builder, signature.return_type, products)

    result = types.UniTuple(types.float32, len(group))  # type: ignore[no-untyped-call]
    return result(rows, start, group, vector, width), generate


@_compiled
def add_rows(typing_context: Any, out: Any, weights: Any, rows: Any, start: Any, width: Any) -> Any:
    """Add ``sum_t weights[t] rows[start + t]`` to ``out``; the weights are a tuple of float32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        out_kind, _, kind, start_kind, width_kind = signature.args
        n = len(width_kind)
        splats, loaded = [], []
        for t, weight in enumerate(
            cgutils.unpack_tuple(builder, arguments[1])  # type: ignore[no-untyped-call]
        ):
            nothing = ir.Constant(_VECTOR, ir.Undefined)
            single = builder.insert_element(nothing, weight, ir.Constant(_INT32, 0))
            everywhere = ir.Constant(ir.VectorType(_INT32, LANES), [0] * LANES)
            splats.append(builder.shuffle_vector(single, nothing, everywhere))
            row = _index(context, builder, arguments[3], start_kind, t)
            loaded.append(_load(context, builder, kind, arguments[2], row, n))
        before = _load(context, builder, out_kind, arguments[0], None, n)
        for k in range(n):
            # Summed apart from what was there: the next group waits for one addition only.
            total = builder.fmul(loaded[0][k], splats[0])
            for vectors, splat in zip(loaded[1:], splats[1:], strict=True):
                total = _multiply_add(builder, vectors[k], splat, total)
            value = builder.fadd(before[k], total)
            _store(context, builder, out_kind, arguments[0], None, k, value)
        return context.get_dummy_value()

    return types.void(out, weights, rows, start, width), generate
