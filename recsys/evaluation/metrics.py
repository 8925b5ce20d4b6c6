"""Accuracy of ranked lists.

Lists come as hits, with the number of items they could have hit:

``hits`` : bool[..., k]
    Whether the item at each rank is relevant, best first; False after the end of a shorter list.
``n_relevant`` : int[...]
    Relevant items there are for each list, listed or not.

Every metric gives float64[...], one value for each list. A user without a relevant item has no
value: NaN, which means leave out of the mean. An empty list of another user has 0. k counts the
places asked for: a list that ends early, because the catalogue is shorter or little is left of it,
is not judged by its length. The order is the ranking's, which puts the lower item index first where
scores are equal; no metric sees scores.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

Hits = NDArray[np.bool_]
Values = NDArray[np.float64]


def hits_of(lists: NDArray[np.int32], relevant: sparse.csr_matrix) -> Hits:
    """Mark the relevant items of lists.

    Parameters
    ----------
    lists : int32[n_users, k]
        Item indices, best first and each once; -1 after the end of a shorter list.
    relevant : csr [n_users, n_items]
        Stored entries are relevant.

    Returns
    -------
    bool[n_users, k]
    """
    n_users, n_items = relevant.shape
    wanted = np.repeat(np.arange(n_users), np.diff(relevant.indptr)) * n_items + relevant.indices
    wanted.sort()
    keys = np.arange(n_users)[:, None] * n_items + lists
    # Keys ascend from row to row, so that the search stays where it was.
    place = np.searchsorted(wanted, keys).clip(max=max(0, wanted.size - 1))
    found = wanted[place] == keys if wanted.size else np.zeros(keys.shape, dtype=np.bool_)
    found[lists < 0] = False
    return found


def hit_rate(hits: Hits, n_relevant: ArrayLike) -> Values:
    """1 for a list with a hit, 0 for one without: ``max_r hit_r``.

    Its mean is the share of users with a hit (Deshpande and Karypis 2004). They hold out one item
    each; with more of them one hit is still enough.

    Returns
    -------
    float64[...]
        0 or 1; NaN where nothing is relevant.
    """
    return _where_any(hits.any(axis=-1), n_relevant)


def precision(hits: Hits, n_relevant: ArrayLike) -> Values:
    """Share of the k places with a hit: ``sum_r hit_r / k``.

    Over k also where the list is shorter or fewer items are relevant, so that a user of few can't
    reach 1 (Manning, Raghavan and Schuetze 2008, precision at k).

    Returns
    -------
    float64[...]
        0 to ``min(k, n_relevant) / k``; NaN where nothing is relevant.
    """
    return _where_any(hits.mean(axis=-1), n_relevant)


def recall(hits: Hits, n_relevant: ArrayLike) -> Values:
    """Share of the relevant items that are listed: ``sum_r hit_r / n_relevant``.

    Over all relevant items, also where they are more than a list can hold, so that a user of many
    can't reach 1 (Manning, Raghavan and Schuetze 2008).

    Returns
    -------
    float64[...]
        0 to ``min(k, n_relevant) / n_relevant``; NaN where nothing is relevant.
    """
    return _where_any(hits.sum(axis=-1) / np.maximum(1, n_relevant), n_relevant)


def average_precision(hits: Hits, n_relevant: ArrayLike) -> Values:
    """Sum of the precision at each hit: ``sum_r hit_r precision_r / min(k, n_relevant)``.

    ``precision_r`` is the share of hits among the first r. Its mean is MAP@k. Over the most hits a
    list of k can have, so that a perfect list has 1 (McFee, Bertin-Mahieux, Ellis and Lanckriet
    2012). Where k is no limit this is the average precision of Manning, Raghavan and Schuetze 2008.

    Returns
    -------
    float64[...]
        0 to 1; NaN where nothing is relevant.
    """
    k = hits.shape[-1]
    at_rank = np.cumsum(hits, axis=-1) / np.arange(1, k + 1)
    total = (at_rank * hits).sum(axis=-1)
    return _where_any(total / np.clip(n_relevant, 1, k), n_relevant)


def reciprocal_rank(hits: Hits, n_relevant: ArrayLike) -> Values:
    """One over the rank of the first hit, ``1 / min {r : hit_r}``, and 0 without one.

    Its mean is MRR@k (Voorhees 1999). How many items are relevant does not matter.

    Returns
    -------
    float64[...]
        0, or ``1 / k`` to 1; NaN where nothing is relevant.
    """
    first = 1.0 / (1.0 + hits.argmax(axis=-1))
    return _where_any(np.where(hits.any(axis=-1), first, 0.0), n_relevant)


def ndcg(hits: Hits, n_relevant: ArrayLike) -> Values:
    """Normalised discounted cumulative gain, of gain 1 for each hit.

    ``sum_r hit_r / log2(r + 1)`` over the ranks ``r = 1..k``, divided by that of a list that
    begins with ``min(k, n_relevant)`` hits, so that a perfect list has 1 (Jarvelin and Kekalainen
    2002, with the discount of Burges et al. 2005).

    Returns
    -------
    float64[...]
        0 to 1; NaN where nothing is relevant.
    """
    k = hits.shape[-1]
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate([[np.nan], np.cumsum(discount)])
    return np.asarray(hits @ discount / ideal[np.minimum(n_relevant, k)])


def _where_any(values: ArrayLike, n_relevant: ArrayLike) -> Values:
    return np.where(np.asarray(n_relevant) > 0, values, np.nan).astype(np.float64)
