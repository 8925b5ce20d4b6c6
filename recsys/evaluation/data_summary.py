"""How the ratings of a data set are spread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recsys.data.catalog import Catalog
from recsys.evaluation.results import DataSummary

N_BARS = 20
"""More distinct ratings than these are put together in so many classes."""

N_POINTS = 150
"""Points of the curve of popularity."""

N_GENRES = 10
"""The most common ones, whose films are counted by decade."""


def summarise(
    catalog: Catalog, ratings_per_user: NDArray[np.int64], rating: NDArray[np.float32]
) -> DataSummary:
    """Count ratings by their value, by film and by user, and films by genre and decade.

    Parameters
    ----------
    catalog : Catalog
        Its counts are those of the ratings.
    ratings_per_user : int[n_users]
    rating : float32[n_ratings]
    """
    return DataSummary(
        ratings=_ratings(rating),
        long_tail=_long_tail(catalog.rating_count),
        activity=_activity(ratings_per_user),
        genres=_genres(catalog),
    )


def _ratings(rating: NDArray[np.float32]) -> tuple[tuple[float, int], ...]:
    values, counts = np.unique(rating, return_counts=True)
    if values.size > N_BARS:
        counts, edges = np.histogram(rating, bins=N_BARS)
        values = (edges[:-1] + edges[1:]) / 2
    return tuple((round(float(v), 3), int(n)) for v, n in zip(values, counts, strict=True))


def _long_tail(count: NDArray[np.int32]) -> tuple[tuple[int, int], ...]:
    ordered = np.sort(count[count > 0])[::-1]
    if not ordered.size:
        return ()
    rank = np.unique(np.geomspace(1, ordered.size, N_POINTS).round().astype(np.int64))
    return tuple((int(place), int(ordered[place - 1])) for place in rank)


def _activity(per_user: NDArray[np.int64]) -> tuple[tuple[int, int], ...]:
    """Users by number of ratings, in classes that begin with 1, 2, 5, 10, 20, 50 and so on."""
    most = int(per_user.max(initial=1))
    starts = [step * 10**power for power in range(len(str(most))) for step in (1, 2, 5)]
    starts = [start for start in starts if start <= most]
    place = np.searchsorted(starts, per_user[per_user > 0], side="right") - 1
    users = np.bincount(place, minlength=len(starts))
    first = int(np.flatnonzero(users)[0]) if users.any() else 0
    return tuple(zip(starts[first:], users[first:].tolist(), strict=True))


def _genres(catalog: Catalog) -> tuple[tuple[str, int, int], ...]:
    total = catalog.genre_matrix.sum(axis=0)
    dated = catalog.year > 0
    decade = catalog.year // 10 * 10
    found = []
    for column in np.argsort(-total, kind="stable")[:N_GENRES]:
        decades = decade[dated & catalog.genre_matrix[:, column]]
        for start, films in zip(*np.unique(decades, return_counts=True), strict=True):
            found.append((str(catalog.genre_names[column]), int(start), int(films)))
    return tuple(found)
