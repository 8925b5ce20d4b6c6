"""Truncated singular value decomposition of the ratings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds
from threadpoolctl import threadpool_limits

from recsys.data.dataset import Dataset
from recsys.data.profile import Profile
from recsys.models.base import (
    USUAL_SCALE_WIDTH,
    Contribution,
    Preference,
    Progress,
    Scorer,
    Scores,
    silent,
)


@dataclass(frozen=True)
class SVDConfig:
    """Hyper-parameters of :class:`SVD`."""

    n_factors: int = 50
    """Singular vectors kept."""

    preference: Preference = field(default_factory=Preference)
    """How stars become weights."""


class SVD:
    """PureSVD (Cremonesi, Koren and Turrin 2010) on centred ratings.

    Ratings are centred on the user's damped mean and set around 1: ``w = 1 + gamma (r - mean_u)``.
    What is not rated counts as zero, so below a film of average stars; centred on zero itself, a
    film not rated would be as good as the average one, and the ranking far worse. With ``W = U S
    V'`` a profile w scores ``w V V'``: it is projected on the items' singular vectors, so only
    these are kept, and contributions are exact.

    Attributes
    ----------
    vectors : float32[n_items, n_factors]
        ``V``; of each column the largest entry is positive.
    rated : bool[n_items]
        The items with ratings; all others score NaN.
    """

    name: ClassVar[str] = "svd"
    requires: ClassVar[tuple[str, ...]] = ()

    def __init__(self, config: SVDConfig | None = None) -> None:
        self.config = config or SVDConfig()

    def fit(self, dataset: Dataset, progress: Progress = silent) -> Self:
        """Find the singular vectors of the items."""
        self.overall_mean = float(dataset.rating.mean(dtype=np.float64))
        self.rated = np.bincount(dataset.item_index, minlength=dataset.n_items) > 0
        self.scale_width = (dataset.scale[1] - dataset.scale[0]) / USUAL_SCALE_WIDTH or 1.0
        total = np.bincount(dataset.user_index, dataset.rating, minlength=dataset.n_users)
        mean = self.config.preference.damped_mean(
            total, np.diff(dataset.user_indptr), self.overall_mean
        ).astype(np.float32)
        matrix = sparse.csr_matrix(
            (
                self._weigh(dataset.rating, mean[dataset.user_index]),
                dataset.item_index,
                dataset.user_indptr,
            ),
            shape=(dataset.n_users, dataset.n_items),
        )
        # The order in which threads add up would show in the last digits.
        with threadpool_limits(1, "blas"):
            self.vectors = _right_vectors(matrix.astype(np.float64), self.config.n_factors)
        progress(1, 1)
        return self

    def _weigh(self, rating: NDArray[np.float32], mean: Any) -> NDArray[np.float32]:
        return self.config.preference.weights(rating, mean, self.scale_width)

    def _weights(self, profile: Profile) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Rated items the model knows, and how much each counts."""
        total = float(profile.rating.sum(dtype=np.float64))
        mean = self.config.preference.damped_mean(total, len(profile), self.overall_mean)
        known = self.rated[profile.item_index]
        return profile.item_index[known], self._weigh(profile.rating[known], np.float32(mean))

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Project the profile on the singular vectors."""
        scores = np.full((len(profiles), len(self.rated)), np.nan, dtype=np.float32)
        for row, profile in zip(scores, profiles, strict=True):
            index, weight = self._weights(profile)
            if index.size:
                projected = self.vectors @ (weight @ self.vectors[index])
                row[self.rated] = projected[self.rated]
        return scores

    def explain(self, profile: Profile, item_index: Sequence[int]) -> list[list[Contribution]]:
        """Share of each rating: its weight times the likeness of both items."""
        index, weight = self._weights(profile)
        likeness = self.vectors[list(item_index)].astype(np.float64) @ self.vectors[index].T
        return [
            [
                Contribution("rating", float(value), item_index=int(j))
                for j, value in zip(index, row, strict=True)
            ]
            if self.rated[item]
            else []
            for item, row in zip(item_index, likeness * weight, strict=True)
        ]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the singular vectors, the items they cover and the numbers of the preference."""
        return {
            "vectors": self.vectors,
            "rated": self.rated,
            "rating_mean_and_width": np.array([self.overall_mean, self.scale_width]),
        }

    @classmethod
    def from_arrays(
        cls, config: SVDConfig, arrays: Mapping[str, NDArray[Any]], parts: Mapping[str, Scorer]
    ) -> Self:
        """Restore the singular vectors."""
        model = cls(config)
        model.vectors, model.rated = arrays["vectors"], arrays["rated"]
        model.overall_mean, model.scale_width = map(float, arrays["rating_mean_and_width"])
        return model


def _right_vectors(matrix: sparse.csr_matrix, n_factors: int) -> NDArray[np.float32]:
    """Right singular vectors of the largest singular values, without those of zero.

    Returns
    -------
    float32[n_columns, n], n <= n_factors
    """
    smaller = min(matrix.shape)
    if smaller <= 2 * n_factors:  # too few for the iterative method, and soon done
        _, values, rows = np.linalg.svd(matrix.toarray(), full_matrices=False)
    else:
        # A fixed start, for the same bits at every run; it does not show in the result.
        start = np.random.default_rng(0).standard_normal(smaller)
        _, values, rows = svds(matrix, k=n_factors, v0=start)
    order = np.argsort(-values, kind="stable")[:n_factors]
    order = order[values[order] > 1e-6 * values.max()]
    rows = rows[order]
    largest = rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)]
    return np.ascontiguousarray((rows * np.sign(largest)[:, None]).T, dtype=np.float32)
