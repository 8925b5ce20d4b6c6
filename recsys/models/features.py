"""What is known of each item: terms of the catalogue and of users, and the tag genome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from recsys.data.catalog import Catalog
from recsys.data.dataset import Dataset
from recsys.data.series import find_series
from recsys.data.tag_words import tag_key
from recsys.data.tags import Genome, ItemTags


@dataclass(frozen=True)
class FeatureConfig:
    """How much each kind of term counts, where a genre has 1."""

    decade_weight: float = 0.5
    """Term frequency of the decade."""

    series_weight: float = 2.0
    """Term frequency of the series a title belongs to."""

    min_items_per_tag: int = 2
    """Tags on fewer items connect nothing and are left out."""


@dataclass(frozen=True)
class Terms:
    """Items as bags of terms.

    Attributes
    ----------
    matrix : csr float32[n_items, n_terms]
        Term frequency times inverse document frequency; rows are not of one length.
    names : tuple of str
        Such as "genre: Horror", "decade: 1990s", "series: Toy Story" and "tag: space".
    """

    matrix: sparse.csr_matrix
    names: tuple[str, ...]


def item_terms(dataset: Dataset, config: FeatureConfig) -> Terms:
    """Weigh genres, decade, series and user tags by TF-IDF.

    The inverse document frequency is ``ln((1 + n_items) / (1 + n_items with the term)) + 1``.
    """
    blocks = [
        _genres(dataset.catalog),
        _decades(dataset.catalog, config),
        _series(dataset.catalog, config),
    ]
    if dataset.tags is not None:
        blocks.append(_tags(dataset.tags, dataset.n_items, config))
    matrix = sparse.hstack([block for block, _ in blocks], format="csr", dtype=np.float32)
    matrix.eliminate_zeros()
    matrix.sort_indices()
    spread = np.bincount(matrix.indices, minlength=matrix.shape[1])
    rarity = np.log((1.0 + dataset.n_items) / (1.0 + spread)) + 1.0
    matrix.data *= rarity[matrix.indices].astype(np.float32)
    return Terms(matrix, tuple(name for _, names in blocks for name in names))


def spelled_alike(genome: Genome, term_names: Sequence[str]) -> Genome:
    """Spell the genome's tags like the same user tags, so that they are one in an explanation."""
    user_tags = [name.removeprefix("tag: ") for name in term_names if name.startswith("tag: ")]
    spelling = {tag_key(tag): tag for tag in user_tags}
    return replace(genome, names=tuple(spelling.get(tag_key(n), n) for n in genome.names))


_Block = tuple[sparse.csr_matrix, list[str]]


def _genres(catalog: Catalog) -> _Block:
    matrix = sparse.csr_matrix(catalog.genre_matrix, dtype=np.float32)
    return matrix, [f"genre: {name}" for name in catalog.genre_names]


def _decades(catalog: Catalog, config: FeatureConfig) -> _Block:
    dated = np.flatnonzero(catalog.year > 0)
    decades, column = np.unique(catalog.year[dated] // 10 * 10, return_inverse=True)
    weight = np.full(dated.size, config.decade_weight, np.float32)
    matrix = sparse.csr_matrix((weight, (dated, column)), shape=(len(catalog), decades.size))
    return matrix, [f"decade: {year}s" for year in decades]


def _series(catalog: Catalog, config: FeatureConfig) -> _Block:
    series = find_series([str(title) for title in catalog.title])
    weight = np.full(series.item_index.size, config.series_weight, np.float32)
    matrix = sparse.csr_matrix(
        (weight, (series.item_index, series.series_index)),
        shape=(len(catalog), len(series.names)),
    )
    return matrix, [f"series: {name}" for name in series.names]


def _tags(tags: ItemTags, n_items: int, config: FeatureConfig) -> _Block:
    # A tag that ten people used says more than one person's, but not ten times more.
    matrix = sparse.csr_matrix(
        (np.log2(1.0 + tags.weight), (tags.item_index, tags.tag_index)),
        shape=(n_items, len(tags.names)),
    )
    matrix.eliminate_zeros()
    spread = np.bincount(matrix.indices, minlength=len(tags.names))
    keep = np.flatnonzero(spread >= config.min_items_per_tag)
    return matrix[:, keep], [f"tag: {tags.names[j]}" for j in keep]
