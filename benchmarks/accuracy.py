"""How good the lists and the predicted stars are, on ratings that chose no setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.data.dataset import Dataset
from recsys.data.readers import read_dataset
from recsys.evaluation.metrics import ndcg
from recsys.models.als import ALS
from recsys.models.base import Scorer, silent
from recsys.models.biased_als import BiasedALS, BiasedALSConfig
from recsys.models.content import Content
from recsys.models.hybrid import Hybrid
from recsys.models.item_item import ItemItem
from recsys.models.popularity import Popularity
from recsys.models.registry import MODELS
from recsys.models.svd import SVD
from recsys.ranking.topk import top_k
from recsys.training.blend import hold_out, learn_blend

SEED = 42
K = 10
Relevant = list[NDArray[np.int32]]


def accuracy(folder: Path) -> dict[str, Any]:
    """Measure lists, new films and predicted stars on the data of a folder."""
    dataset = read_dataset(folder)[0]
    return {
        "data": dataset.name,
        "ndcg_at_10": lists(dataset),
        "new_films": new_films(dataset),
        "rmse": stars(dataset),
    }


def lists(dataset: Dataset) -> dict[str, float]:
    """NDCG@10 by model: a quarter of each user's ratings held out, all of them relevant."""
    held = _quarter(dataset, np.random.default_rng(SEED))
    train, wanted = dataset.keep(~held), _by_user(dataset, held)
    models: dict[str, Scorer] = {
        name: model.fit(train)
        for name, model in (
            ("popularity", Popularity()),
            ("content", Content()),
            ("svd", SVD()),
            ("als", ALS()),
            ("item_item", ItemItem()),
        )
    }
    models["hybrid"] = _learned_hybrid(train, models)
    rated = train.catalog.rating_count > 0
    return {name: _mean_ndcg(model, train, wanted, rated) for name, model in models.items()}


def new_films(dataset: Dataset) -> dict[str, Any]:
    """Share of wanted films found among withheld ones.

    Besides a quarter of each user's ratings, a fifth of the films is withheld, with all their
    ratings and tags. Each user gets the 10 best of the withheld films; wanted are the ratings of
    the quarter that are of such films. Popularity by genre scores a film by the mean, over its
    genres, of the ratings per film.
    """
    rng = np.random.default_rng(SEED)
    held = _quarter(dataset, rng)
    withheld = rng.random(dataset.n_items) < 0.2
    of_withheld = withheld[dataset.item_index]
    train = dataset.keep(~held & ~of_withheld)
    known = np.where(withheld, -1, np.arange(dataset.n_items)).astype(np.int32)
    train = replace(
        train,
        tags=train.tags and train.tags.take(known),
        genome=train.genome and train.genome.take(known),
    )
    wanted = _by_user(dataset, held & of_withheld)
    parts: dict[str, Scorer] = {
        model.name: model.fit(train) for model in (ALS(), ItemItem(), Content())
    }
    hybrid = _learned_hybrid(train, parts)
    genres = train.catalog.genre_matrix
    count = train.catalog.rating_count
    per_film = count @ genres / np.maximum(1, (genres & (count > 0)[:, None]).sum(axis=0))
    by_genre = (genres @ per_film / np.maximum(1, genres.sum(axis=1))).astype(np.float32)
    found = {"hybrid": 0, "popularity_by_genre": 0}
    for user, films in enumerate(wanted):
        if films.size:
            scores = hybrid.score([train.profile(user)])[0]
            for name, row in (("hybrid", scores), ("popularity_by_genre", by_genre)):
                found[name] += int(np.isin(top_k(row, withheld, K)[0], films).sum())
    return {
        "n_withheld": int(withheld.sum()),
        "n_wanted": sum(films.size for films in wanted),
        "found": found,
        "ratio": round(found["hybrid"] / max(1, found["popularity_by_genre"]), 2),
    }


def stars(dataset: Dataset) -> dict[str, float]:
    """RMSE of predicted stars: a fifth of all ratings held out, every one of them predicted."""
    held = np.zeros(dataset.n_ratings, dtype=np.bool_)
    order = np.random.default_rng(SEED).permutation(dataset.n_ratings)
    held[order[: dataset.n_ratings // 5]] = True
    train = dataset.keep(~held)
    configs = {
        "biases alone": BiasedALSConfig(n_factors=0),
        "factors alone": BiasedALSConfig(biases=False),
        "biased_als": BiasedALSConfig(),
        "biased_als, posterior": BiasedALSConfig(posterior=True),
    }
    found = {}
    for name, config in configs.items():
        model = BiasedALS(config).fit(train)
        squares = 0.0
        for user in range(dataset.n_users):
            rows = np.flatnonzero(held[slice(*dataset.user_indptr[user : user + 2])])
            rows = rows + dataset.user_indptr[user]
            if rows.size:
                predicted = model.predict(train.profile(user), dataset.item_index[rows])[0]
                squares += float(((predicted - dataset.rating[rows]) ** 2).sum())
        found[name] = float(np.sqrt(squares / held.sum()))
    return found


def _quarter(dataset: Dataset, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Mark a quarter of each user's ratings, bool[n_ratings]."""
    held = np.zeros(dataset.n_ratings, dtype=np.bool_)
    for start, end in zip(dataset.user_indptr[:-1], dataset.user_indptr[1:], strict=True):
        held[start + rng.permutation(end - start)[: round((end - start) * 0.25)]] = True
    return held


def _by_user(dataset: Dataset, marked: NDArray[np.bool_]) -> Relevant:
    return [
        dataset.item_index[start:end][marked[start:end]]
        for start, end in zip(dataset.user_indptr[:-1], dataset.user_indptr[1:], strict=True)
    ]


def _learned_hybrid(train: Dataset, parts: Mapping[str, Scorer]) -> Hybrid:
    """Mix fitted parts with weights learned on a part of the training data, as training does."""
    rng = np.random.default_rng(SEED)
    held_out = hold_out(train, rng)
    again = {
        name: MODELS[name][0](parts[name].config).fit(held_out.train) for name in Hybrid.requires
    }
    config, _ = learn_blend(held_out, again, rng, silent)
    return Hybrid(config, {name: parts[name] for name in Hybrid.requires})


def _mean_ndcg(model: Scorer, train: Dataset, wanted: Relevant, rated: NDArray[np.bool_]) -> float:
    """Mean NDCG@10 over the users with a held-out film that others rated in train."""
    values = []
    for user, films in enumerate(wanted):
        films = films[rated[films]]
        if films.size:
            profile = train.profile(user)
            eligible = rated.copy()
            eligible[profile.item_index] = False
            listed = top_k(model.score([profile])[0], eligible, K)[0]
            hits = np.zeros(K, dtype=np.bool_)
            hits[: listed.size] = np.isin(listed, films)
            values.append(float(ndcg(hits, films.size)))
    return float(np.mean(values))
