"""Collaborative filtering and content, blended."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recsys.data.dataset import Dataset
from recsys.data.profile import Profile
from recsys.errors import InvalidRequestError
from recsys.models.als import ALS
from recsys.models.base import (
    Contribution,
    Progress,
    Scorer,
    Scores,
    SimilarityModel,
    silent,
)
from recsys.models.content import Content
from recsys.models.item_item import ItemItem

SIZES = (1, 3, 10, 50)
"""Profiles of at least so many ratings have weights of their own."""


@dataclass(frozen=True)
class HybridConfig:
    """Hyper-parameters of :class:`Hybrid`, one value for each of :data:`SIZES`.

    The defaults hold where there is too little data to learn them from.
    """

    alpha: tuple[float, ...] = (0.9, 0.8, 0.7, 0.7)
    """Share of collaborative filtering; the content share beta is ``1 - alpha``."""

    item_item: tuple[float, ...] = (0.0, 0.2, 0.6, 0.6)
    """Share of the item-item model in collaborative filtering; the rest is ALS."""

    def __post_init__(self) -> None:
        for name in ("alpha", "item_item"):
            values = getattr(self, name)
            if len(values) != len(SIZES):
                raise InvalidRequestError(f"{name} needs {len(SIZES)} values, not {len(values)}.")
            for value in values:
                if not 0.0 <= value <= 1.0:
                    raise InvalidRequestError(
                        f"{name} is a share and must be between 0 and 1, not {value:g}."
                    )

    def shares(self, n_ratings: int) -> tuple[float, float]:
        """``alpha`` and ``item_item`` for a profile of so many ratings."""
        size = max(0, bisect_right(SIZES, n_ratings) - 1)
        return self.alpha[size], self.item_item[size]


class Hybrid:
    """``alpha * CF + beta * content`` over parts that are standardised per profile.

    CF is itself a blend of ALS and the item-item model, standardised alike.

    The scores of two models have nothing in common, so each part is first brought to mean 0 and
    standard deviation 1 over the items the profile has not rated. An item one part knows nothing
    of gets that part's mean.

    Parameters
    ----------
    config : HybridConfig
    parts : mapping of str to Scorer
        "als", "item_item" and "content"; :meth:`fit` fits them anew, with their configs.
    """

    name: ClassVar[str] = "hybrid"
    requires: ClassVar[tuple[str, ...]] = ("als", "item_item", "content")

    def __init__(
        self, config: HybridConfig | None = None, parts: Mapping[str, Scorer] | None = None
    ) -> None:
        self.config = config or HybridConfig()
        self.parts: dict[str, Scorer] = dict(parts or {})

    def fit(self, dataset: Dataset, progress: Progress = silent) -> Self:
        """Fit all parts, with the configs of those given."""
        configs = {name: part.config for name, part in self.parts.items()}
        self.parts = {
            "als": ALS(configs.get("als")).fit(dataset, progress),
            "item_item": ItemItem(configs.get("item_item")).fit(dataset),
            "content": Content(configs.get("content")).fit(dataset),
        }
        return self

    def with_alpha(self, alpha: float) -> Self:
        """Return the same parts with one alpha for all profiles."""
        return type(self)(replace(self.config, alpha=(alpha,) * len(SIZES)), self.parts)

    def _weights(self, n_ratings: int) -> dict[str, float]:
        alpha, item_item = self.config.shares(n_ratings)
        return part_weights(alpha, item_item)

    def _likeness_weights(self) -> dict[str, float]:
        """Weights of the parts that compare items with each other."""
        alpha, _ = self.config.shares(1)
        return {"als": alpha, "content": 1.0 - alpha}

    @staticmethod
    def _scaled(
        weight: float,
        scores: NDArray[np.float32],
        excluded: NDArray[Any],
        items: Sequence[int],
        reasons: Sequence[Sequence[Contribution]],
    ) -> list[list[Contribution]]:
        """Bring the summands of one part to the scale of the blend.

        What standardising takes off is the baseline: the average film's share.
        """
        if weight == 0:
            return [[] for _ in reasons]
        mean, deviation = _moments(scores, excluded)
        scale = weight / deviation
        baseline = Contribution("baseline", -mean * scale, feature="the average film")
        return [
            [*(part.scaled(scale) for part in reason), baseline] if np.isfinite(scores[i]) else []
            for i, reason in zip(items, reasons, strict=True)
        ]

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Weighted sum of the standardised parts."""
        weights = [self._weights(len(profile)) for profile in profiles]
        used = [
            name for name in self.requires if not profiles or any(row[name] > 0 for row in weights)
        ]
        blend, known = None, None
        for name in used:
            scores = self.parts[name].score(profiles)
            if blend is None or known is None:
                blend, known = np.zeros_like(scores), np.zeros(scores.shape, dtype=np.bool_)
            for row, profile in enumerate(profiles):
                weight = weights[row][name]
                _add(blend[row], known[row], weight, scores[row], profile.item_index)
        assert blend is not None and known is not None
        blend[~known] = np.nan
        return blend

    def explain(self, profile: Profile, item_index: Sequence[int]) -> list[list[Contribution]]:
        """Scale the summands of all parts to the blend."""
        reasons: list[list[Contribution]] = [[] for _ in item_index]
        for name, weight in self._weights(len(profile)).items():
            scores = self.parts[name].score([profile])[0]
            summands = self.parts[name].explain(profile, item_index)
            for reason, part in zip(
                reasons,
                self._scaled(weight, scores, profile.item_index, item_index, summands),
                strict=True,
            ):
                reason.extend(part)
        return reasons

    def _similarity(self, name: str) -> SimilarityModel:
        part = self.parts[name]
        assert isinstance(part, SimilarityModel)
        return part

    def similar(self, item_index: int) -> Scores:
        """Weighted sum of the standardised similarities."""
        rows = {
            name: self._similarity(name).similar(item_index) for name in self._likeness_weights()
        }
        blend: Scores = np.zeros_like(rows["als"])
        known = np.zeros(blend.shape, dtype=np.bool_)
        for name, weight in self._likeness_weights().items():
            _add(blend, known, weight, rows[name], np.array([item_index]))
        blend[~known] = np.nan
        return blend

    def explain_similar(self, item_index: int, others: Sequence[int]) -> list[list[Contribution]]:
        """Scale the summands of both similarities to the blend."""
        reasons: list[list[Contribution]] = [[] for _ in others]
        for name, weight in self._likeness_weights().items():
            model = self._similarity(name)
            scaled = self._scaled(
                weight,
                model.similar(item_index),
                np.array([item_index]),
                others,
                model.explain_similar(item_index, others),
            )
            for reason, part in zip(reasons, scaled, strict=True):
                reason.extend(part)
        return reasons

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return nothing: what was learned is in the parts."""
        return {}

    @classmethod
    def from_arrays(
        cls, config: HybridConfig, arrays: Mapping[str, NDArray[Any]], parts: Mapping[str, Scorer]
    ) -> Self:
        """Put the restored parts together."""
        return cls(config, parts)


def part_weights(alpha: float, item_item: float) -> dict[str, float]:
    """Weights of the parts, which sum to 1."""
    return {
        "als": alpha * (1.0 - item_item),
        "item_item": alpha * item_item,
        "content": 1.0 - alpha,
    }


def standardised(scores: NDArray[np.float32], excluded: NDArray[Any]) -> NDArray[np.float32]:
    """Bring scores to mean 0 and deviation 1 over the items that are not excluded.

    Parameters
    ----------
    scores : float32[n_items]
        NaN where a model cannot say; stays so.
    excluded : int32[n]
        Item indices, such as those rated.

    Returns
    -------
    float32[n_items]
    """
    mean, deviation = _moments(scores, excluded)
    return (scores - np.float32(mean)) * np.float32(1.0 / deviation)


def _add(
    blend: NDArray[np.float32],
    known: NDArray[np.bool_],
    weight: float,
    scores: NDArray[np.float32],
    excluded: NDArray[Any],
) -> None:
    """Add a part to a blend; one without weight can't speak for an item on its own."""
    if weight > 0:
        share = standardised(scores, excluded)
        finite = np.isfinite(share)
        known |= finite
        share *= np.float32(weight)
        np.add(blend, share, out=blend, where=finite)


def _moments(scores: NDArray[np.float32], excluded: NDArray[Any]) -> tuple[float, float]:
    """Mean and standard deviation of the finite scores, without excluded items.

    Returns
    -------
    mean, deviation : float
        0 and 1 where there is nothing to measure, so that dividing is safe.
    """
    finite = np.isfinite(scores)
    usable = finite.copy()
    usable[excluded] = False
    values = scores[usable].astype(np.float64)
    if not values.size:
        return 0.0, 1.0
    mean = float(values.mean())
    values -= mean
    spread = float(np.sqrt(values @ values / values.size))
    # What float32 rounding leaves of spread in equal scores must not be blown up.
    largest = float(np.abs(scores[finite]).max())
    return mean, spread if spread > 1e-3 * largest else 1.0
