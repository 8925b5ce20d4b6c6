"""How much of the catalogue lists show, how well known it is, and how unlike its items are.

``lists`` is int32[n_lists, k] everywhere: item indices, best first, -1 after the end of a shorter
list. What is relevant matters to :func:`serendipity` alone; by the others every list is judged,
also of a user without a relevant item. A list without items is NaN by the means over its items,
and adds nothing to what is counted over all lists.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from recsys.evaluation.metrics import Hits, Values, precision

_DENSE_COLUMNS = 64
"""Features of so few columns are summed faster with their zeros than by looking for the others."""

_LISTS_AT_ONCE = 4096
"""Sums of a few hundred features each are some 20 MB."""


def coverage(lists: NDArray[np.int32], n_items: int) -> float:
    """Share of the catalogue that is in any list, ``|union of the lists| / n_items``.

    Catalogue coverage (Herlocker, Konstan, Terveen and Riedl 2004). It grows with the number of
    lists and with k: compare models on the same users.

    Parameters
    ----------
    lists : int32[n_lists, k]
    n_items : int
        Items that could be listed.

    Returns
    -------
    float
        0 to 1; 0 when nothing is listed.
    """
    return float(np.count_nonzero(_times_listed(lists, n_items)) / n_items)


def gini(lists: NDArray[np.int32], n_items: int) -> float:
    """Gini coefficient of how often each item of the catalogue is listed.

    ``sum_i (2i - n - 1) c_i / (n sum_i c_i)`` over the counts ``c`` of all n items in ascending
    order, items never listed among them (Fleder and Hosanagar 2009).

    Parameters
    ----------
    lists : int32[n_lists, k]
    n_items : int
        Items that could be listed.

    Returns
    -------
    float
        0 when all items are listed alike, ``1 - 1 / n_items`` when one has all places; NaN when
        nothing is listed.
    """
    counts = np.sort(_times_listed(lists, n_items)).astype(np.float64)
    if not counts.any():
        return float("nan")
    rank = np.arange(1, n_items + 1)
    return float((2 * rank - n_items - 1) @ counts / (n_items * counts.sum()))


def _times_listed(lists: NDArray[np.int32], n_items: int) -> NDArray[np.intp]:
    return np.bincount(lists[lists >= 0], minlength=n_items)


def novelty(lists: NDArray[np.int32], rating_count: NDArray[np.int32], n_users: int) -> Values:
    """Mean self-information of the listed items, ``-log2(rating_count_i / n_users)``.

    The rarer it is that a user rated an item, the more it says that one is shown it (Zhou, Kuscsik,
    Liu, Medo, Wakeling and Zhang 2010). An item nobody rated counts as one that a single user did.
    The mean is over the items there are, also where they are fewer than k.

    Parameters
    ----------
    lists : int32[n_lists, k]
    rating_count : int32[n_items]
        Users who rated each item in training.
    n_users : int
        Users in training.

    Returns
    -------
    float64[n_lists]
        In bits, 0 to ``log2(n_users)``; NaN for an empty list.
    """
    information = -np.log2(np.maximum(rating_count, 1) / n_users)
    return _mean_over(lists, information)


def popularity_percentile(lists: NDArray[np.int32], rating_count: NDArray[np.int32]) -> Values:
    """Mean percentile of the listed items' popularity.

    ``100 (below_i + same_i / 2) / n_items``: the items of fewer ratings than item i, and half of
    those of as many, itself among them. Average recommendation popularity (Yin, Cui, Li, Yao and
    Chen 2012) by rank, so that a few blockbusters don't decide. The mean is over the items there
    are, also where they are fewer than k.

    Parameters
    ----------
    lists : int32[n_lists, k]
    rating_count : int32[n_items]
        Users who rated each item in training.

    Returns
    -------
    float64[n_lists]
        Above 0, below 100, and 50 for random items; NaN for an empty list.
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
    """Mean cosine distance of all pairs of a list, ``mean_{i<j} (1 - cos(i, j))``.

    Diversity of Smyth and McClave 2001, with the cosine over features as the similarity (compare
    the intra-list similarity of Ziegler, McNee, Konstan and Lausen 2005). With rows of unit length
    the sum of cosines over the pairs of n items is ``(|sum of rows|^2 - n) / 2``. An item without
    features is unlike every other. The mean is over the pairs there are, also where the items are
    fewer than k.

    Parameters
    ----------
    lists : int32[n_lists, k]
    features : csr float[n_items, n_features]

    Returns
    -------
    float64[n_lists]
        0 for items alike to 1, or 2 with features below 0; NaN for a list of fewer than two items.
    """
    length = np.sqrt(np.asarray(features.multiply(features).sum(axis=1), dtype=np.float64).ravel())
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    units = sparse.csr_matrix(sparse.diags_array(scale) @ features)
    listed = lists >= 0
    size = listed.sum(axis=1)
    described = (listed & (length > 0)[lists]).sum(axis=1)
    similar = _squared_sums(lists, units) - described
    ordered_pairs = size * (size - 1)
    share: Values = np.divide(
        similar, ordered_pairs, out=np.full(len(lists), np.nan), where=size > 1
    )
    # Items alike would otherwise be below 0 by rounding.
    return np.maximum(0.0, 1.0 - share)


def _squared_sums(lists: NDArray[np.int32], units: sparse.csr_matrix) -> Values:
    """Squared length of the sum of each list's rows."""
    dense = units.toarray() if units.shape[1] <= _DENSE_COLUMNS else None
    squared = np.zeros(len(lists))
    for start in range(0, len(lists), _LISTS_AT_ONCE):
        part = lists[start : start + _LISTS_AT_ONCE]
        chosen = _choice(part, units.shape[0])
        if dense is None:
            total = sparse.csr_matrix(chosen @ units)
            total.data **= 2
            squares = np.asarray(total.sum(axis=1)).ravel()
        else:
            sums = chosen @ dense
            squares = np.einsum("ij,ij->i", sums, sums)
        squared[start : start + len(part)] = squares
    return squared


def _choice(lists: NDArray[np.int32], n_items: int) -> sparse.csr_matrix:
    """Matrix [n_lists, n_items], 1 where an item is listed."""
    listed = lists >= 0
    ends = np.concatenate([[0], np.cumsum(listed.sum(axis=1))])
    items = lists[listed]
    return sparse.csr_matrix((np.ones(items.size), items, ends), shape=(len(lists), n_items))


def serendipity(hits: Hits, expected: Hits, n_relevant: ArrayLike) -> Values:
    """Share of the k places with a hit that popularity would not have listed.

    ``sum_r hit_r (1 - expected_r) / k``, where the list of the most popular items stands for what
    anybody expects (Ge, Delgado-Battenfeld and Jannach 2010). Over k as in
    :func:`~recsys.evaluation.metrics.precision`, also where the list is shorter, so that it is
    never above the precision.

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
    return precision(hits & ~expected, n_relevant)
