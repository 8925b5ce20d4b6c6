"""A split of ratings, and the guards that nothing leaks from one side to the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recsys.data.dataset import Dataset
from recsys.data.profile import Profile
from recsys.errors import InvalidRequestError, LeakError


@dataclass(frozen=True, eq=False)
class Split:
    """What models learn from, what they are told of each user, and what they must find.

    Attributes
    ----------
    dataset : Dataset
        The whole data.
    train : Dataset
        What models learn from: the same users and items, fewer ratings.
    users : int32[n_users]
        The users to be judged, ascending: those with ratings held out.
    given, held : bool[n_ratings]
        Of the whole data: what makes the users' profiles, and what is to be found.
    candidates : bool[n_items]
        What may be listed, but for what is in a profile.
    description : str
        A sentence for people.
    protocol : str
    settings : mapping
        What the split came to, such as the time of the cut.
    time_order : {None, "user", "all"}
        Whether training must be earlier than what is to be found, for each user or altogether.
    unseen_users : bool
        Whether the judged users must not be in training.
    withheld_items : bool[n_items] or None
        Items that must not be in training.
    exchangeable : bool
        Whether chance alone decided what of a profile was held out, so that no honest model can
        rank that above what it was given.
    """

    dataset: Dataset
    train: Dataset
    users: NDArray[np.int32]
    given: NDArray[np.bool_]
    held: NDArray[np.bool_]
    candidates: NDArray[np.bool_]
    description: str
    protocol: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    time_order: Literal["user", "all"] | None = None
    unseen_users: bool = False
    withheld_items: NDArray[np.bool_] | None = None
    exchangeable: bool = False

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        *,
        train: NDArray[np.bool_],
        held: NDArray[np.bool_],
        description: str,
        given: NDArray[np.bool_] | None = None,
        candidates: NDArray[np.bool_] | None = None,
        **properties: Any,
    ) -> Self:
        """Build a split from marks on the ratings.

        Parameters
        ----------
        dataset : Dataset
        train, held : bool[n_ratings]
        description : str
        given : bool[n_ratings], optional
            What is learned from, by default.
        candidates : bool[n_items], optional
            The whole catalogue by default.

        Raises
        ------
        InvalidRequestError
            If there is nothing left to learn from, or nothing to find.
        """
        if not train.any() or not held.any():
            raise InvalidRequestError(
                f"Split like this, {dataset.name} has nothing to learn from or nothing to find: "
                "try another number, or another protocol."
            )
        return cls(
            dataset=dataset,
            train=dataset.keep(train),
            users=np.unique(dataset.user_index[held]).astype(np.int32),
            given=train if given is None else given,
            held=held,
            candidates=np.ones(dataset.n_items, np.bool_) if candidates is None else candidates,
            description=description,
            **properties,
        )

    def profile(self, user_index: int) -> Profile:
        """Return what is given of a user: a copy, which leads to nothing else."""
        rows = slice(*self.dataset.user_indptr[user_index : user_index + 2])
        given = self.given[rows]
        times = self.dataset.timestamp
        return Profile(
            self.dataset.item_index[rows][given],
            self.dataset.rating[rows][given],
            None if times is None else times[rows][given],
        )

    def targets(self, users: NDArray[np.int32]) -> sparse.csr_matrix:
        """Ratings to be found.

        Parameters
        ----------
        users : int32[n]
            Ascending.

        Returns
        -------
        csr float32[n, n_items]
            A stored 0 is a rating of 0.
        """
        place = np.full(self.dataset.n_users, -1)
        place[users] = np.arange(users.size)
        rows = np.flatnonzero(self.held & (place[self.dataset.user_index] >= 0))
        of_user = place[self.dataset.user_index[rows]]
        indptr = np.concatenate([[0], np.cumsum(np.bincount(of_user, minlength=users.size))])
        return sparse.csr_matrix(
            (self.dataset.rating[rows], self.dataset.item_index[rows], indptr),
            shape=(users.size, self.dataset.n_items),
        )


def check(split: Split) -> None:
    """Make sure that nothing to be found can be known.

    Raises
    ------
    LeakError
        If a rating to be found is in training or in a profile, a user or item that must be unknown
        is in training, or training holds what is later than what is to be found.
    """
    data, train = split.dataset, split.train
    held = np.flatnonzero(split.held)
    n_leaked = _n_common(
        train.user_index, train.item_index, data.user_index[held], data.item_index[held], data
    )
    if n_leaked:
        raise LeakError(f"{n_leaked:,} ratings to be found are among those learned from.")
    if (split.given & split.held).any():
        raise LeakError("Ratings to be found are among those given in the profiles.")
    judged = np.zeros(data.n_users, dtype=np.bool_)
    judged[split.users] = True
    if split.unseen_users and judged[train.user_index].any():
        raise LeakError("Users who must be unseen are among those learned from.")
    withheld = split.withheld_items
    if withheld is not None:
        words = [words.item_index for words in (train.tags, train.genome) if words]
        if any(withheld[index].any() for index in (train.item_index, *words)):
            raise LeakError("Films that must be unknown have ratings or tags in training.")
    if split.time_order is not None:
        _check_times(split, held)


def _n_common(
    users: NDArray[np.int32],
    items: NDArray[np.int32],
    other_users: NDArray[np.int32],
    other_items: NDArray[np.int32],
    data: Dataset,
) -> int:
    """Count the pairs two lists share; both are sorted as a dataset is."""
    keys = users.astype(np.int64) * data.n_items + items
    others = other_users.astype(np.int64) * data.n_items + other_items
    if not keys.size:
        return 0
    place = np.searchsorted(keys, others).clip(max=keys.size - 1)
    return int((keys[place] == others).sum())


def _check_times(split: Split, held: NDArray[np.int64]) -> None:
    data, train = split.dataset, split.train
    assert data.timestamp is not None
    assert train.timestamp is not None
    if split.time_order == "all":
        late = train.timestamp >= data.timestamp[held].min()
    else:
        first = np.full(data.n_users, np.iinfo(np.int64).max)
        np.minimum.at(first, data.user_index[held], data.timestamp[held])
        # Ratings of one second have no order.
        late = train.timestamp > first[train.user_index]
    if late.any():
        raise LeakError(
            f"{int(late.sum()):,} ratings learned from are later than some that are to be found."
        )
