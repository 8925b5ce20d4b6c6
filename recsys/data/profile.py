"""A user, as every model sees one: a list of ratings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.errors import DataError


@dataclass(frozen=True, eq=False)
class Profile:
    """Ratings of one user, a visitor or a group; empty is valid.

    The entries are put in the order of the item index, so that a profile is the same however it
    was entered.

    Attributes
    ----------
    item_index : int32[n]
        Sorted and unique after construction.
    rating : float32[n]
    timestamp : int64[n] or None
        Seconds since 1970 (UTC).

    Raises
    ------
    DataError
        If an item occurs twice or is negative, a rating is not finite or the lengths differ.
    """

    item_index: NDArray[np.int32]
    rating: NDArray[np.float32]
    timestamp: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        index = np.asarray(self.item_index, dtype=np.int32)
        rating = np.asarray(self.rating, dtype=np.float32)
        if index.ndim != 1 or index.shape != rating.shape:
            raise DataError("a profile needs one rating per item")
        if self.timestamp is not None and self.timestamp.shape != index.shape:
            raise DataError("a profile needs one time per item, or none at all")
        if not bool(np.isfinite(rating).all()):
            raise DataError("a profile's ratings must be finite numbers")
        if index.size > 1 and not bool((np.diff(index) > 0).all()):
            order = np.argsort(index, kind="stable")
            index, rating = index[order], rating[order]
            if not bool((np.diff(index) > 0).all()):
                raise DataError("a profile rates each item once")
            if self.timestamp is not None:
                object.__setattr__(self, "timestamp", self.timestamp[order])
        if index.size and index[0] < 0:
            raise DataError("a profile's items must be in the catalogue")
        object.__setattr__(self, "item_index", index)
        object.__setattr__(self, "rating", rating)

    @classmethod
    def empty(cls) -> Profile:
        """Profile of a newcomer."""
        return cls(np.empty(0, np.int32), np.empty(0, np.float32))

    def __len__(self) -> int:
        return int(self.item_index.size)
