"""How many threads the kernels and the products of small matrices get."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


@cache
def _pools() -> ThreadpoolController:
    """Find the BLAS libraries, which takes longer than limiting them."""
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[Any]:
    """Keep products of small matrices in one thread.

    Threads that wait for each other at every product cost more than they save, on a busy machine
    ten times as much.
    """
    limited: AbstractContextManager[Any] = _pools().limit(limits=1, user_api="blas")
    return limited


@contextmanager
def kernel_threads(n_threads: int) -> Iterator[None]:
    """Give the kernel so many threads (0: all it may have), and the products of matrices one.

    Both are settings of the process: a generator must not yield inside.
    """
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(min(n_threads, before) if n_threads else before)
    try:
        with one_blas_thread():
            yield
    finally:
        numba.set_num_threads(before)
