"""Lists that need no learning: whoever does not beat them has learned nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.data.profile import Profile
from recsys.models.base import Scores
from recsys.models.popularity import Popularity


@dataclass(frozen=True)
class Random:
    """Every item anywhere, anew for each profile.

    Attributes
    ----------
    n_items : int
    seed : int
    """

    n_items: int
    seed: int

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Draw uniform scores; the same for the same profile."""
        return np.stack(
            [
                np.random.default_rng([self.seed, *profile.item_index.tolist()]).random(
                    self.n_items, dtype=np.float32
                )
                for profile in profiles
            ]
        )


class Board:
    """One list for everybody, such as films by their number of ratings.

    Equal scores are put in a random order: otherwise they would go by item id, and in many
    catalogues the films of low ids are the famous ones.

    Parameters
    ----------
    scores : float32[n_items]
    seed : int

    Attributes
    ----------
    order : float32[n_items]
        Scores of the same order without equals.
    """

    def __init__(self, scores: NDArray[np.float32], seed: int) -> None:
        shuffled = np.random.default_rng(seed).permutation(scores.size)
        ascending = shuffled[np.argsort(scores[shuffled], kind="stable")]
        self.order = np.empty(scores.size, dtype=np.float32)
        self.order[ascending] = np.arange(scores.size)

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Return the same for every profile."""
        return np.tile(self.order, (len(profiles), 1))


class WeightedRatings(Board):
    """The board of weighted ratings, which are also predictions: what everybody would give."""

    def __init__(self, popularity: Popularity, seed: int) -> None:
        super().__init__(popularity.weighted_rating, seed)
        self.config, self.predict = popularity.config, popularity.predict
