"""Collaborative filtering and content, blended."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
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
from recsys.models.popularity import Popularity

SIZES = (1, 3, 10, 50)
"""Profiles of at least so many ratings have weights of their own."""


_WATCHED = "audience: many people watched it"


@dataclass(frozen=True)
class HybridConfig:
    """Hyper-parameters of :class:`Hybrid`, one value for each of :data:`SIZES`.

    The defaults hold where there is too little data to learn them from.
    """

    alpha: tuple[float, ...] = (0.9, 0.9, 0.8, 0.7)
    """Share of collaborative filtering; the content share beta is ``1 - alpha``."""

    item_item: tuple[float, ...] = (0.0, 0.1, 0.4, 0.6)
    """Share of the item-item model in what collaborative filtering knows of the taste; the rest is
    ALS."""

    popularity: tuple[float, ...] = (0.4, 0.3, 0.1, 0.0)
    """Share of collaborative filtering that goes by how many people rated a film: the less is known
    of somebody, the more it says."""

    def __post_init__(self) -> None:
        for name in ("alpha", "item_item", "popularity"):
            values = getattr(self, name)
            if len(values) != len(SIZES):
                raise InvalidRequestError(f"{name} needs {len(SIZES)} values, not {len(values)}.")
            for value in values:
                if not 0.0 <= value <= 1.0:
                    raise InvalidRequestError(
                        f"{name} is a share and must be between 0 and 1, not {value:g}."
                    )

    def shares(self, n_ratings: int) -> tuple[float, float, float]:
        """``alpha``, ``item_item`` and ``popularity`` for a profile of so many ratings."""
        size = max(0, bisect_right(SIZES, n_ratings) - 1)
        return self.alpha[size], self.item_item[size], self.popularity[size]


class Hybrid:
    """``alpha * CF + beta * content`` over parts that are standardised per profile.

    CF is itself a blend of ALS, the item-item model and the number of ratings, standardised alike.

    The scores of two models have nothing in common, so each part is first brought to mean 0 and
    standard deviation 1 over the items the profile has not rated. ALS speaks for item-item where
    that knows nothing of an item; otherwise such an item gets the part's mean.

    Parameters
    ----------
    config : HybridConfig
    parts : mapping of str to Scorer
        "popularity", "als", "item_item" and "content"; :meth:`fit` fits them anew, with their
        configs.
    """

    name: ClassVar[str] = "hybrid"
    requires: ClassVar[tuple[str, ...]] = ("popularity", "als", "item_item", "content")

    def __init__(
        self, config: HybridConfig | None = None, parts: Mapping[str, Scorer] | None = None
    ) -> None:
        self.config = config or HybridConfig()
        self.parts: dict[str, Scorer] = dict(parts or {})

    def fit(self, dataset: Dataset, progress: Progress = silent) -> Self:
        """Fit all parts, with the configs of those given."""
        configs = {name: part.config for name, part in self.parts.items()}
        self.parts = {
            "popularity": Popularity(configs.get("popularity")).fit(dataset),
            "als": ALS(configs.get("als")).fit(dataset, progress),
            "item_item": ItemItem(configs.get("item_item")).fit(dataset),
            "content": Content(configs.get("content")).fit(dataset),
        }
        return self

    def with_alpha(self, alpha: float) -> Self:
        """Return the same parts with one alpha for all profiles."""
        return type(self)(replace(self.config, alpha=(alpha,) * len(SIZES)), self.parts)

    def _weights(self, n_ratings: int) -> dict[str, float]:
        return part_weights(*self.config.shares(n_ratings))

    def _likeness_weights(self) -> dict[str, float]:
        """Weights of the parts that compare items with each other."""
        alpha = self.config.shares(1)[0]
        return {"als": alpha, "content": 1.0 - alpha}

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Weighted sum of the standardised parts."""
        weights = [self._weights(len(profile)) for profile in profiles]
        # A part that no profile needs is not asked; ALS may have to stand in for item-item.
        asked = [
            name
            for name in self.requires
            if name == "als" or not profiles or any(row[name] > 0 for row in weights)
        ]
        scores = {name: part_scores(self.parts[name], profiles) for name in asked}
        blend = np.empty_like(scores["als"])
        for row, profile in enumerate(profiles):
            parts = {name: rows[row] for name, rows in scores.items()}
            blend[row] = _weighted(standardised(parts, profile.item_index), weights[row])
        return blend

    def explain(self, profile: Profile, item_index: Sequence[int]) -> list[list[Contribution]]:
        """Scale the summands of all parts to the blend."""
        weights = {name: w for name, w in self._weights(len(profile)).items() if w or name == "als"}
        scores = {name: part_scores(self.parts[name], [profile])[0] for name in weights}

        def summands(name: str) -> Sequence[Sequence[Contribution]]:
            if name != Popularity.name:
                return self.parts[name].explain(profile, item_index)
            audience = [float(scores[name][item]) for item in item_index]
            return [[Contribution("feature", n, feature=_WATCHED)] for n in audience]

        found = self._explained(weights, scores, profile.item_index, item_index, summands)
        blend = _weighted(standardised(scores, profile.item_index), weights)
        return [
            [] if np.isnan(blend[item]) else one
            for item, one in zip(item_index, found, strict=True)
        ]

    @staticmethod
    def _explained(
        weights: Mapping[str, float],
        scores: Mapping[str, NDArray[np.float32]],
        excluded: NDArray[Any],
        items: Sequence[int],
        summands: Callable[[str], Sequence[Sequence[Contribution]]],
    ) -> list[list[Contribution]]:
        """Bring the summands of all parts to the scale of the blend.

        What standardising takes off is the baseline: the average film's share.
        """
        reasons: list[list[Contribution]] = [[] for _ in items]
        for name, part in scores.items():
            mean, deviation = _moments(part, excluded)
            for item, reason, found in zip(items, reasons, summands(name), strict=True):
                weight = weights[name]
                if name == "als" and np.isnan(scores.get("item_item", part)[item]):
                    weight += weights.get("item_item", 0.0)
                scale = weight / deviation
                if scale and np.isfinite(part[item]):
                    reason.extend(one.scaled(scale) for one in found)
                    reason.append(
                        Contribution("baseline", -mean * scale, feature="the average film")
                    )
        return reasons

    def _similarity(self, name: str) -> SimilarityModel:
        part = self.parts[name]
        assert isinstance(part, SimilarityModel)
        return part

    def similar(self, item_index: int) -> Scores:
        """Weighted sum of the standardised similarities."""
        weights = self._likeness_weights()
        rows = {name: self._similarity(name).similar(item_index) for name in weights}
        return _weighted(standardised(rows, np.array([item_index])), weights)

    def explain_similar(self, item_index: int, others: Sequence[int]) -> list[list[Contribution]]:
        """Scale the summands of both similarities to the blend."""
        weights = self._likeness_weights()
        models = {name: self._similarity(name) for name in weights}
        return self._explained(
            weights,
            {name: model.similar(item_index) for name, model in models.items()},
            np.array([item_index]),
            others,
            lambda name: models[name].explain_similar(item_index, others),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return nothing: what was learned is in the parts."""
        return {}

    @classmethod
    def from_arrays(
        cls, config: HybridConfig, arrays: Mapping[str, NDArray[Any]], parts: Mapping[str, Scorer]
    ) -> Self:
        """Put the restored parts together."""
        return cls(config, parts)


def part_weights(alpha: float, item_item: float, popularity: float) -> dict[str, float]:
    """Weights of the parts, which sum to 1."""
    taste = alpha * (1.0 - popularity)
    return {
        "popularity": alpha * popularity,
        "als": taste * (1.0 - item_item),
        "item_item": taste * item_item,
        "content": 1.0 - alpha,
    }


def part_scores(part: Scorer, profiles: Sequence[Profile]) -> Scores:
    """Scores that a part gives to the blend: of popularity the audience.

    Weighted ratings, its own scores, also rank high what few have seen.
    """
    if isinstance(part, Popularity):
        return np.tile(part.audience, (len(profiles), 1))
    return part.score(profiles)


def standardised(
    parts: Mapping[str, NDArray[np.float32]], excluded: NDArray[Any]
) -> dict[str, NDArray[np.float32]]:
    """Bring the scores of all parts to mean 0 and deviation 1 over what is not excluded.

    Parameters
    ----------
    parts : mapping of str to float32[n_items]
        NaN where a part cannot say. It stays so, but ALS stands in for the item-item model.
    excluded : int32[n]
        Item indices, such as those rated.

    Returns
    -------
    dict of str to float32[n_items]
    """
    found = {}
    for name, scores in parts.items():
        mean, deviation = _moments(scores, excluded)
        found[name] = (scores - np.float32(mean)) * np.float32(1.0 / deviation)
    if "item_item" in found:
        np.copyto(found["item_item"], found["als"], where=np.isnan(found["item_item"]))
    return found


def _weighted(
    parts: Mapping[str, NDArray[np.float32]], weights: Mapping[str, float]
) -> NDArray[np.float32]:
    """Sum the parts; one without weight can't speak for an item on its own."""
    blend = np.zeros_like(parts["als"])
    known = np.zeros(blend.shape, dtype=np.bool_)
    for name, part in parts.items():
        if weights[name] > 0:
            finite = np.isfinite(part)
            # That nobody rated a film says nothing of it.
            known |= finite & (name != "popularity")
            np.add(blend, np.float32(weights[name]) * part, out=blend, where=finite)
    blend[~known] = np.nan
    return blend


def _moments(scores: NDArray[np.float32], excluded: NDArray[Any]) -> tuple[float, float]:
    """Mean and standard deviation of the finite scores, without excluded items.

    Returns
    -------
    mean, deviation : float
        0 and 1 where there is nothing to measure, so that dividing is safe.
    """
    usable = np.isfinite(scores)
    usable[excluded] = False
    n_usable = int(np.count_nonzero(usable))
    if not n_usable:
        return 0.0, 1.0
    values = np.where(usable, scores, np.float32(0))
    mean = float(values.sum(dtype=np.float64)) / n_usable
    values -= np.float32(mean)
    values *= usable
    spread = float(np.sqrt(np.vdot(values, values) / n_usable))
    # What float32 rounding leaves of spread in equal scores must not be blown up.
    largest = float(np.fmax.reduce(np.abs(scores)))
    return mean, spread if spread > 1e-3 * largest else 1.0
