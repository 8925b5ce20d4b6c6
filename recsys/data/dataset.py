"""The training data: who rated what, and what is known of each item."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys.data.catalog import Catalog
from recsys.data.ids import IdMap
from recsys.data.profile import Profile
from recsys.data.tags import Genome, ItemTags
from recsys.errors import DataError


@dataclass(frozen=True, eq=False)
class Dataset:
    """Ratings as columns sorted by user, then item; frozen, validated once.

    Attributes
    ----------
    name : str
        Shown to people, such as "ml-latest-small".
    users, items : IdMap
    catalog : Catalog
    user_index, item_index : int32[n_ratings]
    rating : float32[n_ratings]
    timestamp : int64[n_ratings] or None
        Seconds since 1970 (UTC); None when the data has no times.
    scale : (float, float)
        Lowest and highest rating the data's scale allows.
    tags : ItemTags or None
        User tags.
    genome : Genome or None
        Genome-tag relevance.
    simulated : bool
        True for ratings no person gave; every screen says so.
    """

    name: str
    users: IdMap
    catalog: Catalog
    user_index: NDArray[np.int32]
    item_index: NDArray[np.int32]
    rating: NDArray[np.float32]
    timestamp: NDArray[np.int64] | None
    scale: tuple[float, float]
    tags: ItemTags | None = None
    genome: Genome | None = None
    simulated: bool = False

    def __post_init__(self) -> None:
        n = self.rating.size
        columns: list[NDArray[Any]] = [self.user_index, self.item_index, self.rating]
        if self.timestamp is not None:
            columns.append(self.timestamp)
        if any(column.shape != (n,) for column in columns):
            raise DataError("rating columns differ in length")
        if n == 0:
            raise DataError("There are no ratings left to learn from; check the file and filters.")
        if not bool(np.isfinite(self.rating).all()):
            raise DataError("ratings must be finite numbers")
        low, high = self.scale
        if not low <= high or self.rating.min() < low or self.rating.max() > high:
            raise DataError(f"a rating is outside of the scale {low:g} to {high:g}")
        for index, size in ((self.user_index, self.n_users), (self.item_index, self.n_items)):
            if index.min() < 0 or index.max() >= size:
                raise DataError("a rating names a user or an item that does not exist")
        key = self._key()
        if n > 1 and not bool((np.diff(key) > 0).all()):
            raise DataError("ratings must be sorted by user and item, without duplicates")
        for array in columns:
            array.flags.writeable = False

    def _key(self) -> NDArray[np.int64]:
        return self.user_index.astype(np.int64) * max(1, len(self.items)) + self.item_index

    @property
    def items(self) -> IdMap:
        """Item ids, shared with the catalogue."""
        return self.catalog.items

    @property
    def n_users(self) -> int:
        """Number of users with a rating."""
        return len(self.users)

    @property
    def n_items(self) -> int:
        """Number of items in the catalogue, rated or not."""
        return len(self.items)

    @property
    def n_ratings(self) -> int:
        """Number of ratings."""
        return int(self.rating.size)

    @cached_property
    def user_indptr(self) -> NDArray[np.int64]:
        """int64[n_users + 1]: ratings of user u are rows indptr[u] to indptr[u + 1]."""
        counts = np.bincount(self.user_index, minlength=self.n_users)
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def profile(self, user_index: int) -> Profile:
        """Ratings of one user."""
        rows = slice(*self.user_indptr[user_index : user_index + 2])
        return Profile(
            self.item_index[rows],
            self.rating[rows],
            None if self.timestamp is None else self.timestamp[rows],
        )

    def keep(self, ratings: NDArray[np.bool_]) -> Dataset:
        """Return the same users and items with fewer ratings, such as the training part of a split.

        Parameters
        ----------
        ratings : bool[n_ratings]
        """
        item_index, rating = self.item_index[ratings], self.rating[ratings]
        return replace(
            self,
            catalog=_counted(self.catalog, item_index, rating),
            user_index=self.user_index[ratings],
            item_index=item_index,
            rating=rating,
            timestamp=None if self.timestamp is None else self.timestamp[ratings],
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 over ids, ratings, times, titles, genres and tags, in hexadecimal."""
        sha = hashlib.sha256()
        for array in (
            self.users.ids,
            self.items.ids,
            self.user_index,
            self.item_index,
            self.rating,
            self.catalog.year,
            self.catalog.genre_matrix,
        ):
            sha.update(np.ascontiguousarray(array).data)
        if self.timestamp is not None:
            sha.update(np.ascontiguousarray(self.timestamp).data)
        for texts in (self.catalog.title, self.catalog.genre_names):
            sha.update("\0".join(map(str, texts)).encode("utf-8", "surrogatepass"))
        for kind, words in (("tags", self.tags), ("genome", self.genome)):
            sha.update(kind.encode())
            if words is not None:
                sha.update("\0".join(words.names).encode("utf-8", "surrogatepass"))
                for column in words.columns():
                    sha.update(np.ascontiguousarray(column).data)
        return sha.hexdigest()


def build_dataset(
    name: str,
    catalog: Catalog,
    *,
    user_id: ArrayLike,
    item_id: ArrayLike,
    rating: ArrayLike,
    timestamp: ArrayLike | None,
    scale: tuple[float, float],
    tags: ItemTags | None = None,
    genome: Genome | None = None,
    simulated: bool = False,
    min_user_ratings: int = 1,
    min_item_ratings: int = 0,
) -> Dataset:
    """Index, deduplicate and filter raw rating columns.

    Of several ratings of one item by one user the latest stays (without times, the last in the
    file). The two minimum counts are applied in turn until both hold. Items in the ratings must
    all be in the catalogue; the catalogue's counts and means are set here.

    Parameters
    ----------
    user_id, item_id : int64[n]
    rating : float32[n]
    timestamp : int64[n] or None
    min_user_ratings, min_item_ratings : int
        Users and items with fewer ratings are left out, the items from the catalogue too.

    Raises
    ------
    DataError
        If nothing is left, or an item is not in the catalogue.
    """
    user_ids = np.asarray(user_id, dtype=np.int64)
    stars = np.asarray(rating, dtype=np.float32)
    times = None if timestamp is None else np.asarray(timestamp, dtype=np.int64)
    users = IdMap.from_values(user_ids, "user")
    u = users.find(user_ids)
    i = catalog.items.find(np.asarray(item_id, dtype=np.int64))
    if (i < 0).any():
        raise DataError("a rated item is not in the catalogue")

    key = u.astype(np.int64) * max(1, len(catalog)) + i
    if bool((key[1:] > key[:-1]).all()):
        order = np.arange(key.size)
    else:
        order = np.argsort(key, kind="stable") if times is None else np.lexsort((times, key))
        key = key[order]
        order = order[np.append(key[1:] != key[:-1], True)]

    while True:
        enough_u = np.bincount(u[order], minlength=len(users)) >= min_user_ratings
        enough_i = np.bincount(i[order], minlength=len(catalog)) >= min_item_ratings
        keep = enough_u[u[order]] & enough_i[i[order]]
        if keep.all():
            break
        order = order[keep]
    if order.size == 0:
        raise DataError(
            "No rating is left after filtering: lower the minimum counts of ratings per user "
            "and per movie, or check that the file holds ratings."
        )
    u, i, stars = u[order], i[order], stars[order]
    times = None if times is None else times[order]

    if min_item_ratings > 0:
        kept = np.zeros(len(catalog), dtype=np.bool_)
        kept[i] = True
        new_index = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
        i, catalog = new_index[i], catalog.take(kept)
        tags = tags and tags.take(new_index)
        genome = genome and genome.take(new_index)
        # What no film is left for is as good as not there.
        tags = tags if tags and tags.item_index.size else None
        genome = genome if genome and genome.item_index.size else None
    present = np.unique(u)
    u = np.searchsorted(present, u).astype(np.int32)

    return Dataset(
        name=name,
        users=IdMap(users.ids[present], "user"),
        catalog=_counted(catalog, i, stars),
        user_index=u,
        item_index=i,
        rating=stars,
        timestamp=times,
        scale=scale,
        tags=tags,
        genome=genome,
        simulated=simulated,
    )


def _counted(
    catalog: Catalog, item_index: NDArray[np.int32], rating: NDArray[np.float32]
) -> Catalog:
    """Set a catalogue's counts and means."""
    counts = np.bincount(item_index, minlength=len(catalog))
    with np.errstate(invalid="ignore"):
        means = np.bincount(item_index, weights=rating, minlength=len(catalog)) / counts
    return replace(
        catalog,
        rating_count=counts.astype(np.int32),
        rating_mean=means.astype(np.float32),
    )


def profile_from_ratings(
    items: IdMap, ratings: Mapping[int, float], scale: tuple[float, float]
) -> Profile:
    """Build a profile from ``{item_id: rating}``.

    Raises
    ------
    UnknownItemError
        If an item is not in the catalogue.
    DataError
        If a rating is outside of the scale.
    """
    low, high = scale
    for item_id, value in ratings.items():
        if not low <= value <= high:
            raise DataError(
                f"The rating {value:g} of item {item_id} is outside of the scale "
                f"{low:g} to {high:g}; give a rating within it."
            )
    return Profile(
        items.index(list(ratings)),
        np.fromiter(ratings.values(), dtype=np.float32, count=len(ratings)),
    )
