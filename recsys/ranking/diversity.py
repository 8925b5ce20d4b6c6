"""Lists that show the breadth of a catalogue."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys.data.catalog import Catalog


def spread(candidates: NDArray[np.int32], catalog: Catalog, k: int) -> NDArray[np.int32]:
    """Pick items greedily so that each is unlike those already picked.

    Two items overlap by the Jaccard index of their genres, plus a half if they are of one decade.
    Each pick minimises its largest overlap with the earlier ones (maximal marginal relevance,
    Carbonell and Goldstein 1998, with relevance as the tie-breaker).

    Parameters
    ----------
    candidates : int32[n]
        Item indices, the most relevant first.
    catalog : Catalog
    k : int

    Returns
    -------
    int32[min(k, n)]
        In the order they were picked.
    """
    if not candidates.size:
        return candidates
    genres = catalog.genre_matrix[candidates].astype(np.float32)
    size = genres.sum(axis=1)
    year = catalog.year[candidates]
    # Items of unknown year share it with none.
    decade = np.where(year > 0, year // 10, -1 - np.arange(year.size))
    overlap = np.zeros(candidates.size)
    # Relevance only decides between equal overlaps: it spans less than any step of the overlap.
    position = np.arange(candidates.size) * (1e-4 / candidates.size)
    picked: list[int] = []
    for _ in range(min(k, candidates.size)):
        cost = overlap + position
        cost[picked] = np.inf
        best = int(np.argmin(cost))
        picked.append(best)
        shared = genres @ genres[best]
        union = np.maximum(size + size[best] - shared, 1)
        overlap = np.maximum(overlap, shared / union + 0.5 * (decade == decade[best]))
    return candidates[picked]
