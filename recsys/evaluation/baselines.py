"""Two lists that need no learning: whoever does not beat them has learned nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys.data.dataset import Dataset
from recsys.data.profile import Profile
from recsys.models.base import Scores


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


class MostRated:
    """Items by their number of ratings in training, whoever asks.

    For lists this is the harder baseline: weighted ratings also rank what few have seen.
    """

    def __init__(self, train: Dataset) -> None:
        self.count = train.catalog.rating_count.astype(np.float32)

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Return the numbers of ratings."""
        return np.tile(self.count, (len(profiles), 1))
