"""Small data sets and fitted models that a reader can check by eye."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from recsys.data.catalog import Catalog, genre_table
from recsys.data.dataset import Dataset, build_dataset
from recsys.data.histories import Histories
from recsys.data.ids import IdMap
from recsys.data.profile import Profile
from recsys.data.tags import Genome, ItemTags
from recsys.data.title_index import TitleIndex
from recsys.models.als import ALSConfig
from recsys.models.base import Scorer
from recsys.models.registry import MODELS, config_to_dict, with_requirements
from recsys.serving.recommender import Recommender
from recsys.store.manifest import DatasetRecord, Manifest

Row = Sequence[float]
TagsByItem = Mapping[int, Mapping[str, float]]

HORROR_ITEMS = tuple(range(1, 11))
COMEDY_ITEMS = tuple(range(11, 21))
HORROR_FANS = tuple(range(1, 13))
COMEDY_FANS = tuple(range(101, 113))

SMALL_ALS = ALSConfig(n_factors=4, regularization=0.1, n_iterations=10)
"""The default regularisation is meant for large data; on twenty films it leaves no factors."""


def make_catalog(
    item_ids: Iterable[int],
    *,
    titles: Mapping[int, str] | None = None,
    years: Mapping[int, int] | None = None,
    genres: Mapping[int, str] | None = None,
) -> Catalog:
    """Describe items by id; genres are joined by ``|``; what is not given is unknown."""
    ids = sorted(item_ids)
    titles, years, genres = titles or {}, years or {}, genres or {}
    names, matrix = genre_table([genres[i].split("|") if genres.get(i) else [] for i in ids])
    n = len(ids)
    return Catalog(
        items=IdMap(ids, "item"),
        title=np.array([titles.get(i, f"Film {i}") for i in ids], dtype=object),
        year=np.array([years.get(i, 0) for i in ids], dtype=np.int16),
        genre_names=names,
        genre_matrix=matrix,
        imdb_id=np.array([""] * n, dtype=object),
        tmdb_id=np.zeros(n, dtype=np.int64),
        poster_url=np.array([""] * n, dtype=object),
        rating_count=np.zeros(n, dtype=np.int32),
        rating_mean=np.full(n, np.nan, dtype=np.float32),
    )


def make_tags(items: IdMap, tags: TagsByItem) -> ItemTags:
    """Turn ``{item_id: {tag: weight}}`` into columns."""
    names = tuple(sorted({name for row in tags.values() for name in row}))
    pairs = [
        (int(items.index([item])[0]), names.index(name), weight)
        for item, row in sorted(tags.items())
        for name, weight in sorted(row.items())
    ]
    return ItemTags(
        names,
        np.array([pair[0] for pair in pairs], dtype=np.int32),
        np.array([pair[1] for pair in pairs], dtype=np.int32),
        np.array([pair[2] for pair in pairs], dtype=np.float32),
    )


def make_genome(items: IdMap, scores: TagsByItem) -> Genome:
    """Turn ``{item_id: {tag: relevance}}`` into a matrix."""
    names = tuple(sorted({name for row in scores.values() for name in row}))
    relevance = [[scores[item].get(name, 0.0) for name in names] for item in sorted(scores)]
    return Genome(names, items.index(sorted(scores)), np.array(relevance, dtype=np.float16))


def make_dataset(
    rows: Sequence[Row],
    *,
    titles: Mapping[int, str] | None = None,
    years: Mapping[int, int] | None = None,
    genres: Mapping[int, str] | None = None,
    tags: TagsByItem | None = None,
    genome: TagsByItem | None = None,
    unrated: Iterable[int] = (),
    scale: tuple[float, float] = (0.5, 5.0),
    **options: Any,
) -> Dataset:
    """Build a data set of ``(user_id, item_id, rating[, timestamp])`` rows.

    Parameters
    ----------
    rows
        Times are used if the rows have a fourth number.
    titles, years, genres
        By item id.
    tags, genome
        ``{item_id: {tag: weight or relevance}}``.
    unrated
        Items in the catalogue that no row names.
    **options
        For :func:`build_dataset`.
    """
    item_ids = {int(row[1]) for row in rows} | set(unrated)
    catalog = make_catalog(item_ids, titles=titles, years=years, genres=genres)
    timed = len(rows) > 0 and len(rows[0]) > 3
    return build_dataset(
        options.pop("name", "tiny"),
        catalog,
        user_id=[int(row[0]) for row in rows],
        item_id=[int(row[1]) for row in rows],
        rating=[row[2] for row in rows],
        timestamp=[int(row[3]) for row in rows] if timed else None,
        scale=scale,
        tags=make_tags(catalog.items, tags) if tags else None,
        genome=make_genome(catalog.items, genome) if genome else None,
        **options,
    )


def two_tastes(seed: int = 0, **options: Any) -> Dataset:
    """Horror fans who love ten horror films, comedy fans who love ten comedies.

    Each fan rates seven films of the own kind 4 to 5 stars and two of the other 1 to 2. Film 21
    has no rating, film 22 neither rating nor description. Horror is of the 1980s and comedy of
    the 1990s, with the tags "scary" and "funny".
    """
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, int, float, int]] = []
    for fans, liked, disliked in (
        (HORROR_FANS, HORROR_ITEMS, COMEDY_ITEMS),
        (COMEDY_FANS, COMEDY_ITEMS, HORROR_ITEMS),
    ):
        for fan in fans:
            for item in rng.choice(liked, 7, replace=False):
                rows.append(
                    (fan, int(item), float(rng.choice([4.0, 4.5, 5.0])), len(rows) * 86_400)
                )
            for item in rng.choice(disliked, 2, replace=False):
                rows.append(
                    (fan, int(item), float(rng.choice([1.0, 1.5, 2.0])), len(rows) * 86_400)
                )
    horror, comedy = (*HORROR_ITEMS, 21), COMEDY_ITEMS
    described: dict[str, Any] = {
        "genres": dict.fromkeys(horror, "Horror") | dict.fromkeys(comedy, "Comedy"),
        "years": {i: 1980 + i % 10 for i in horror} | {i: 1990 + i % 10 for i in comedy},
        "tags": {i: {"scary": 1 + i % 3} for i in horror} | {i: {"funny": 1} for i in comedy},
        "unrated": (21, 22),
    }
    return make_dataset(rows, **(described | options))


def small_config(name: str, **changes: Any) -> Any:
    """Return a model's config, fit for small data."""
    config = SMALL_ALS if name == "als" else MODELS[name][1]()
    return replace(config, **changes) if changes else config


def fit_models(
    dataset: Dataset, names: Iterable[str] = tuple(MODELS), **als_changes: Any
) -> dict[str, Scorer]:
    """Fit models and their parts on small data, by name."""
    fitted: dict[str, Scorer] = {}
    for name in with_requirements(names):
        model_class, _ = MODELS[name]
        config = small_config(name, **(als_changes if name == "als" else {}))
        if model_class.requires:
            fitted[name] = model_class(
                config, {part: fitted[part] for part in model_class.requires}
            )
        else:
            fitted[name] = model_class(config).fit(dataset)
    return fitted


def fit_model(name: str, dataset: Dataset, **als_changes: Any) -> Any:
    """Fit one model on small data."""
    return fit_models(dataset, [name], **als_changes)[name]


def make_profile(dataset: Dataset, ratings: Mapping[int, float]) -> Profile:
    """Build a profile of ``{item_id: rating}``."""
    return Profile(
        dataset.items.index(list(ratings) or np.empty(0, np.int64)),
        np.array(list(ratings.values()), dtype=np.float32),
    )


def user_profile(dataset: Dataset, user_id: int) -> Profile:
    """Ratings of a user by id."""
    return dataset.profile(int(dataset.users.index([user_id])[0]))


def make_manifest_fields(
    dataset: Dataset, models: Mapping[str, Scorer] | None = None
) -> dict[str, Any]:
    """Return what a store's commit needs besides the files."""
    return {
        "packages": {"recsys": "0"},
        "seed": 42,
        "dataset": DatasetRecord(
            name=dataset.name,
            digest=dataset.digest,
            n_users=dataset.n_users,
            n_items=dataset.n_items,
            n_ratings=dataset.n_ratings,
            scale=dataset.scale,
            simulated=dataset.simulated,
            has_timestamps=dataset.timestamp is not None,
        ),
        "models": {name: config_to_dict(model.config) for name, model in (models or {}).items()},
    }


def make_recommender(
    dataset: Dataset, names: Iterable[str] = tuple(MODELS), **als_changes: Any
) -> Recommender:
    """Put a facade together in memory, without a folder of artifacts."""
    models = fit_models(dataset, [*names, "popularity"], **als_changes)
    catalog = dataset.catalog
    return Recommender(
        Manifest(
            version="in-memory",
            created="2000-01-01T00:00:00+00:00",
            files={},
            **make_manifest_fields(dataset, models),
        ),
        catalog,
        Histories.of(dataset),
        TitleIndex.build([str(t) for t in catalog.title], catalog.year, catalog.rating_count),
        models,
    )
