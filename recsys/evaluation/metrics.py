"""Metrics of ranked lists."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def ndcg(hits: NDArray[np.bool_], n_relevant: ArrayLike) -> NDArray[np.float64]:
    """Normalised discounted cumulative gain with binary relevance (Jarvelin and Kekalainen 2002).

    ``sum_r hit_r / log2(r + 1)`` over the ranks ``r = 1..k``, divided by that of a list that
    begins with ``min(k, n_relevant)`` hits.

    Parameters
    ----------
    hits : bool[..., k]
        Whether the item at each rank is relevant; False where a list is shorter.
    n_relevant : int[...]
        Relevant items there are, of each list.

    Returns
    -------
    float64[...]
        0 to 1; NaN where nothing is relevant.
    """
    k = hits.shape[-1]
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate([[np.nan], np.cumsum(discount)])
    return np.asarray(hits @ discount / ideal[np.minimum(n_relevant, k)])
