"""The best k of a row of scores, without ties left to chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys.errors import InvalidRequestError


def check_k(k: int) -> None:
    """Raise InvalidRequestError unless k is a length a list can be asked to have."""
    if k < 1:
        raise InvalidRequestError(f"k is the length of the list and must be 1 or more, not {k}.")


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
    candidates = np.flatnonzero(eligible).astype(np.int32)
    values = scores[candidates]
    known = ~np.isnan(values)
    floor = values[known].min() if known.any() else np.float32(0)
    # Sorting by (unknown, -score, index) needs only the part that can reach the list.
    sort_key = np.where(known, values, -np.inf)
    if candidates.size > k:
        threshold = -np.partition(-sort_key, k - 1)[k - 1]
        contenders = np.flatnonzero(sort_key >= threshold)
        candidates, values, sort_key = (
            candidates[contenders],
            values[contenders],
            sort_key[contenders],
        )
    order = np.argsort(-sort_key, kind="stable")[:k]
    best = values[order]
    return candidates[order], np.where(np.isnan(best), floor, best).astype(np.float32)
