"""From scores to lists, the one way they are made: for a screen, a file of all users, a measure."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.data.profile import Profile
from recsys.ranking.topk import top_k

Score = Callable[[Sequence[Profile]], NDArray[np.float32]]
"""Scores of all items for profiles, float32[n_profiles, n_items]; NaN where it cannot say."""

BATCH = 64
"""Profiles scored at once: the products of a model are larger, and memory stays small."""

_MOST_THREADS = 8
"""Each holds the scores of a batch for all items; beyond, memory is short before cores are."""


@dataclass(frozen=True, eq=False)
class Ranked:
    """A list of items.

    Attributes
    ----------
    item_index : int32[m]
        Best first.
    scores : float32[m]
        Finite, never increasing.
    fell_back : bool
        Whether the scores said nothing of any eligible item, and the fallback answered.
    """

    item_index: NDArray[np.int32]
    scores: NDArray[np.float32]
    fell_back: bool = False


def rank(
    scores: NDArray[np.float32],
    eligible: NDArray[np.bool_],
    k: int,
    fallback: NDArray[np.float32],
) -> Ranked:
    """Cut scores to a list; where they say nothing at all, others answer.

    Parameters
    ----------
    scores : float32[n_items]
        NaN where the model cannot say.
    eligible : bool[n_items]
    k : int
    fallback : float32[n_items]
        Such as popularity.
    """
    fell_back = bool(eligible.any()) and bool(np.isnan(scores[eligible]).all())
    index, best = top_k(fallback if fell_back else scores, eligible, k)
    return Ranked(index, best, fell_back)


def lists(
    score: Score,
    profile: Callable[[int], Profile],
    users: NDArray[np.int32],
    allowed: NDArray[np.bool_],
    k: int,
    fallback: NDArray[np.float32],
    batch_size: int = BATCH,
) -> Iterator[tuple[int, Ranked]]:
    """Make a list for each of many users, in their order, several batches at a time.

    Parameters
    ----------
    score : callable
        Of a model.
    profile : callable
        Ratings of a user by number.
    users : int[n_users]
        Numbers that `profile` knows.
    allowed : bool[n_items]
        What may be listed; what is in a user's profile is taken out.
    k : int
    fallback : float32[n_items]
        As for :func:`rank`.
    batch_size : int

    Yields
    ------
    user : int
    ranked : Ranked
    """

    def batch(some: NDArray[np.int32]) -> list[tuple[int, Ranked]]:
        profiles = [profile(int(user)) for user in some]
        found = []
        for user, known, row in zip(some, profiles, score(profiles), strict=True):
            eligible = allowed.copy()
            eligible[known.item_index] = False
            found.append((int(user), rank(row, eligible, k, fallback)))
        return found

    n_threads = min(os.cpu_count() or 1, _MOST_THREADS)
    pool = ThreadPoolExecutor(n_threads)
    try:
        # A reader who is slower than the models must not be buried under lists.
        pending: deque[Future[list[tuple[int, Ranked]]]] = deque()
        for start in range(0, users.size, batch_size):
            pending.append(pool.submit(batch, users[start : start + batch_size]))
            if len(pending) > 2 * n_threads:
                yield from pending.popleft().result()
        while pending:
            yield from pending.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
