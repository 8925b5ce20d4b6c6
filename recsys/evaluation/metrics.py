"""Metrics of ranked lists and of predicted ratings.

Lists come as hits: whether the item at each rank is relevant, one row for each user. A user
without a relevant item has no value: NaN, which means leave out.
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
        Item indices, best first; -1 after the end of a shorter list.
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
    """1 for a list with a hit, 0 for one without.

    Parameters
    ----------
    hits : bool[..., k]
    n_relevant : int[...]

    Returns
    -------
    float64[...]
    """
    return _where_any(hits.any(axis=-1), n_relevant)


def precision(hits: Hits, n_relevant: ArrayLike) -> Values:
    """Hits divided by k, also where the list is shorter or fewer items are relevant.

    Parameters
    ----------
    hits : bool[..., k]
    n_relevant : int[...]

    Returns
    -------
    float64[...]
        0 to 1; NaN where nothing is relevant.
    """
    return _where_any(hits.mean(axis=-1), n_relevant)


def recall(hits: Hits, n_relevant: ArrayLike) -> Values:
    """Hits divided by the number of relevant items, even if that is more than k.

    Parameters
    ----------
    hits : bool[..., k]
    n_relevant : int[...]

    Returns
    -------
    float64[...]
        0 to 1; NaN where nothing is relevant.
    """
    return _where_any(hits.sum(axis=-1) / np.maximum(1, n_relevant), n_relevant)


def average_precision(hits: Hits, n_relevant: ArrayLike) -> Values:
    """Mean of the precision at each hit, over ``min(k, n_relevant)``; its mean is MAP@k.

    Parameters
    ----------
    hits : bool[..., k]
    n_relevant : int[...]

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
    """One over the rank of the first hit, 0 without one; its mean is MRR@k.

    Parameters
    ----------
    hits : bool[..., k]
    n_relevant : int[...]

    Returns
    -------
    float64[...]
        0 to 1; NaN where nothing is relevant.
    """
    first = 1.0 / (1.0 + hits.argmax(axis=-1))
    return _where_any(np.where(hits.any(axis=-1), first, 0.0), n_relevant)


def ndcg(hits: Hits, n_relevant: ArrayLike) -> Values:
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


def _where_any(values: ArrayLike, n_relevant: ArrayLike) -> Values:
    return np.where(np.asarray(n_relevant) > 0, values, np.nan).astype(np.float64)


def rmse(predicted: NDArray[np.float32], rating: NDArray[np.float32]) -> float:
    """Root mean square error of predicted ratings.

    Parameters
    ----------
    predicted : float32[n]
        Every rating has to be predicted: leaving the hard ones out would flatter.
    rating : float32[n]

    Raises
    ------
    ValueError
        If a prediction is missing.
    """
    return float(np.sqrt(np.mean(_errors(predicted, rating) ** 2)))


def mae(predicted: NDArray[np.float32], rating: NDArray[np.float32]) -> float:
    """Mean absolute error of predicted ratings.

    Parameters
    ----------
    predicted : float32[n]
        As for :func:`rmse`.
    rating : float32[n]

    Raises
    ------
    ValueError
        If a prediction is missing.
    """
    return float(np.mean(np.abs(_errors(predicted, rating))))


def _errors(predicted: NDArray[np.float32], rating: NDArray[np.float32]) -> Values:
    errors = predicted.astype(np.float64) - rating
    if not np.isfinite(errors).all():
        raise ValueError(f"{int((~np.isfinite(errors)).sum())} ratings are without a prediction")
    return np.asarray(errors)


def coverage(lists: NDArray[np.int32], n_items: int) -> float:
    """Share of the catalogue that is in any list.

    Parameters
    ----------
    lists : int32[n_users, k]
        -1 after the end of a shorter list.
    n_items : int
    """
    return float(np.unique(lists[lists >= 0]).size / n_items)


def gini(lists: NDArray[np.int32], n_items: int) -> float:
    """Gini coefficient of how often each item of the catalogue is listed.

    ``sum_i (2i - n - 1) c_i / (n sum_i c_i)`` over the counts in ascending order: 0 when all items
    are listed alike, near 1 when few have all places.

    Parameters
    ----------
    lists : int32[n_users, k]
        -1 after the end of a shorter list.
    n_items : int

    Returns
    -------
    float
        NaN when nothing is listed.
    """
    counts = np.sort(np.bincount(lists[lists >= 0], minlength=n_items)).astype(np.float64)
    if not counts.any():
        return float("nan")
    rank = np.arange(1, n_items + 1)
    return float((2 * rank - n_items - 1) @ counts / (n_items * counts.sum()))


def novelty(lists: NDArray[np.int32], rating_count: NDArray[np.int32], n_users: int) -> Values:
    """Mean self-information of the listed items (Vargas and Castells 2011).

    ``-log2 p(i)``, where ``p(i)`` is the share of users who rated item i; an item nobody rated
    counts as one that a single user did.

    Parameters
    ----------
    lists : int32[n_lists, k]
        -1 after the end of a shorter list.
    rating_count : int32[n_items]
    n_users : int

    Returns
    -------
    float64[n_lists]
        In bits; NaN for an empty list.
    """
    information = -np.log2(np.maximum(rating_count, 1) / n_users)
    return _mean_over(lists, information)


def popularity_percentile(lists: NDArray[np.int32], rating_count: NDArray[np.int32]) -> Values:
    """Mean percentile of the listed items' popularity.

    Parameters
    ----------
    lists : int32[n_lists, k]
        -1 after the end of a shorter list.
    rating_count : int32[n_items]
        Items of the same count share the middle of their places.

    Returns
    -------
    float64[n_lists]
        0 to 100; NaN for an empty list.
    """
    ordered = np.sort(rating_count)
    below = np.searchsorted(ordered, rating_count, side="left")
    upto = np.searchsorted(ordered, rating_count, side="right")
    return _mean_over(lists, 50.0 * (below + upto) / rating_count.size)


def _mean_over(lists: NDArray[np.int32], of_item: Values) -> Values:
    """Mean of a property over the items of each list."""
    listed = lists >= 0
    total = np.where(listed, of_item[lists], 0.0).sum(axis=-1)
    size = listed.sum(axis=-1)
    mean: Values = np.divide(total, size, out=np.full(total.shape, np.nan), where=size > 0)
    return mean


def intra_list_diversity(lists: NDArray[np.int32], features: sparse.csr_matrix) -> Values:
    """Mean cosine distance of all pairs of a list (Ziegler, McNee, Konstan and Lausen 2005).

    With rows of unit length the sum over pairs of cosines is ``(|sum of rows|^2 - n) / 2``.

    Parameters
    ----------
    lists : int32[n_lists, k]
        -1 after the end of a shorter list.
    features : csr float[n_items, n_features]
        An item without features is unlike every other.

    Returns
    -------
    float64[n_lists]
        NaN for a list of fewer than two items.
    """
    length = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
    scale = np.divide(1.0, length, out=np.zeros_like(length, dtype=np.float64), where=length > 0)
    units = sparse.diags_array(scale) @ features
    listed = lists >= 0
    row = np.broadcast_to(np.arange(len(lists))[:, None], lists.shape)[listed]
    chosen = sparse.csr_matrix(
        (np.ones(row.size), (row, lists[listed])), shape=(len(lists), features.shape[0])
    )
    total = sparse.csr_matrix(chosen @ units)
    squares = np.asarray(total.multiply(total).sum(axis=1)).ravel()
    own = np.asarray(chosen @ (length > 0).astype(np.float64)).ravel()
    size = listed.sum(axis=1)
    pairs = size * (size - 1) / 2
    similar = (squares - own) / 2
    unlike: Values = np.divide(
        pairs - similar, pairs, out=np.full(len(lists), np.nan), where=pairs > 0
    )
    return unlike


def serendipity(hits: Hits, expected: Hits, n_relevant: ArrayLike) -> Values:
    """Hits that popularity would not have listed, divided by k (Ge, Delgado and Jannach 2010).

    Parameters
    ----------
    hits : bool[..., k]
    expected : bool[..., k]
        Whether the item at each rank is also in the popularity list of that user.
    n_relevant : int[...]

    Returns
    -------
    float64[...]
        0 to 1; NaN where nothing is relevant.
    """
    return _where_any((hits & ~expected).mean(axis=-1), n_relevant)
