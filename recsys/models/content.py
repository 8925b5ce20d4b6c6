"""Items as bags of genres, decade, series and tags, and by the tag genome, compared by cosine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

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
from recsys.models.features import FeatureConfig, item_terms, spelled_alike
from recsys.models.genome import GenomeSpace


@dataclass(frozen=True)
class ContentConfig:
    """Hyper-parameters of :class:`Content`."""

    features: FeatureConfig = field(default_factory=FeatureConfig)
    """How much each kind of term counts."""

    damping: float = 4.0
    """So many median lengths lengthen every row: a film of few terms is nobody's nearest."""

    n_genome_dims: int = 128
    """Dimensions that the tag genome is projected to."""

    genome_share: float = 0.5
    """Share of the genome in the likeness of two films that have one; terms have the rest."""

    preference: Preference = field(default_factory=lambda: Preference(gamma=0.6, floor=-1.0))
    """How stars become weights; a film much below the user's mean counts against its features."""


class _Point(NamedTuple):
    """A place among the items: float32[n_features] and, with a genome, float32[n_dims]."""

    terms: NDArray[np.float32]
    genome: NDArray[np.float32] | None


class Content:
    """TF-IDF over genres, decade, series and user tags, beside a projection of the tag genome.

    An item is its row of terms and its genome vector, together of length 1, or less where the
    terms are few. A profile is the weighted sum of its items, of length 1; the score is its
    product with each item, so a cosine damped by how little is known.

    Attributes
    ----------
    features : csr float32[n_items, n_features]
        Rows of terms, scaled; empty for items without any.
    feature_names : tuple of str
        Such as "genre: Horror", "decade: 1990s", "series: Toy Story" and "tag: space".
    genome : GenomeSpace or None
        None where the data has no genome.
    described : bool[n_items]
        Marks the items something is known of; all others score NaN.
    """

    name: ClassVar[str] = "content"
    requires: ClassVar[tuple[str, ...]] = ()

    def __init__(self, config: ContentConfig | None = None) -> None:
        self.config = config or ContentConfig()

    def fit(self, dataset: Dataset, progress: Progress = silent) -> Self:
        """Build the TF-IDF matrix and project the genome."""
        terms = item_terms(dataset, self.config.features)
        progress(1, 2)
        self.feature_names = terms.names
        self.features = terms.matrix
        self.genome = None
        if dataset.genome is not None:
            self.genome = GenomeSpace.of(
                spelled_alike(dataset.genome, terms.names),
                self.config.n_genome_dims,
                float(np.sqrt(self.config.genome_share)),
            )
        self._scale_rows()
        self.overall_mean = float(dataset.rating.mean(dtype=np.float64))
        self.scale_width = (dataset.scale[1] - dataset.scale[0]) / USUAL_SCALE_WIDTH or 1.0
        self._derive()
        progress(2, 2)
        return self

    def _scale_rows(self) -> None:
        """Bring the rows of terms to the length that the genome leaves them, or less."""
        squares = np.asarray(self.features.multiply(self.features).sum(axis=1)).ravel()
        filled = squares > 0
        if not filled.any():
            return
        squares += self.config.damping**2 * np.median(squares[filled])
        wanted = np.ones(len(squares))
        if self.genome is not None:
            wanted[self.genome.item_index] = np.sqrt(1.0 - self.config.genome_share)
        scale = wanted / np.sqrt(np.where(filled, squares, 1.0))
        self.features.data *= np.repeat(scale, np.diff(self.features.indptr)).astype(np.float32)

    def _derive(self) -> None:
        self._by_term = self.features.tocsc()
        self.described = np.diff(self.features.indptr) > 0
        if self.genome is not None:
            self.described[self.genome.item_index] = True

    def _taste(self, profile: Profile) -> _Point | None:
        """Return the profile as a point of length 1, None when nothing was liked.

        Dislikes alone would rank by what films are not, and that is most of the catalogue.
        """
        if not len(profile):
            return None
        preference = self.config.preference
        total = float(profile.rating.sum(dtype=np.float64))
        mean = preference.damped_mean(total, len(profile), self.overall_mean)
        weight = preference.weights(profile.rating, mean, self.scale_width)
        if not (weight > 0).any():
            return None
        terms = np.asarray(self.features[profile.item_index].T @ weight, dtype=np.float32)
        genome = self.genome.combine(profile.item_index, weight) if self.genome else None
        # Likes and dislikes of the same features leave nothing but rounding errors.
        return _unit(terms, genome, 1e-5 * float(np.abs(weight).sum()))

    def _cosines(self, point: _Point) -> NDArray[np.float32]:
        """Multiply all items with a point, float32[n_items]; NaN where nothing is known."""
        terms = np.flatnonzero(point.terms)
        # Few terms are in few items: their columns are less to read than all rows.
        if np.diff(self._by_term.indptr)[terms].sum() < self.features.nnz // 4:
            product = self._by_term[:, terms] @ point.terms[terms]
        else:
            product = self.features @ point.terms
        if self.genome is not None and point.genome is not None:
            product[self.genome.item_index] += self.genome.products(point.genome)
        product[~self.described] = np.nan
        return np.asarray(product, dtype=np.float32)

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Damped cosine of the profile's taste with every item."""
        scores = np.full((len(profiles), len(self.described)), np.nan, dtype=np.float32)
        for row, profile in zip(scores, profiles, strict=True):
            taste = self._taste(profile)
            if taste is not None:
                row[:] = self._cosines(taste)
        return scores

    def explain(self, profile: Profile, item_index: Sequence[int]) -> list[list[Contribution]]:
        """Share of each feature of the items in their cosines."""
        taste = self._taste(profile)
        return [[] if taste is None else self._shares(taste, item) for item in item_index]

    def _shares(self, point: _Point, item: int) -> list[Contribution]:
        span = slice(*self.features.indptr[item : item + 2])
        columns = self.features.indices[span]
        values = self.features.data[span].astype(np.float64) * point.terms[columns]
        # A film has hundreds of tags, and most taste of few of them.
        common = np.flatnonzero(values)
        shares = {self.feature_names[columns[j]]: float(values[j]) for j in common}
        if self.genome is not None and point.genome is not None:
            for tag, value in self.genome.shares(point.genome, item).items():
                name = f"tag: {tag}"
                shares[name] = shares.get(name, 0.0) + value
        return [Contribution("feature", value, feature=name) for name, value in shares.items()]

    def similar(self, item_index: int) -> Scores:
        """Damped cosine with one item."""
        if not self.described[item_index]:
            return np.full(len(self.described), np.nan, dtype=np.float32)
        return self._cosines(self._point(item_index))

    def explain_similar(self, item_index: int, others: Sequence[int]) -> list[list[Contribution]]:
        """Share of each feature two items have in common; features of one alone share nothing."""
        point = self._point(item_index)
        return [[part for part in self._shares(point, j) if part.value] for j in others]

    def _point(self, item_index: int) -> _Point:
        terms = np.asarray(self.features[[item_index]].toarray().ravel(), dtype=np.float32)
        genome = self.genome.vector(item_index) if self.genome else None
        return _unit(terms, genome) or _Point(terms, genome)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the TF-IDF matrix in CSR form, its names as JSON text, and the genome."""
        return {
            "data": self.features.data,
            "indices": self.features.indices.astype(np.int32),
            "indptr": self.features.indptr.astype(np.int64),
            "feature_names": np.frombuffer(json.dumps(self.feature_names).encode(), np.uint8),
            "rating_mean_and_width": np.array([self.overall_mean, self.scale_width]),
            **(self.genome.arrays() if self.genome else {}),
        }

    @classmethod
    def from_arrays(
        cls,
        config: ContentConfig,
        arrays: Mapping[str, NDArray[Any]],
        parts: Mapping[str, Scorer],
    ) -> Self:
        """Restore the matrix."""
        model = cls(config)
        model.feature_names = tuple(json.loads(arrays["feature_names"].tobytes()))
        model.features = sparse.csr_matrix(
            (arrays["data"], arrays["indices"], arrays["indptr"]),
            shape=(arrays["indptr"].size - 1, len(model.feature_names)),
        )
        model.genome = GenomeSpace.from_arrays(arrays)
        model.overall_mean, model.scale_width = map(float, arrays["rating_mean_and_width"])
        model._derive()
        return model


def _unit(
    terms: NDArray[np.float32], genome: NDArray[np.float32] | None, shortest: float = 0.0
) -> _Point | None:
    """Scale a point to length 1, None if it is not longer than the shortest."""
    squares = np.vdot(terms, terms) + (0.0 if genome is None else np.vdot(genome, genome))
    length = np.float32(np.sqrt(squares))
    if length <= shortest:
        return None
    return _Point(terms / length, None if genome is None else genome / length)
