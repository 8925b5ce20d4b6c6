"""What is asked of every model: lists for the same users, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from recsys.data.profile import Profile
from recsys.errors import InvalidRequestError, LeakError
from recsys.evaluation.split import Split
from recsys.models.base import Progress, silent
from recsys.ranking.lists import Score, lists

N_PROBED = 100
"""Users by whom a model is asked whether it has seen what it must find."""

SUSPICIOUS = 0.75
"""Chance of ranking a rating that was held out above one that was learned from, from which on a
model must have seen it. A model that knows neither has 0.5, one that knows the latter less."""

N_ERRORS = 4.0
"""The chance must be beyond that by so many standard errors."""

FEWEST_PROBED = 20
"""With fewer users nobody is suspected: in tiny data a single rating more or less moves films."""


LONGEST = 10_000
"""Items of a list that can be judged."""


@dataclass(frozen=True)
class Rules:
    """How lists are judged.

    Attributes
    ----------
    ks : tuple of int
        Lengths of lists, ascending.
    relevant : float or None
        A held-out rating is relevant from so many stars on; None: each is.
    n_sampled : int or None
        At most so many users are judged, drawn at random; None: all.
    seed : int

    Raises
    ------
    InvalidRequestError
        If a length or the number of users is less than 1.
    """

    ks: tuple[int, ...] = (5, 10, 20)
    relevant: float | None = None
    n_sampled: int | None = None
    seed: int = 42

    def __post_init__(self) -> None:
        if not self.ks or min(self.ks) < 1 or max(self.ks) > LONGEST:
            raise InvalidRequestError(
                f"A list has a length of 1 or more, and {LONGEST:,} at most: give such numbers "
                "for k."
            )
        if self.n_sampled is not None and self.n_sampled < 1:
            raise InvalidRequestError("Judge 1 user or more.")
        object.__setattr__(self, "ks", tuple(sorted(set(self.ks))))

    @property
    def k(self) -> int:
        """Length that models are compared at: the one nearest to 10."""
        return min(self.ks, key=lambda k: abs(k - 10))


@dataclass(frozen=True, eq=False)
class Task:
    """Users, and what is to be found for each.

    Attributes
    ----------
    split : Split
    users : int32[n_users]
        Ascending.
    held : csr float32[n_users, n_items]
        Their ratings that are held out.
    relevant : csr float32[n_users, n_items]
        Those of them that are relevant, at least one each.
    n_left_out : int
        Users with ratings held out of which none is relevant.
    """

    split: Split
    users: NDArray[np.int32]
    held: sparse.csr_matrix
    relevant: sparse.csr_matrix
    n_left_out: int

    @classmethod
    def of(cls, split: Split, rules: Rules, users: NDArray[np.int32] | None = None) -> Task:
        """Take all users of a split who can be judged, or those among some.

        Raises
        ------
        InvalidRequestError
            If nobody can.
        """
        asked = split.users if users is None else users
        able = asked[np.diff(_relevant(split.targets(asked), rules).indptr) > 0]
        if not able.size:
            reason = (
                "There is nobody to judge by: take more users."
                if rules.relevant is None
                else f"No rating to be found reaches {rules.relevant:g}, so none is relevant: "
                "lower it."
            )
            raise InvalidRequestError(reason)
        judged = able
        if rules.n_sampled is not None and able.size > rules.n_sampled:
            drawn = np.random.default_rng(rules.seed).permutation(able)
            judged = np.sort(drawn[: rules.n_sampled])
        held = split.targets(judged)
        return cls(split, judged, held, _relevant(held, rules), asked.size - able.size)

    def lists(
        self, score: Score, k: int, fallback: NDArray[np.float32], progress: Progress = silent
    ) -> NDArray[np.int32]:
        """Make the lists as they are served.

        Returns
        -------
        int32[n_users, k]
            Item indices, best first; -1 after the end of a shorter list.
        """
        found = np.full((self.users.size, k), -1, dtype=np.int32)
        made = lists(score, self.split.profile, self.users, self.split.candidates, k, fallback)
        # Other cores are for other batches.
        with threadpool_limits(1, "blas"):
            for place, (_, ranked) in enumerate(made):
                found[place, : ranked.item_index.size] = ranked.item_index
                progress(place + 1, self.users.size)
        return found

    def check_honest(self, name: str, score: Score, seed: int) -> None:
        """Make sure that a model does not know what it must find.

        Where chance alone decided what of a user's ratings was held out, no honest model can rank
        it higher than a rating that was given, once that is taken out of the profile: of neither
        it is told, and only the given one it may have learned from. This finds a model that looks
        up what to list. One that was merely fitted on both parts ranks both alike, and can't be
        told from outside; models are fitted here, on a copy of the training part.

        Raises
        ------
        LeakError
            If it ranks what was held out clearly higher.
        """
        if not self.split.exchangeable:
            return
        rng = np.random.default_rng(seed)
        drawn = np.sort(rng.permutation(self.users.size)[:N_PROBED])
        with threadpool_limits(1, "blas"):
            chances = np.array([self._chance(score, place, rng) for place in drawn])
        chances = chances[~np.isnan(chances)]
        if chances.size < FEWEST_PROBED:
            return
        mean, error = chances.mean(), chances.std() / np.sqrt(chances.size)
        if mean - N_ERRORS * error > SUSPICIOUS:
            raise LeakError(
                f"The model '{name}' ranks {mean:.0%} of what was held out above what it was "
                "given, so it has seen it: fit it on the training part alone."
            )

    def _chance(self, score: Score, place: int, rng: np.random.Generator) -> float:
        """Chance that something held out ranks above something given, if not told of either."""
        whole = self.split.profile(int(self.users[place]))
        if not len(whole):
            return float("nan")
        left_out = np.arange(len(whole)) == rng.integers(len(whole))
        rest = Profile(whole.item_index[~left_out], whole.rating[~left_out])
        held = _heights(score([whole])[0], whole)[self.held[[place]].indices]
        given = _heights(score([rest])[0], rest)[whole.item_index[left_out]]
        if np.isnan(given).any() or np.isnan(held).all():
            return float("nan")
        above = np.where(held == given, 0.5, held > given)
        return float(above[~np.isnan(held)].mean())


def _heights(scores: NDArray[np.float32], profile: Profile) -> NDArray[np.float64]:
    """Share of the other items that each is ranked above, NaN for those without a score.

    Ties count half; what is in the profile is no other item.
    """
    others = np.delete(scores, profile.item_index)
    others = np.sort(others[~np.isnan(others)])
    below = np.searchsorted(others, scores, side="left")
    upto = np.searchsorted(others, scores, side="right")
    return np.where(np.isnan(scores), np.nan, (below + upto) / (2 * max(1, others.size)))


def _relevant(held: sparse.csr_matrix, rules: Rules) -> sparse.csr_matrix:
    if rules.relevant is None:
        return held
    entries = held.tocoo()
    kept = entries.data >= rules.relevant
    return sparse.csr_matrix(
        (entries.data[kept], (entries.row[kept], entries.col[kept])), shape=held.shape
    )
