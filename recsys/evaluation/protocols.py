"""Ways to split ratings into what models learn from, what they are told, and what they must find.

A split marks ratings; a user's profile is made of those that are given, and whatever is held out
is to be found among the whole catalogue, not among a sample of it: sampled metrics order models
differently (Krichene and Rendle 2020).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.data.dataset import Dataset
from recsys.errors import InvalidRequestError
from recsys.evaluation.split import Split

Marks = NDArray[np.bool_]

UNSEEN_SHARE = 0.25
"""So many of the users are withheld where unseen users are judged."""

HELD_SHARE = 0.25
"""So many of the ratings of an unseen user are to be found."""

UNDATED = 0
"""Time of a rating whose time is not known; it is on neither side of a cut."""

FEW = (1, 3, 5, 10)
"""Numbers of ratings given where none is named."""


@dataclass(frozen=True)
class Protocol:
    """A way to split, with its one number or date: "random:0.25"."""

    name: str
    value: float | int | date

    def __str__(self) -> str:
        return f"{self.name}:{self.value}"

    @classmethod
    def parse(cls, text: str) -> tuple[Protocol, ...]:
        """Read "random:0.25,leave-last", as typed.

        Raises
        ------
        InvalidRequestError
            If a name is unknown, or a number is not one the protocol can take.
        """
        found = tuple(
            protocol for part in text.split(",") if part.strip() for protocol in _parse(part)
        )
        if not found:
            raise InvalidRequestError(f"Name the protocols: {', '.join(PROTOCOLS)}.")
        return tuple(dict.fromkeys(found))


def _parse(text: str) -> Iterator[Protocol]:
    name, _, value = (part.strip() for part in text.partition(":"))
    if name not in PROTOCOLS:
        raise InvalidRequestError(
            f"There is no protocol '{name}'; choose among {', '.join(PROTOCOLS)}."
        )
    kind = PROTOCOLS[name]
    for one in [value] if value else kind.usual:
        yield Protocol(name, kind.read(one))


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = np.nan
    if not 0 < share < 1:
        raise InvalidRequestError(f"'{text}' is not a share: give a number between 0 and 1.")
    return share


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 2**31):
        raise InvalidRequestError(f"'{text}' is not a number of ratings: give 1 or more.")
    return int(text)


def _share_or_date(text: str) -> float | date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return _share(text)
    except InvalidRequestError:
        raise InvalidRequestError(
            f"'{text}' is neither a share between 0 and 1 nor a date such as 2018-01-31."
        ) from None


def split_by(dataset: Dataset, protocol: Protocol, seed: int) -> Split:
    """Split the ratings of a dataset.

    Parameters
    ----------
    dataset : Dataset
    protocol : Protocol
    seed : int
        Of what is drawn at random.

    Raises
    ------
    InvalidRequestError
        If the data has no times and the protocol needs them, or there is nothing left to learn
        from or to find.
    """
    made = PROTOCOLS[protocol.name].make(dataset, protocol.value, np.random.default_rng(seed))
    return replace(made, protocol=str(protocol))


def hold_out(
    dataset: Dataset, share: float, rng: np.random.Generator, users: NDArray[Any] | None = None
) -> Marks:
    """Mark a share of the ratings of each user, at least one, and never all.

    Parameters
    ----------
    dataset : Dataset
    share : float
    rng : Generator
    users : int[n], optional
        Only of these, ascending; of all by default.

    Returns
    -------
    bool[n_ratings]
    """
    held = np.zeros(dataset.n_ratings, dtype=np.bool_)
    for user in range(dataset.n_users) if users is None else users:
        start, end = dataset.user_indptr[user : user + 2]
        order = rng.permutation(end - start)
        if order.size > 1:
            n_held = min(order.size - 1, max(1, round(order.size * share)))
            held[start + order[:n_held]] = True
    return held


def _random(dataset: Dataset, share: Any, rng: np.random.Generator) -> Split:
    held = hold_out(dataset, share, rng)
    return Split.of(
        dataset,
        train=~held,
        held=held,
        description=f"{share:.0%} of each user's ratings, drawn at random, are to be found; the "
        "rest is learned from and makes the profile.",
        exchangeable=True,
    )


def _leave_last(dataset: Dataset, n_last: Any, rng: np.random.Generator) -> Split:
    times = _times(dataset)
    # Ratings of one second have no order.
    order = np.lexsort((rng.random(times.size), times, dataset.user_index))
    from_end = np.empty(dataset.n_ratings, dtype=np.int64)
    from_end[order] = dataset.user_indptr[dataset.user_index + 1] - np.arange(dataset.n_ratings)
    long_enough = np.diff(dataset.user_indptr)[dataset.user_index] > n_last
    held = (from_end <= n_last) & long_enough
    what = "The last rating of each user is" if n_last == 1 else f"Each user's last {n_last} are"
    return Split.of(
        dataset,
        train=~held,
        held=held,
        description=f"{what} to be found; the earlier ones are learned from and make the profile.",
        time_order="user",
    )


def _temporal(dataset: Dataset, value: Any, rng: np.random.Generator) -> Split:
    times = _times(dataset)
    dated = times != UNDATED
    if isinstance(value, date):
        cut = int(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp())
    else:
        cut = int(np.quantile(times[dated], 1 - value, method="higher"))
    train = dated & (times < cut)
    known = np.bincount(dataset.user_index[train], minlength=dataset.n_users) > 0
    after = dated & (times >= cut)
    later = np.bincount(dataset.user_index[after], minlength=dataset.n_users) > 0
    day = datetime.fromtimestamp(cut, UTC).isoformat(sep=" ", timespec="minutes")[:16]
    return Split.of(
        # Tags are not dated here, and the genome was calculated later than any rating.
        replace(dataset, tags=None, genome=None),
        train=train,
        held=after & known[dataset.user_index],
        description=f"Ratings before {day} UTC are learned from and make the profiles; those from "
        "then on, of users who had rated before, are to be found. Tags are left out: they have "
        "no dates.",
        time_order="all",
        settings={"cut": cut, "newcomers": int((later & ~known).sum())},
    )


def _unseen_users(dataset: Dataset, share: Any, rng: np.random.Generator) -> Split:
    users = _some_users(dataset, share, rng)
    held = hold_out(dataset, HELD_SHARE, rng, users)
    return _of_unseen(
        dataset,
        users,
        held=held,
        given=~held,
        description=f"{users.size:,} users are withheld from learning; {1 - HELD_SHARE:.0%} of "
        "their ratings make the profile, the rest is to be found.",
    )


def _few_ratings(dataset: Dataset, n_given: Any, rng: np.random.Generator) -> Split:
    users = _some_users(dataset, UNSEEN_SHARE, rng)
    given = np.zeros(dataset.n_ratings, dtype=np.bool_)
    held = np.zeros(dataset.n_ratings, dtype=np.bool_)
    for user in users:
        start, end = dataset.user_indptr[user : user + 2]
        # Drawn for all, so that of another number the first ratings are the same.
        order = start + rng.permutation(end - start)
        if order.size > n_given:
            given[order[:n_given]] = True
            held[order[n_given:]] = True
    ratings = "one rating" if n_given == 1 else f"{n_given} ratings"
    return _of_unseen(
        dataset,
        users,
        held=held,
        given=given,
        description=f"{users.size:,} users are withheld from learning; {ratings} of each, drawn "
        "at random, make the profile, all others are to be found.",
    )


def _of_unseen(dataset: Dataset, users: NDArray[Any], **marks: Any) -> Split:
    unseen = np.zeros(dataset.n_users, dtype=np.bool_)
    unseen[users] = True
    return Split.of(
        dataset,
        train=~unseen[dataset.user_index],
        unseen_users=True,
        exchangeable=True,
        **marks,
    )


def _some_users(dataset: Dataset, share: float, rng: np.random.Generator) -> NDArray[np.int64]:
    n_users = min(dataset.n_users - 1, max(1, round(share * dataset.n_users)))
    return np.sort(rng.permutation(dataset.n_users)[:n_users])


def _cold_items(dataset: Dataset, share: Any, rng: np.random.Generator) -> Split:
    rated = np.flatnonzero(dataset.catalog.rating_count > 0)
    chosen = rng.permutation(rated)[: max(1, round(share * rated.size))]
    withheld = np.zeros(dataset.n_items, dtype=np.bool_)
    withheld[chosen] = True
    held = withheld[dataset.item_index]
    # Nobody tags a film before it is there.
    known = np.where(withheld, -1, np.arange(dataset.n_items)).astype(np.int32)
    return Split.of(
        replace(
            dataset,
            tags=dataset.tags and dataset.tags.take(known),
            genome=dataset.genome and dataset.genome.take(known),
        ),
        train=~held,
        held=held,
        candidates=withheld,
        description=f"{chosen.size:,} films ({share:.0%}) are withheld with all their ratings and "
        "tags, as if they came out tomorrow; lists are made of these alone, and the ratings of "
        "them are to be found.",
        withheld_items=withheld,
    )


def _times(dataset: Dataset) -> NDArray[np.int64]:
    if dataset.timestamp is None:
        raise InvalidRequestError(
            f"{dataset.name} has no times, which leave-last and temporal need: choose random, "
            "unseen-users, few-ratings or cold-items."
        )
    return dataset.timestamp


@dataclass(frozen=True)
class _Kind:
    make: Callable[[Dataset, Any, np.random.Generator], Split]
    read: Callable[[str], float | int | date]
    usual: tuple[str, ...]
    """Values it has where none is named."""
    timed: bool = False
    """Whether the data must have times."""


PROTOCOLS = {
    "random": _Kind(_random, _share, ("0.25",)),
    "leave-last": _Kind(_leave_last, _count, ("1",), timed=True),
    "temporal": _Kind(_temporal, _share_or_date, ("0.2",), timed=True),
    "unseen-users": _Kind(_unseen_users, _share, (str(UNSEEN_SHARE),)),
    "few-ratings": _Kind(_few_ratings, _count, tuple(map(str, FEW))),
    "cold-items": _Kind(_cold_items, _share, ("0.2",)),
}
"""The protocols by name."""


def all_protocols(dataset: Dataset) -> tuple[Protocol, ...]:
    """Return all that the data can be split by: some need times."""
    names = [
        name for name, kind in PROTOCOLS.items() if dataset.timestamp is not None or not kind.timed
    ]
    return Protocol.parse(",".join(names))


def usual_protocol(dataset: Dataset) -> Protocol:
    """Protocol of headline numbers: by time, where the data has times."""
    name = "random" if dataset.timestamp is None else "temporal"
    return Protocol.parse(name)[0]
