"""Numeric kernel of the item-item model: how many users items share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

F = np.float32


@njit(parallel=True, fastmath=True, nogil=True, cache=True, error_model="numpy")
def _gram(
    item_indptr: Any,
    item_users: Any,
    item_weights: Any,
    user_indptr: Any,
    user_items: Any,
    user_weights: Any,
    out: Any,
) -> None:
    for item in prange(item_indptr.size - 1):
        row = out[item]
        for t in range(item_indptr[item], item_indptr[item + 1]):
            user, weight = item_users[t], item_weights[t]
            for s in range(user_indptr[user], user_indptr[user + 1]):
                other = user_items[s]
                if other > item:
                    break
                row[other] += weight * user_weights[s]


def lower_gram(matrix: Any) -> NDArray[np.float32]:
    """Lower triangle of ``matrix.T @ matrix`` as a dense array.

    Each row is summed by one thread in the order of the matrix' rows, so that the result does not
    depend on the number of threads. A sparse product would hold the result twice, a dense one
    would multiply mostly zeros.

    Parameters
    ----------
    matrix : csr float32[n_rows, n_items]
        Users, and what else links items; with sorted indices.

    Returns
    -------
    float32[n_items, n_items]
        Zero above the diagonal.
    """
    by_item = matrix.tocsc()
    out = np.zeros((matrix.shape[1], matrix.shape[1]), dtype=F)
    _gram(
        by_item.indptr,
        by_item.indices,
        by_item.data,
        matrix.indptr,
        matrix.indices,
        matrix.data,
        out,
    )
    return out
