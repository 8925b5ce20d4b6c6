"""Alternating least squares on implicit feedback, with exact fold-in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from threadpoolctl import threadpool_limits

from recsys.data.dataset import Dataset
from recsys.data.profile import Profile
from recsys.errors import InvalidRequestError
from recsys.models.als_fit import BACKENDS, spectral_norm
from recsys.models.base import (
    USUAL_SCALE_WIDTH,
    Contribution,
    Preference,
    Progress,
    Scorer,
    Scores,
    silent,
)
from recsys.models.cold_items import CatalogMap

LARGEST_SHARE = 0.1
"""Lambda is at most this share of the confidences' spectral norm.

At the whole norm the best factors are all zero; data of a few dozen people would come near it.
"""

_LIKED = "taste: liked by the same people"
_EXPECTED = "taste: expected from genres, year and title"


@dataclass(frozen=True)
class ALSConfig:
    """Hyper-parameters of :class:`ALS`."""

    n_factors: int = 128
    """Length of a factor vector."""

    regularization: float = 20.0
    """Weight of the squared factors in the loss (lambda); less where the data is small."""

    alpha: float = 2.0
    """Confidence of a rating of average weight; an unrated item has 1."""

    n_iterations: int = 15
    """Sweeps over users and items, at most."""

    tolerance: float = 0.0
    """The fit ends when a sweep takes less than this share off the loss; 0 for never."""

    preference: Preference = field(default_factory=Preference)
    """How stars become weights."""

    seed: int = 42
    """Seed of the first factors."""

    backend: str = "numba"
    """What trains: "numba", our kernel, or "implicit", its reference."""

    n_threads: int = 0
    """Threads for training, 0 for all cores; the result does not depend on it."""

    def __post_init__(self) -> None:
        if self.n_factors < 1:
            raise InvalidRequestError("ALS needs 1 factor or more.")


class ALS:
    """Implicit-feedback matrix factorisation (Hu, Koren and Volinsky 2008).

    Minimises ``sum_obs c_ui (p_ui - x_u.y_i)^2 + sum_unobs (x_u.y_i)^2 + lambda (|X|^2 + |Y|^2)``
    with ``c_ui = alpha w_ui``; the preference ``p_ui`` is 1, but 0 where the rating is far below
    the user's mean. Only item factors are kept: a user's vector is solved from the profile when it
    is asked for, so known and new users are served alike.

    Attributes
    ----------
    item_factors : float32[n_items, n_factors]
        Zero for items nothing is known of, which score NaN.
    mapped : bool[n_items]
        Items without ratings, whose factors are what the catalogue leads to expect.
    losses : list of float
        The objective at each iteration of the last fit so far.
    """

    name: ClassVar[str] = "als"
    requires: ClassVar[tuple[str, ...]] = ()

    def __init__(self, config: ALSConfig | None = None) -> None:
        self.config = config or ALSConfig()

    def fit(self, dataset: Dataset, progress: Progress = silent) -> Self:
        """Learn the item factors: what the last of :meth:`sweeps` leaves.

        Raises
        ------
        InvalidRequestError
            If the backend is unknown, or if there are to be no sweeps.
        """
        factors = deque(self._trained(dataset, progress), maxlen=1).pop()
        rated = _rated(dataset)
        self._complete(factors, rated, CatalogMap(dataset.catalog, rated))
        return self

    def sweeps(
        self, dataset: Dataset, progress: Progress = silent, *, new_items: bool = True
    ) -> Iterator[Self]:
        """Fit, and look at the model after each sweep.

        Whoever stops early keeps the model as it was last yielded. What was learned is never
        changed in place, so that :meth:`arrays` of the best sweep may be kept.

        Parameters
        ----------
        dataset : Dataset
        progress : Progress
        new_items : bool
            Whether items without ratings get factors, too: expecting them anew each time takes
            longer than the sweep itself. A fit does it once.

        Yields
        ------
        ALS
            The model itself, as a fit of so many iterations leaves it. From "implicit" it comes
            once, at the end.

        Raises
        ------
        InvalidRequestError
            As :meth:`fit` does.
        """
        rated = _rated(dataset)
        catalog_map = CatalogMap(dataset.catalog, rated) if new_items else None
        for factors in self._trained(dataset, progress):
            self._complete(factors, rated, catalog_map)
            yield self

    def _trained(self, dataset: Dataset, progress: Progress) -> Iterator[NDArray[np.float32]]:
        """Yield all items' factors after each sweep; the next sweep overwrites them."""
        config = self.config
        if config.backend not in BACKENDS:
            raise InvalidRequestError(
                f"There is no backend '{config.backend}'; choose among {', '.join(BACKENDS)}."
            )
        if config.n_iterations < 1:
            raise InvalidRequestError("There is no model without a sweep; set n_iterations to 1.")
        self.overall_mean = float(dataset.rating.mean(dtype=np.float64))
        self.scale_width = (dataset.scale[1] - dataset.scale[0]) / USUAL_SCALE_WIDTH or 1.0
        total = np.bincount(dataset.user_index, dataset.rating, minlength=dataset.n_users)
        mean = config.preference.damped_mean(
            total, np.diff(dataset.user_indptr), self.overall_mean
        ).astype(np.float32)
        confidence, wanted = self._confidence(dataset.rating, mean[dataset.user_index])
        # Both backends read a negative confidence as a preference of 0.
        confidence[~wanted] *= -1
        observed = sparse.csr_matrix(
            (confidence, dataset.item_index, dataset.user_indptr),
            shape=(dataset.n_users, dataset.n_items),
            dtype=np.float32,
            copy=True,  # implicit refuses the dataset's read-only columns
        )
        self.regularization = min(
            config.regularization, LARGEST_SHARE * spectral_norm(abs(observed))
        )
        self.losses: list[float] = []
        for factors, loss in BACKENDS[config.backend](
            observed,
            # More factors than items or users only add zeros.
            n_factors=min(config.n_factors, dataset.n_items, dataset.n_users),
            regularization=self.regularization,
            n_iterations=config.n_iterations,
            tolerance=config.tolerance,
            seed=config.seed,
            n_threads=config.n_threads,
            progress=progress,
        ):
            if loss is not None:
                self.losses.append(loss)
            yield factors

    def _complete(
        self,
        factors: NDArray[np.float32],
        rated: NDArray[np.bool_],
        catalog_map: CatalogMap | None,
    ) -> None:
        """Take over what was trained; items without ratings get what the catalogue promises."""
        self.item_factors = np.where(rated[:, None], factors, 0).astype(np.float32)
        self.mapped = np.zeros(rated.size, dtype=np.bool_)
        if catalog_map is not None:
            with threadpool_limits(1, "blas"):
                expected = catalog_map.expected(self.item_factors)
            self.mapped = catalog_map.described & ~rated
            self.item_factors[self.mapped] = expected[self.mapped]
        self._derive()

    def _derive(self) -> None:
        factors = self.item_factors
        self.norm = np.linalg.norm(factors, axis=1)
        # What no one rated, or no one wanted, is left with zeros or with rounding errors.
        self.known = self.norm > 1e-6 * max(1.0, float(self.norm.max()))
        usual = self.norm[self.known & ~self.mapped]
        self.usual_norm = np.median(usual) if usual.size else np.float32(0)
        # The fit knows nothing of mapped items, and so does the solution for a profile.
        trained = factors[~self.mapped]
        self.gram = (trained.T @ trained).astype(np.float64)
        self.gram[np.diag_indices_from(self.gram)] += self.regularization

    def _confidence(
        self, rating: NDArray[np.float32], mean: Any
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Confidence of ratings, and whether they stand for a preference of 1.

        A film far below the mean is evidence of a preference of 0, the stronger the lower it is.
        """
        config = self.config
        wanted = config.preference.wanted(rating, mean, self.scale_width)
        weight = config.preference.weights(rating, mean, self.scale_width)
        against = 1.0 + config.preference.gamma * (mean - rating) / self.scale_width
        confidence = config.alpha * np.where(wanted, weight, against)
        return confidence.astype(np.float32), wanted

    def _evidence(
        self, profile: Profile
    ) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
        """Rated items the model knows, their confidence and the preference times it."""
        total = float(profile.rating.sum(dtype=np.float64))
        mean = self.config.preference.damped_mean(total, len(profile), self.overall_mean)
        confidence, wanted = self._confidence(profile.rating, np.float32(mean))
        known = self.known[profile.item_index]
        strength = confidence[known].astype(np.float64)
        return profile.item_index[known], strength, np.where(wanted[known], strength, 0.0)

    def _normal_matrix(
        self, index: NDArray[np.int32], confidence: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        rows = self.item_factors[index].astype(np.float64)
        # As if not rated, an item has a confidence of 1 in the Gram matrix, a mapped one of 0.
        more = confidence - np.where(self.mapped[index], 0.0, 1.0)
        return self.gram + (rows.T * more) @ rows, rows

    def fold_in(self, profile: Profile) -> NDArray[np.float32] | None:
        """Solve the factor vector of a profile exactly.

        Returns
        -------
        float32[n_factors] or None
            None when there is no item in the profile that the model knows and the user wanted.
        """
        index, confidence, pull = self._evidence(profile)
        if not pull.any():
            return None
        matrix, rows = self._normal_matrix(index, confidence)
        vector = linalg.cho_solve(linalg.cho_factor(matrix, lower=True), pull @ rows)
        return np.asarray(vector, dtype=np.float32)

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Dot product of the folded-in vector with every item's factors."""
        scores = np.full((len(profiles), len(self.item_factors)), np.nan, dtype=np.float32)
        vectors = {
            row: vector
            for row, profile in enumerate(profiles)
            if (vector := self.fold_in(profile)) is not None
        }
        if len(vectors) == 1:
            for row, vector in vectors.items():
                scores[row] = _products(self.item_factors, vector)
        elif vectors:
            scores[list(vectors)] = np.stack(list(vectors.values())) @ self.item_factors.T
        scores[:, ~self.known] = np.nan
        return scores

    def explain(self, profile: Profile, item_index: Sequence[int]) -> list[list[Contribution]]:
        """Share of each rating in the scores (Hu, Koren and Volinsky 2008, section 5).

        The vector is ``A^-1 sum_j p_j c_j y_j``, so a score is a sum over the wanted items ``j``
        of ``c_j y_i A^-1 y_j``.
        """
        rated, confidence, pull = self._evidence(profile)
        if not pull.any():
            return [[] for _ in item_index]
        matrix, rows = self._normal_matrix(rated, confidence)
        targets = self.item_factors[list(item_index)].astype(np.float64)
        shares = pull * (linalg.solve(matrix, targets.T, assume_a="pos").T @ rows.T)
        wanted = np.flatnonzero(pull)
        return [
            [Contribution("rating", float(row[j]), item_index=int(rated[j])) for j in wanted]
            if self.known[item]
            else []
            for item, row in zip(item_index, shares, strict=True)
        ]

    def similar(self, item_index: int) -> Scores:
        """Cosine of factor vectors, drawn to zero for items of few ratings.

        The length of a factor vector grows with the evidence for it; adding the median length to
        the divisor keeps items of one or two ratings from being everybody's neighbour.
        """
        if not self.known[item_index]:
            return np.full(len(self.norm), np.nan, dtype=np.float32)
        target = self.item_factors[item_index] / self.norm[item_index]
        similarity = _products(self.item_factors, target)
        similarity /= self.norm + self.usual_norm
        similarity[~self.known] = np.nan
        return np.asarray(similarity, dtype=np.float32)

    def explain_similar(self, item_index: int, others: Sequence[int]) -> list[list[Contribution]]:
        """Give the one reason factors have: the same people liked both, or would."""
        similarity = self.similar(item_index)
        found: list[list[Contribution]] = []
        for j in others:
            guessed = self.mapped[item_index] or self.mapped[j]
            reason = _EXPECTED if guessed else _LIKED
            known = np.isfinite(similarity[j])
            value = float(similarity[j])
            found.append([Contribution("feature", value, feature=reason)] if known else [])
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return item factors, and the numbers that a profile is folded in with."""
        return {
            "item_factors": self.item_factors,
            "mapped": self.mapped,
            "mean_width_lambda": np.array(
                [self.overall_mean, self.scale_width, self.regularization]
            ),
        }

    @classmethod
    def from_arrays(
        cls, config: ALSConfig, arrays: Mapping[str, NDArray[Any]], parts: Mapping[str, Scorer]
    ) -> Self:
        """Restore the factors."""
        model = cls(config)
        model.item_factors = arrays["item_factors"]
        model.mapped = arrays["mapped"]
        model.overall_mean, model.scale_width, model.regularization = map(
            float, arrays["mean_width_lambda"]
        )
        model._derive()
        return model


def _rated(dataset: Dataset) -> NDArray[np.bool_]:
    """Mark the items with ratings."""
    return np.bincount(dataset.item_index, minlength=dataset.n_items) > 0


def _products(factors: NDArray[np.float32], vector: NDArray[Any]) -> NDArray[np.float32]:
    """Multiply each row with a vector; for a tall matrix this reads memory faster than BLAS."""
    return np.asarray(np.einsum("ij,j->i", factors, vector), dtype=np.float32)
