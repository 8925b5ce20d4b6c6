"""Collaborative filtering and content, blended."""

from __future__ import annotations

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

_STAND_IN = {"item_item": "als"}
"""Who speaks for a part where it can't say, as item-item of new and of little-rated films."""


@dataclass(frozen=True)
class HybridConfig:
    """Hyper-parameters of :class:`Hybrid`."""

    alpha: float = 0.7
    """Share of collaborative filtering; the content share beta is ``1 - alpha``."""

    item_item: float = 0.6
    """Share of the item-item model in collaborative filtering; the rest is ALS."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.alpha <= 1.0:
            raise InvalidRequestError(
                f"alpha is the share of collaborative filtering and must be between 0 and 1, "
                f"not {self.alpha:g}."
            )
        if not 0.0 <= self.item_item <= 1.0:
            raise InvalidRequestError(
                f"item_item is a share and must be between 0 and 1, not {self.item_item:g}."
            )


class Hybrid:
    """``alpha * CF + beta * content`` over parts that are standardised per profile.

    CF is itself a blend of ALS and the item-item model, standardised alike.

    The scores of two models have nothing in common, so each part is first brought to mean 0 and
    standard deviation 1 over the items the profile has not rated. ALS speaks for item-item where
    that knows nothing of an item; otherwise such an item gets the part's mean.

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
        """Return the same parts, mixed otherwise."""
        return type(self)(replace(self.config, alpha=alpha), self.parts)

    def _weights(self) -> dict[str, float]:
        alpha, item_item = self.config.alpha, self.config.item_item
        return {
            "als": alpha * (1.0 - item_item),
            "item_item": alpha * item_item,
            "content": 1.0 - alpha,
        }

    def _likeness_weights(self) -> dict[str, float]:
        """Weights of the parts that compare items with each other."""
        return {"als": self.config.alpha, "content": 1.0 - self.config.alpha}

    @staticmethod
    def _blend(
        weights: Mapping[str, float],
        parts: Mapping[str, Scores],
        excluded: Sequence[NDArray[Any]],
    ) -> Scores:
        blend: NDArray[Any] = np.zeros_like(next(iter(parts.values())))
        known = np.zeros(blend.shape, dtype=np.bool_)
        for name, scores in parts.items():
            weight = _weight_by_item(name, weights, parts)
            mean, deviation = _moments(scores, excluded)
            finite = np.isfinite(scores)
            scale = (weight / deviation).astype(np.float32)
            blend += np.where(finite, (scores - mean.astype(np.float32)) * scale, 0)
            # A part without weight can't speak for an item on its own.
            known |= finite & (weight > 0)
        return np.asarray(np.where(known, blend, np.nan), dtype=np.float32)

    @staticmethod
    def _scaled(
        weights: NDArray[np.float64],
        scores: Scores,
        excluded: NDArray[Any],
        items: Sequence[int],
        reasons: Sequence[Sequence[Contribution]],
    ) -> list[list[Contribution]]:
        """Bring the summands of one part to the scale of the blend, by its weight for each item.

        What standardising takes off is the baseline: the average film's share.
        """
        mean, deviation = _moments(scores[None, :], [excluded])
        found: list[list[Contribution]] = []
        for item, reason in zip(items, reasons, strict=True):
            scale = float(weights[item] / deviation[0, 0])
            off = Contribution("baseline", -float(mean[0, 0]) * scale, feature="the average film")
            said = bool(np.isfinite(scores[item])) and scale != 0
            found.append([*(part.scaled(scale) for part in reason), off] if said else [])
        return found

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Weighted sum of the standardised parts."""
        return self._blend(
            self._weights(),
            {name: self.parts[name].score(profiles) for name in self.requires},
            [profile.item_index for profile in profiles],
        )

    def explain(self, profile: Profile, item_index: Sequence[int]) -> list[list[Contribution]]:
        """Scale the summands of all parts to the blend."""
        reasons: list[list[Contribution]] = [[] for _ in item_index]
        weights = self._weights()
        rows = {name: self.parts[name].score([profile]) for name in weights}
        for name, scores in rows.items():
            by_item = _weight_by_item(name, weights, rows)[0]
            summands = self.parts[name].explain(profile, item_index)
            for reason, part in zip(
                reasons,
                self._scaled(by_item, scores[0], profile.item_index, item_index, summands),
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
        weights = self._likeness_weights()
        rows = {name: self._similarity(name).similar(item_index)[None] for name in weights}
        blend: Scores = self._blend(weights, rows, [np.array([item_index])])[0]
        return blend

    def explain_similar(self, item_index: int, others: Sequence[int]) -> list[list[Contribution]]:
        """Scale the summands of both similarities to the blend."""
        reasons: list[list[Contribution]] = [[] for _ in others]
        for name, weight in self._likeness_weights().items():
            model = self._similarity(name)
            similarity = model.similar(item_index)
            scaled = self._scaled(
                np.full(len(similarity), weight),
                similarity,
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


def _weight_by_item(
    name: str, weights: Mapping[str, float], parts: Mapping[str, Scores]
) -> NDArray[np.float64]:
    """Weight of a part, and of those it stands in for where they can't say.

    Returns
    -------
    float64[n_rows, n_items]
    """
    weight = np.full(parts[name].shape, weights[name])
    for other, stand_in in _STAND_IN.items():
        if stand_in == name and other in parts:
            weight[np.isnan(parts[other])] += weights[other]
    return weight


def _moments(
    scores: Scores, excluded: Sequence[NDArray[Any]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each row over its finite scores, without excluded items.

    Returns
    -------
    mean, deviation : float64[n_rows, 1]
        0 and 1 where there is nothing to measure, so that dividing is safe.
    """
    mean, deviation = np.zeros((len(scores), 1)), np.ones((len(scores), 1))
    for row, items in enumerate(excluded):
        values = scores[row].copy()
        values[items] = np.nan
        values = values[np.isfinite(values)]
        if values.size:
            mean[row] = values.mean(dtype=np.float64)
            spread = values.std(dtype=np.float64)
            # What float32 rounding leaves of spread in equal scores must not be blown up.
            largest = float(np.nanmax(np.abs(scores[row])))
            deviation[row] = spread if spread > 1e-3 * largest else 1.0
    return mean, deviation
