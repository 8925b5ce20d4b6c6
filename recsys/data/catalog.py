"""What is known of each item, aligned to the item index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recsys.data.ids import IdMap
from recsys.errors import DataError


@dataclass(frozen=True, eq=False)
class Catalog:
    """Columns of length ``n_items``; row ``i`` describes item index ``i``.

    Attributes
    ----------
    items : IdMap
    title : object[n]
        Text in natural order, without the year ("The Matrix"); a.k.a. names in parentheses.
    year : int16[n]
        Year of release, 0 when unknown.
    genre_names : tuple of str
        Sorted.
    genre_matrix : bool[n, len(genre_names)]
    imdb_id : object[n]
        Text such as "tt0133093", "" when unknown.
    tmdb_id : int64[n]
        0 when unknown.
    poster_url : object[n]
        Text of the data's own poster address, "" when there is none.
    rating_count : int32[n]
    rating_mean : float32[n]
        NaN without ratings.
    """

    items: IdMap
    title: NDArray[np.object_]
    year: NDArray[np.int16]
    genre_names: tuple[str, ...]
    genre_matrix: NDArray[np.bool_]
    imdb_id: NDArray[np.object_]
    tmdb_id: NDArray[np.int64]
    poster_url: NDArray[np.object_]
    rating_count: NDArray[np.int32]
    rating_mean: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = len(self.items)
        for name in ("title", "year", "genre_matrix", "imdb_id", "tmdb_id", "poster_url"):
            if len(getattr(self, name)) != n:
                raise DataError(f"catalogue column {name} does not have one entry per item")
        if self.genre_matrix.shape != (n, len(self.genre_names)):
            raise DataError("the genre matrix does not match the genre names")

    def __len__(self) -> int:
        return len(self.items)

    def genres(self, item_index: int) -> tuple[str, ...]:
        """Genre names of one item, alphabetically."""
        return tuple(self.genre_names[g] for g in np.flatnonzero(self.genre_matrix[item_index]))

    def label(self, item_index: int) -> str:
        """Title with the year, when it is known: "The Matrix (1999)"."""
        title, year = str(self.title[item_index]), int(self.year[item_index])
        return f"{title} ({year})" if year else title

    def take(self, keep: NDArray[np.bool_]) -> Catalog:
        """Return the catalogue of the marked items alone, and of the genres they have."""
        genres = self.genre_matrix[keep]
        used = genres.any(axis=0)
        return replace(
            self,
            items=IdMap(self.items.ids[keep], "item"),
            genre_names=tuple(np.array(self.genre_names, dtype=object)[used]),
            genre_matrix=genres[:, used],
            **{
                name: getattr(self, name)[keep]
                for name in self.__dataclass_fields__
                if name not in ("items", "genre_names", "genre_matrix")
            },
        )


def genre_table(
    genres: Sequence[Sequence[str]],
) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """Turn lists of genre names into sorted names and a membership matrix.

    Returns
    -------
    names : tuple of str
    matrix : bool[len(genres), len(names)]
    """
    names = tuple(sorted({name for row in genres for name in row}))
    column = {name: j for j, name in enumerate(names)}
    matrix = np.zeros((len(genres), len(names)), dtype=np.bool_)
    for i, row in enumerate(genres):
        for name in row:
            matrix[i, column[name]] = True
    return names, matrix
