"""What the MovieLens sets look like in numbers: the shapes that made-up ones are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Quantiles = tuple[tuple[float, float], ...]
"""Pairs of a share of the rows, ascending, and the count that so many do not exceed."""


@dataclass(frozen=True)
class Shape:
    """Counts of a data set, and how they are spread.

    Attributes
    ----------
    name : str
        Names the folder: ``data/bench-<name>``.
    n_users, n_items, n_ratings : int
        Users and movies with a rating, and ratings.
    n_listed : int
        Movies in ``movies.csv``, rated or not.
    largest_item_id : int
        Movie ids have gaps up to it.
    user_counts, item_counts : Quantiles
        Of the ratings per user and per rated movie; the rest is above the last.
    user_top, item_top : tuple of int
        The largest counts, ascending.
    histogram : tuple of float
        Share of each rating from 0.5 to 5.0.
    first_year, last_year : int
        When people rated.
    oldest : int
        Year of the oldest movies.
    n_tags, n_genome_items, n_genome_tags : int
        Rows of ``tags.csv``; movies and tags of the genome. 0 for none.
    """

    name: str
    n_users: int
    n_items: int
    n_ratings: int
    n_listed: int
    largest_item_id: int
    user_counts: Quantiles
    user_top: tuple[int, ...]
    item_counts: Quantiles
    item_top: tuple[int, ...]
    histogram: tuple[float, ...]
    first_year: int
    last_year: int
    oldest: int = 1915
    n_tags: int = 0
    n_genome_items: int = 0
    n_genome_tags: int = 0

    def per_user(self) -> NDArray[np.int64]:
        """Ratings of each user, ascending."""
        return spread(self.user_counts, self.user_top, self.n_users, self.n_ratings)

    def per_item(self) -> NDArray[np.int64]:
        """Ratings of each rated movie, ascending."""
        return spread(self.item_counts, self.item_top, self.n_items, self.n_ratings)


_WHOLE_100K = (0, 0.0611, 0, 0.1137, 0, 0.27145, 0, 0.34174, 0, 0.21201)
_WHOLE_1M = (0, 0.0562, 0, 0.1075, 0, 0.2611, 0, 0.3489, 0, 0.2263)
_HALF_25M = tuple(
    count / 25_000_095
    for count in (
        *(393_068, 776_815, 399_490, 1_640_868, 1_262_797),
        *(4_896_928, 3_177_318, 6_639_798, 2_200_539, 3_612_474),
    )
)

SHAPES = {
    shape.name: shape
    for shape in (
        Shape(
            "100k",
            n_users=943,
            n_items=1_682,
            n_ratings=100_000,
            n_listed=1_682,
            largest_item_id=1_682,
            user_counts=((0, 20), (0.25, 33), (0.5, 65), (0.75, 148)),
            user_top=(737,),
            item_counts=((0, 1), (0.25, 6), (0.5, 27), (0.75, 80)),
            item_top=(583,),
            histogram=_WHOLE_100K,
            first_year=1997,
            last_year=1998,
        ),
        Shape(
            "1m",
            n_users=6_040,
            n_items=3_706,
            n_ratings=1_000_209,
            n_listed=3_883,
            largest_item_id=3_952,
            user_counts=((0, 20), (0.25, 44), (0.5, 96), (0.75, 208)),
            user_top=(2_314,),
            item_counts=((0, 1), (0.25, 33), (0.5, 123.5), (0.75, 350)),
            item_top=(3_428,),
            histogram=_WHOLE_1M,
            first_year=2000,
            last_year=2003,
        ),
        Shape(
            "25m",
            n_users=162_541,
            n_items=59_047,
            n_ratings=25_000_095,
            n_listed=62_423,
            largest_item_id=209_171,
            user_counts=((0, 20), (0.25, 36), (0.5, 71), (0.75, 162)),
            user_top=(9_178, 32_202),
            item_counts=(
                *((0, 1), (0.16, 1), (0.25, 2), (0.5, 6), (0.75, 36)),
                *((0.825, 90), (0.9, 330), (0.936, 900)),
            ),
            item_top=(72_674, 74_127, 79_672, 81_482, 81_491),
            histogram=_HALF_25M,
            first_year=1995,
            last_year=2019,
            n_tags=1_093_360,
            n_genome_items=13_816,
            n_genome_tags=1_128,
        ),
    )
}
"""By name: MovieLens 100K, 1M and 25M."""


def spread(quantiles: Quantiles, top: Sequence[int], n: int, total: int) -> NDArray[np.int64]:
    """Draw out counts of exact number and total through given quantiles.

    Between the quantiles the counts are log-normal; above the last one, on the way to the largest
    count, as steep as the total asks for.

    Parameters
    ----------
    quantiles : Quantiles
    top : sequence of int
        The largest counts, ascending.
    n, total : int

    Returns
    -------
    int64[n]
        Ascending.

    Raises
    ------
    ValueError
        If the total can't be met.
    """
    at = (np.arange(n - len(top) + 1) + 0.5) / n
    z = ndtri(at)
    shares = np.array([share for share, _ in quantiles])
    logs = np.log([count for _, count in quantiles])
    places = ndtri(shares.clip(at[0], at[-1]))
    below = np.interp(z, places, logs)
    tail = z > places[-1]
    way = (z[tail] - places[-1]) / (z[-1] - places[-1])
    lowest = int(np.exp(logs[0]))

    def counts(bend: float) -> NDArray[np.float64]:
        found = below.copy()
        found[tail] = logs[-1] + (np.log(top[0]) - logs[-1]) * way**bend
        return np.concatenate([np.exp(found[:-1]), top])

    low, high = 0.1, 10.0
    if not counts(high).sum() - n < total < counts(low).sum():
        raise ValueError(f"{total} ratings can't be shared out among {n} in this shape")
    for _ in range(60):
        bend = (low + high) / 2
        low, high = (low, bend) if counts(bend).sum() < total else (bend, high)
    exact = counts(high)
    whole = np.maximum(np.floor(exact), lowest).astype(np.int64)
    # What the rounding has taken goes to those it took most from, short of the largest.
    order = np.argsort(whole[: n - len(top)] - exact[: n - len(top)], kind="stable")
    missing = total - int(whole.sum())
    if missing < 0:
        order = order[whole[order] > lowest][::-1]
    step = 1 if missing > 0 else -1
    whole[np.resize(order, abs(missing))] += step
    if abs(missing) > order.size or whole.min() < lowest:
        raise ValueError(f"{total} ratings can't be shared out among {n} in this shape")
    return np.sort(whole)
