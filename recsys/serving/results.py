"""What the facade answers with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.models.base import Contribution


@dataclass(frozen=True, eq=False)
class Recommendations:
    """A list of items, best first.

    Attributes
    ----------
    item_ids : int64[m]
        Unique; of equal scores the lower id is first.
    scores : float32[m]
        Finite and never increasing; comparable within this list only.
    model : str
        Who made the list: "popularity" when the profile gave the wanted model nothing to go by.
    contributions : tuple of tuple of Contribution
        One tuple per item whose values add up to its score; empty unless asked for.
    """

    item_ids: NDArray[np.int64]
    scores: NDArray[np.float32]
    model: str
    contributions: tuple[tuple[Contribution, ...], ...] = ()

    def __len__(self) -> int:
        return int(self.item_ids.size)


@dataclass(frozen=True, eq=False)
class PredictedRatings:
    """Ratings somebody would give, in the order asked for.

    Attributes
    ----------
    item_ids : int64[n]
    rating : float32[n]
        Within the data's scale.
    deviation : float32[n] or None
        Standard deviation of the rating, the noise of ratings included: two of three ratings are
        less than that away. None when the model was trained without its posterior.
    """

    item_ids: NDArray[np.int64]
    rating: NDArray[np.float32]
    deviation: NDArray[np.float32] | None


@dataclass(frozen=True, eq=False)
class History:
    """What a user rated, the latest first (without times: the highest rating first).

    Attributes
    ----------
    item_ids : int64[n]
    ratings : float32[n]
    timestamps : int64[n] or None
        Seconds since 1970 (UTC).
    """

    item_ids: NDArray[np.int64]
    ratings: NDArray[np.float32]
    timestamps: NDArray[np.int64] | None
