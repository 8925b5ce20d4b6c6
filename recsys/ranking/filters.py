"""Which items may enter a list at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.data.catalog import Catalog
from recsys.errors import InvalidRequestError


@dataclass(frozen=True)
class Filters:
    """Conditions on catalogue columns; all must hold.

    Attributes
    ----------
    any_genres, all_genres, no_genres : tuple of str
        At least one, every one, none of these genres. Case does not matter.
    min_year, max_year : int or None
        Inclusive; an unknown year fails either bound.
    min_ratings : int
        Least number of ratings.
    """

    any_genres: tuple[str, ...] = ()
    all_genres: tuple[str, ...] = ()
    no_genres: tuple[str, ...] = ()
    min_year: int | None = None
    max_year: int | None = None
    min_ratings: int = 0

    def mask(self, catalog: Catalog) -> NDArray[np.bool_]:
        """Mark the items that pass.

        Returns
        -------
        bool[n_items]

        Raises
        ------
        InvalidRequestError
            If a genre is not in the catalogue, or the years are in the wrong order.
        """
        keep = np.ones(len(catalog), dtype=np.bool_)
        if self.any_genres:
            keep &= catalog.genre_matrix[:, _columns(catalog, self.any_genres)].any(axis=1)
        if self.all_genres:
            keep &= catalog.genre_matrix[:, _columns(catalog, self.all_genres)].all(axis=1)
        if self.no_genres:
            keep &= ~catalog.genre_matrix[:, _columns(catalog, self.no_genres)].any(axis=1)
        first, last = self.min_year, self.max_year
        if first is not None and last is not None and first > last:
            raise InvalidRequestError(
                f"The first year ({first}) is after the last ({last}); swap them."
            )
        if first is not None or last is not None:
            keep &= catalog.year > 0
        if first is not None:
            keep &= catalog.year >= first
        if last is not None:
            keep &= catalog.year <= last
        if self.min_ratings > 0:
            keep &= catalog.rating_count >= self.min_ratings
        return keep


def _columns(catalog: Catalog, genres: Iterable[str]) -> list[int]:
    by_name = {name.casefold(): column for column, name in enumerate(catalog.genre_names)}
    columns = []
    for genre in genres:
        column = by_name.get(genre.casefold())
        if column is None:
            raise InvalidRequestError(
                f"There is no genre '{genre}'; choose among {', '.join(catalog.genre_names)}."
            )
        columns.append(column)
    return columns
