"""Items as bags of genres, decade and tags, compared by TF-IDF cosine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, ClassVar, Self

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


@dataclass(frozen=True)
class ContentConfig:
    """Hyper-parameters of :class:`Content`."""

    decade_weight: float = 0.5
    """Term frequency of the decade, where a genre has 1."""

    min_items_per_tag: int = 2
    """Tags on fewer items connect nothing and are left out."""

    preference: Preference = field(default_factory=lambda: Preference(gamma=0.6, floor=-1.0))
    """How stars become weights; a film much below the user's mean counts against its features."""


class Content:
    """TF-IDF over genres, decade, user tags and genome tags.

    A profile is the weighted sum of its items' rows; the score is the cosine with each item.

    Attributes
    ----------
    features : csr float32[n_items, n_features]
        Rows of length 1; empty for items nothing is known of, which score NaN.
    feature_names : tuple of str
        Such as "genre: Horror", "decade: 1990s" and "tag: space".
    """

    name: ClassVar[str] = "content"
    requires: ClassVar[tuple[str, ...]] = ()

    def __init__(self, config: ContentConfig | None = None) -> None:
        self.config = config or ContentConfig()

    def fit(self, dataset: Dataset, progress: Progress = silent) -> Self:
        """Build the TF-IDF matrix."""
        from sklearn.feature_extraction.text import TfidfTransformer

        catalog, n = dataset.catalog, dataset.n_items
        genres = sparse.csr_matrix(catalog.genre_matrix, dtype=np.float32)
        dated = np.flatnonzero(catalog.year > 0)
        decades, column = np.unique(catalog.year[dated] // 10 * 10, return_inverse=True)
        decade = sparse.csr_matrix(
            (np.full(dated.size, self.config.decade_weight, np.float32), (dated, column)),
            shape=(n, decades.size),
        )
        blocks = [genres, decade]
        names = [f"genre: {name}" for name in catalog.genre_names]
        names += [f"decade: {year}s" for year in decades]
        tags = self._tags(dataset)
        if tags is not None:
            matrix, tag_names = tags
            blocks.append(matrix)
            names += [f"tag: {name}" for name in tag_names]
        terms = sparse.hstack(blocks, format="csr", dtype=np.float32)
        progress(1, 2)
        if terms.nnz:
            terms = TfidfTransformer(norm="l2", smooth_idf=True).fit_transform(terms)
        self.features = sparse.csr_matrix(terms, dtype=np.float32)
        self.features.sort_indices()
        self.feature_names = tuple(names)
        self.overall_mean = float(dataset.rating.mean(dtype=np.float64))
        self.scale_width = (dataset.scale[1] - dataset.scale[0]) / USUAL_SCALE_WIDTH or 1.0
        self._derive()
        progress(2, 2)
        return self

    def _tags(self, dataset: Dataset) -> tuple[sparse.csr_matrix, list[str]] | None:
        """User and genome tags in one matrix of term frequencies."""
        sources = [source for source in (dataset.tags, dataset.genome) if source is not None]
        if not sources:
            return None
        names = sorted({name for source in sources for name in source.names})
        column = {name: j for j, name in enumerate(names)}
        shape = (dataset.n_items, len(names))
        matrices = []
        for source in sources:
            columns = np.array([column[name] for name in source.names], dtype=np.int32)
            matrix = sparse.csr_matrix(
                (source.weight, (source.item_index, columns[source.tag_index])), shape=shape
            )
            # A tag that ten people used says more than one person's, but not ten times more.
            matrix.eliminate_zeros()
            matrix.data = np.log2(1.0 + matrix.data)
            matrices.append(matrix)
        frequency = reduce(lambda left, right: left.maximum(right), matrices)
        spread = np.bincount(frequency.indices, minlength=len(names))
        keep = np.flatnonzero(spread >= self.config.min_items_per_tag)
        return frequency[:, keep], [names[j] for j in keep]

    def _derive(self) -> None:
        self.described = np.diff(self.features.indptr) > 0

    def _taste(self, profile: Profile) -> NDArray[np.float32] | None:
        """Return the profile as a feature vector of length 1, None when nothing was liked.

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
        taste = self.features[profile.item_index].T @ weight
        length = np.linalg.norm(taste)
        # Likes and dislikes of the same features leave nothing but rounding errors.
        if length <= 1e-5 * np.abs(weight).sum():
            return None
        return np.asarray(taste / length, dtype=np.float32)

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Cosine of the profile's taste with every item."""
        scores = np.full((len(profiles), len(self.described)), np.nan, dtype=np.float32)
        for row, profile in zip(scores, profiles, strict=True):
            taste = self._taste(profile)
            if taste is not None:
                row[self.described] = (self.features @ taste)[self.described]
        return scores

    def explain(self, profile: Profile, item_index: Sequence[int]) -> list[list[Contribution]]:
        """Share of each feature of the items in their cosines."""
        taste = self._taste(profile)
        return [[] if taste is None else self._shares(taste, item) for item in item_index]

    def _shares(self, taste: NDArray[np.float32], item: int) -> list[Contribution]:
        span = slice(*self.features.indptr[item : item + 2])
        columns = self.features.indices[span]
        values = self.features.data[span].astype(np.float64) * taste[columns]
        return [
            Contribution("feature", float(value), feature=self.feature_names[j])
            for j, value in zip(columns, values, strict=True)
        ]

    def similar(self, item_index: int) -> Scores:
        """Cosine with one item."""
        if not self.described[item_index]:
            return np.full(len(self.described), np.nan, dtype=np.float32)
        similarity = self.features @ self._row(item_index)
        return np.where(self.described, similarity, np.nan).astype(np.float32)

    def explain_similar(self, item_index: int, others: Sequence[int]) -> list[list[Contribution]]:
        """Share of each feature two items have in common; features of one alone share nothing."""
        row = self._row(item_index)
        return [[part for part in self._shares(row, j) if part.value] for j in others]

    def _row(self, item_index: int) -> NDArray[np.float32]:
        return np.asarray(self.features[[item_index]].toarray().ravel(), dtype=np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the TF-IDF matrix in CSR form and the feature names as JSON text."""
        return {
            "data": self.features.data,
            "indices": self.features.indices.astype(np.int32),
            "indptr": self.features.indptr.astype(np.int64),
            "feature_names": np.frombuffer(json.dumps(self.feature_names).encode(), np.uint8),
            "rating_mean_and_width": np.array([self.overall_mean, self.scale_width]),
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
        model.overall_mean, model.scale_width = map(float, arrays["rating_mean_and_width"])
        model._derive()
        return model
