"""Boards of items that many people like, the same for everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recsys.data.dataset import Dataset
from recsys.data.profile import Profile
from recsys.models.base import Contribution, Progress, Scorer, Scores, silent

SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class PopularityConfig:
    """Hyper-parameters of :class:`Popularity`."""

    votes_quantile: float = 0.9
    """The prior weighs as many votes as the item at this quantile of rating counts has."""

    half_life_days: float = 90.0
    """A rating counts half towards the trend after so many days."""

    audience_half_life_days: float = 5 * 365.25
    """A rating counts half towards the audience after so many days."""


class Popularity:
    """IMDb's weighted rating, boards of counts and of recent trends, and today's audience.

    The weighted rating of an item with ``v`` ratings of mean ``R`` is
    ``v / (v + m) R + m / (v + m) C``, with ``C`` the mean of all ratings and ``m`` a number of
    votes that an item needs to be believed (the formula IMDb gave for its Top 250).

    Attributes
    ----------
    weighted_rating, count, trend : float32[n_items]
        The boards; the trend is NaN where the data has no times.
    audience : float32[n_items]
        Number of ratings, those of long ago counting less: what a newcomer of today is likely to
        have seen, or to see.
    """

    name: ClassVar[str] = "popularity"
    requires: ClassVar[tuple[str, ...]] = ()

    def __init__(self, config: PopularityConfig | None = None) -> None:
        self.config = config or PopularityConfig()

    def fit(self, dataset: Dataset, progress: Progress = silent) -> Self:
        """Count and average the ratings."""
        count = np.bincount(dataset.item_index, minlength=dataset.n_items).astype(np.float64)
        total = np.bincount(dataset.item_index, dataset.rating, minlength=dataset.n_items)
        self.overall_mean = float(dataset.rating.mean(dtype=np.float64))
        rated = count[count > 0]
        self.votes_needed = max(1.0, float(np.quantile(rated, self.config.votes_quantile)))
        self.count = count.astype(np.float32)
        self.total = total.astype(np.float32)
        if dataset.timestamp is None:
            self.trend = np.full(dataset.n_items, np.nan, dtype=np.float32)
            self.audience = self.count
        else:
            recent = _recent(dataset, self.config.half_life_days)
            self.audience = _recent(dataset, self.config.audience_half_life_days).astype(np.float32)
            # Dividing by the root of the count favours what is rising over what is always there.
            self.trend = (recent / np.sqrt(np.maximum(count, 1.0))).astype(np.float32)
        self._derive()
        return self

    def _derive(self) -> None:
        prior = self.votes_needed * self.overall_mean
        self.weighted_rating = ((self.total + prior) / (self.count + self.votes_needed)).astype(
            np.float32
        )

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Weighted rating of every item, whatever the profile."""
        return np.tile(self.weighted_rating, (len(profiles), 1))

    def predict(
        self, profile: Profile, item_index: Sequence[int] | NDArray[Any]
    ) -> tuple[NDArray[np.float32], None]:
        """Return weighted ratings, which are in stars: what the average user would give."""
        return self.weighted_rating[np.asarray(item_index)], None

    def explain(self, profile: Profile, item_index: Sequence[int]) -> list[list[Contribution]]:
        """Split each weighted rating into the item's own votes and the prior."""
        return [self._explain(item) for item in item_index]

    def _explain(self, item: int) -> list[Contribution]:
        votes, total = float(self.count[item]), float(self.total[item])
        weight = votes + self.votes_needed
        prior = self.votes_needed * self.overall_mean / weight
        return [
            Contribution("feature", total / weight, feature=f"votes: {votes:,.0f}"),
            Contribution("baseline", prior, feature="the mean of all ratings"),
        ]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return counts, sums, trend and audience per item, and the two numbers of the prior."""
        return {
            "count": self.count,
            "total": self.total,
            "trend": self.trend,
            "audience": self.audience,
            "prior": np.array([self.overall_mean, self.votes_needed]),
        }

    @classmethod
    def from_arrays(
        cls,
        config: PopularityConfig,
        arrays: Mapping[str, NDArray[Any]],
        parts: Mapping[str, Scorer],
    ) -> Self:
        """Restore the boards."""
        model = cls(config)
        model.count, model.total = arrays["count"], arrays["total"]
        model.trend, model.audience = arrays["trend"], arrays["audience"]
        model.overall_mean, model.votes_needed = map(float, arrays["prior"])
        model._derive()
        return model


def _recent(dataset: Dataset, half_life_days: float) -> NDArray[np.float64]:
    """Count the ratings of each item; one counts half after so many days."""
    assert dataset.timestamp is not None
    age_days = (dataset.timestamp.max() - dataset.timestamp) / SECONDS_PER_DAY
    recency = np.exp2(-age_days / half_life_days)
    return np.bincount(dataset.item_index, recency, dataset.n_items).astype(np.float64)
