"""EASE: a linear item-item model in closed form."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack
from threadpoolctl import threadpool_limits

from recsys.data.dataset import Dataset
from recsys.data.profile import Profile
from recsys.errors import InvalidRequestError
from recsys.models.base import (
    USUAL_SCALE_WIDTH,
    Contribution,
    Preference,
    Progress,
    Scorer,
    Scores,
    silent,
)
from recsys.models.features import FeatureConfig, item_terms

_BIN_BITS = 12
"""Lower bits of a float32 that the histogram of weights does not look at."""


@dataclass(frozen=True)
class ItemItemConfig:
    """Hyper-parameters of :class:`ItemItem`."""

    regularization: float = 200.0
    """Added to the diagonal of the items' Gram matrix (lambda)."""

    n_items: int = 12_000
    """Only so many of the most-rated items; memory grows with the square."""

    n_neighbors: int = 200
    """Weights kept per item on average, those that can move scores most."""

    common_terms: float = 0.1
    """What two items have in common in the catalogue counts like so many shared users, times
    lambda; it decides where there are few ratings and is lost among many."""

    features: FeatureConfig = field(default_factory=FeatureConfig)
    """How much each kind of term counts."""

    preference: Preference = field(default_factory=lambda: Preference(gamma=0.15))
    """How stars become weights."""


class ItemItem:
    """EASE^R (Steck 2019): each item as a weighted sum of the others.

    Minimises ``|X - X B|^2 + lambda |B|^2`` with a zero diagonal of ``B``; in closed form, with
    ``P = (X'X + lambda I)^-1``, ``B_ij = -P_ij / P_jj``. Below the users, ``X`` has a row for each
    term of the catalogue, as if a term were somebody who rated all that has it (Jeunen, Van Balen
    and Goethals 2020). The score of an item is the sum of the weights of what the profile has
    rated, so contributions are exact.

    Attributes
    ----------
    weights : csr float32[n_items, n_items]
        Row: a rated item, column: the item it speaks for.
    covered : bool[n_items]
        The items the model knows; all others score NaN.
    """

    name: ClassVar[str] = "item_item"
    requires: ClassVar[tuple[str, ...]] = ()

    def __init__(self, config: ItemItemConfig | None = None) -> None:
        self.config = config or ItemItemConfig()

    def fit(self, dataset: Dataset, progress: Progress = silent) -> Self:
        """Invert the items' Gram matrix."""
        from recsys.models.item_item_kernel import lower_gram

        config = self.config
        self.overall_mean = float(dataset.rating.mean(dtype=np.float64))
        self.scale_width = (dataset.scale[1] - dataset.scale[0]) / USUAL_SCALE_WIDTH or 1.0
        count = np.bincount(dataset.item_index, minlength=dataset.n_items)
        most = np.argsort(-count, kind="stable")[: config.n_items]
        chosen = np.sort(most[count[most] > 0])
        total = np.bincount(dataset.user_index, dataset.rating, minlength=dataset.n_users)
        mean = config.preference.damped_mean(
            total, np.diff(dataset.user_indptr), self.overall_mean
        ).astype(np.float32)
        weight = self._weigh(dataset.rating, mean[dataset.user_index])
        place = np.full(dataset.n_items, -1, dtype=np.int32)
        place[chosen] = np.arange(chosen.size, dtype=np.int32)
        inside = place[dataset.item_index] >= 0
        matrix = sparse.csr_matrix(
            (weight[inside], (dataset.user_index[inside], place[dataset.item_index[inside]])),
            shape=(dataset.n_users, chosen.size),
        )
        matrix.eliminate_zeros()
        squares = np.bincount(matrix.indices, matrix.data**2, minlength=chosen.size)
        spread = np.sqrt(squares).astype(np.float32)
        matrix = sparse.vstack([matrix, self._terms(dataset, chosen)], format="csr")
        matrix.sort_indices()
        progress(1, 4)
        gram = lower_gram(matrix)
        del matrix
        gram[np.diag_indices_from(gram)] += config.regularization
        progress(2, 4)
        # Another number of threads gives other last digits: always all cores.
        with threadpool_limits(os.cpu_count(), "blas"):
            inverse = _inverse_in_place(gram)
        progress(3, 4)
        self.weights = _strongest(inverse, spread, chosen, dataset.n_items, config.n_neighbors)
        self.covered = place >= 0
        progress(4, 4)
        return self

    def _terms(self, dataset: Dataset, chosen: NDArray[np.int64]) -> sparse.csr_matrix:
        """Rows of terms, in which every item has the same length."""
        terms = item_terms(dataset, self.config.features).matrix[chosen]
        length = np.sqrt(np.asarray(terms.multiply(terms).sum(axis=1)).ravel())
        scale = np.sqrt(self.config.common_terms * self.config.regularization)
        terms.data *= (scale / np.repeat(length, np.diff(terms.indptr))).astype(np.float32)
        return terms.T.tocsr()

    def _weigh(self, rating: NDArray[np.float32], mean: Any) -> NDArray[np.float32]:
        """Weights of ratings; films far below the mean are as good as not seen."""
        preference = self.config.preference
        weight = preference.weights(rating, mean, self.scale_width)
        return np.where(preference.wanted(rating, mean, self.scale_width), weight, np.float32(0))

    def _weights(self, profile: Profile) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Rated items the model knows and the user wanted, and how much each counts."""
        preference = self.config.preference
        total = float(profile.rating.sum(dtype=np.float64))
        mean = preference.damped_mean(total, len(profile), self.overall_mean)
        weight = self._weigh(profile.rating, np.float32(mean))
        known = self.covered[profile.item_index] & (weight > 0)
        return profile.item_index[known], weight[known]

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Sum the weights of the rated items for every item."""
        scores = np.full((len(profiles), len(self.covered)), np.nan, dtype=np.float32)
        for row, profile in zip(scores, profiles, strict=True):
            index, weight = self._weights(profile)
            if index.size:
                total = weight @ self.weights[index]
                row[self.covered] = total[self.covered]
        return scores

    def explain(self, profile: Profile, item_index: Sequence[int]) -> list[list[Contribution]]:
        """Weight of each rated item, exactly."""
        index, weight = self._weights(profile)
        if not index.size:
            return [[] for _ in item_index]
        shares = self.weights[index][:, list(item_index)].toarray() * weight[:, None]
        return [
            [
                Contribution("rating", float(value), item_index=int(j))
                for j, value in zip(index, column, strict=True)
            ]
            if self.covered[item]
            else []
            for item, column in zip(item_index, shares.T, strict=True)
        ]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the weights in CSR form, what they cover and the numbers of the preference."""
        return {
            "data": self.weights.data,
            "indices": self.weights.indices.astype(np.int32),
            "indptr": self.weights.indptr.astype(np.int64),
            "covered": self.covered,
            "rating_mean_and_width": np.array([self.overall_mean, self.scale_width]),
        }

    @classmethod
    def from_arrays(
        cls,
        config: ItemItemConfig,
        arrays: Mapping[str, NDArray[Any]],
        parts: Mapping[str, Scorer],
    ) -> Self:
        """Restore the weights."""
        model = cls(config)
        model.covered = arrays["covered"]
        model.weights = sparse.csr_matrix(
            (arrays["data"], arrays["indices"], arrays["indptr"]),
            shape=(model.covered.size, model.covered.size),
        )
        model.overall_mean, model.scale_width = map(float, arrays["rating_mean_and_width"])
        return model


def _inverse_in_place(lower: NDArray[np.float32]) -> NDArray[np.float32]:
    """Invert a positive definite matrix given by its lower triangle, without a second copy.

    Returns
    -------
    float32[n, n]
        The inverse in full.
    """
    # LAPACK counts columns first: our lower triangle is its upper one.
    factor, problem = lapack.spotrf(lower.T, lower=0, overwrite_a=1)
    if not problem:
        factor, problem = lapack.spotri(factor, lower=0, overwrite_c=1)
    if problem:
        raise InvalidRequestError("lambda is too small to invert the item-item matrix; raise it.")
    inverse: NDArray[np.float32] = factor.T
    for start in range(0, len(inverse), 1024):
        rows = slice(start, start + 1024)
        block = inverse[rows, start:]
        block[:] = np.where(np.tri(*block.shape, dtype=np.bool_), block, inverse[start:, rows].T)
    return inverse


def _blocks(
    inverse: NDArray[np.float32], spread: NDArray[np.float32]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]]:
    """Yield some items at a time, the weights of all others for them, and what these can do.

    A weight acts through the item it is multiplied with: it counts times that item's spread.
    """
    diagonal = inverse.diagonal()
    for start in range(0, len(inverse), 512):
        # The inverse is symmetric: its rows are the columns that are divided by the diagonal.
        weights = -inverse[start : start + 512] / diagonal[start : start + 512, None]
        items = np.arange(start, start + len(weights))
        weights[np.arange(len(weights)), items] = 0
        yield items, weights, np.abs(weights) * spread


def _strongest(
    inverse: NDArray[np.float32],
    spread: NDArray[np.float32],
    chosen: NDArray[np.int64],
    n_items: int,
    n_neighbors: int,
) -> sparse.csr_matrix:
    """Keep the weights that can move scores most, ``n_neighbors`` per item on average.

    One bound for all items loses much less than as many neighbours for each: popular items have
    hundreds of weights that matter, rare ones a handful.
    """
    # A histogram finds the bound without sorting all weights. The bits of positive floats are in
    # the order of their values: the upper ones are the number of a bin.
    counts = np.zeros(1 << (31 - _BIN_BITS), dtype=np.int64)
    for _, _, strength in _blocks(inverse, spread):
        bins = strength.view(np.uint32).ravel() >> _BIN_BITS
        counts += np.bincount(bins, minlength=len(counts))
    above = counts[::-1].cumsum()[::-1]
    lowest = max(1, int(np.searchsorted(-above, -n_neighbors * len(chosen))))
    bound = np.array([lowest << _BIN_BITS], dtype=np.uint32).view(np.float32)[0]

    rows: list[NDArray[Any]] = [np.empty(0, dtype=np.int64)]
    columns: list[NDArray[Any]] = [np.empty(0, dtype=np.int64)]
    values: list[NDArray[np.float32]] = [np.empty(0, dtype=np.float32)]
    for items, weights, strength in _blocks(inverse, spread):
        target, source = np.nonzero(strength >= bound)
        rows.append(chosen[source])
        columns.append(chosen[items[target]])
        values.append(weights[target, source])
    matrix = sparse.csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(n_items, n_items),
    )
    matrix.sort_indices()
    return matrix
