"""How catalogue, histories, models and title index lie in a version."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from recsys.data.catalog import Catalog, genre_table
from recsys.data.histories import Histories
from recsys.data.ids import IdMap
from recsys.data.title_index import TitleIndex
from recsys.errors import ArtifactsDamagedError, ArtifactsIncompatibleError, RecsysError
from recsys.models.base import Scorer
from recsys.models.registry import MODELS, restore
from recsys.store.version import RETRAIN, Version
from recsys.store.writer import VersionWriter

_TEXT = ("title", "imdb_id", "poster_url")
_NUMBERS = ("year", "tmdb_id", "rating_count", "rating_mean")


def write_catalog(writer: VersionWriter, catalog: Catalog) -> None:
    """Write the catalogue as ``catalog.parquet``, genres joined by ``|``."""
    columns: dict[str, Any] = {"item_id": catalog.items.ids}
    for name in _TEXT:
        columns[name] = [_storable(str(text)) for text in getattr(catalog, name)]
    for name in _NUMBERS:
        columns[name] = getattr(catalog, name)
    columns["genres"] = [_storable("|".join(catalog.genres(i))) for i in range(len(catalog))]
    writer.table("catalog", pa.table(columns))


def _storable(text: str) -> str:
    """Replace what is not valid Unicode, and can't be shown either, by question marks."""
    return text.encode("utf-8", "replace").decode()


def read_catalog(version: Version) -> Catalog:
    """Restore what :func:`write_catalog` wrote."""
    table = version.table("catalog")
    columns: dict[str, Any] = {name: table[name].to_numpy() for name in _NUMBERS}
    for name in _TEXT:
        columns[name] = np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=object)
    # Few combinations of genres are shared by many items: split each one once.
    genres = table["genres"].combine_chunks().dictionary_encode()
    combinations = [value.split("|") if value else [] for value in genres.dictionary.to_pylist()]
    names, matrix = genre_table(combinations)
    return Catalog(
        items=IdMap(table["item_id"].to_numpy(), "item"),
        genre_names=names,
        genre_matrix=matrix[genres.indices.to_numpy()],
        **columns,
    )


def write_histories(writer: VersionWriter, histories: Histories) -> None:
    """Write the ratings of all users."""
    for name, array in histories.arrays().items():
        writer.array(f"ratings.{name}", array)


def read_histories(version: Version) -> Histories:
    """Map the ratings of all users."""
    return Histories.from_arrays(version.arrays("ratings"))


def write_title_index(writer: VersionWriter, index: TitleIndex) -> None:
    """Write the search index."""
    for name, array in index.arrays().items():
        writer.array(f"titles.{name}", array)


def read_title_index(version: Version) -> TitleIndex:
    """Map the search index."""
    return TitleIndex.from_arrays(version.arrays("titles"))


def write_model(writer: VersionWriter, model: Scorer) -> None:
    """Write the arrays of one model."""
    for name, array in model.arrays().items():
        writer.array(f"{model.name}.{name}", array)


def read_models(version: Version) -> dict[str, Scorer]:
    """Restore all models of a version, by name.

    Raises
    ------
    ArtifactsIncompatibleError
        If the version holds a model this program does not have.
    ArtifactsDamagedError
        If a model's config or arrays are not what it wrote.
    """
    configs = version.manifest.models
    unknown = sorted(set(configs) - set(MODELS))
    if unknown:
        raise ArtifactsIncompatibleError(
            f"Version {version.manifest.version} holds the unknown model '{unknown[0]}': "
            "update the program, or train again."
        )
    if "popularity" not in configs:
        raise ArtifactsDamagedError(
            f"Version {version.manifest.version} lacks the model popularity: {RETRAIN}."
        )
    models: dict[str, Scorer] = {}
    for name in (name for name in MODELS if name in configs):
        try:
            parts = {part: models[part] for part in MODELS[name][0].requires}
            models[name] = restore(name, configs[name], version.arrays(name), parts)
        except ArtifactsDamagedError:
            raise
        except (
            RecsysError,
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:
            raise ArtifactsDamagedError(
                f"The model {name} of version {version.manifest.version} was altered: {RETRAIN}."
            ) from error
    return models
