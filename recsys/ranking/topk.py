"""The best k of a row of scores, without ties left to chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys.errors import InvalidRequestError


def check_k(k: int) -> None:
    """Raise InvalidRequestError unless k is a length a list can be asked to have."""
    if k < 1:
        raise InvalidRequestError(f"k is the length of the list and must be 1 or more, not {k}.")


_BLOCK = 128
"""Values whose maximum is looked at first."""


def top_k(
    scores: NDArray[np.float32], eligible: NDArray[np.bool_], k: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the eligible items of the highest scores, best first.

    Items the model can't score come after all that it can, at the lowest score it gave, so that a
    list always has ``min(k, number of eligible items)`` entries. Ties go to the lower item index,
    which is the lower item id.

    Parameters
    ----------
    scores : float32[n_items]
        NaN where the model cannot say.
    eligible : bool[n_items]
    k : int
        At least 1.

    Returns
    -------
    item_index : int32[m]
    scores : float32[m]
        Finite, never increasing.

    Raises
    ------
    InvalidRequestError
        If k is less than 1.
    """
    check_k(k)
    known = eligible & ~np.isnan(scores)
    index = np.flatnonzero(known)
    if index.size >= k:
        # A list of scored items alone: nothing else can reach it.
        values = scores[index]
        few = _contenders(values, k)
        best = few[np.argsort(-values[few], kind="stable")[:k]]
        return index[best].astype(np.int32), values[best].astype(np.float32)
    values = scores[index]
    order = np.argsort(-values, kind="stable")
    rest = np.flatnonzero(eligible & ~known)[: k - index.size]
    floor = values.min() if index.size else np.float32(0)
    return (
        np.concatenate([index[order], rest]).astype(np.int32),
        np.concatenate([values[order], np.full(rest.size, floor)]).astype(np.float32),
    )


def _contenders(values: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Return the few items among which the k highest are.

    The k-th highest of the blocks' maxima is a value that k items reach: finding it takes one pass,
    and far fewer comparisons than selecting among all items.
    """
    n_blocks = values.size // _BLOCK
    if n_blocks <= k:
        return np.arange(values.size)
    whole = n_blocks * _BLOCK
    maxima = values[:whole].reshape(n_blocks, _BLOCK).max(axis=1)
    bound = np.partition(maxima, n_blocks - k)[n_blocks - k]
    return np.flatnonzero(values >= bound)
