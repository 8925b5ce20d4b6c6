"""Whether films that nobody has rated reach the people who will like them."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from recsys.data.dataset import build_dataset
from recsys.data.readers import read_dataset
from recsys.models.hybrid import Hybrid
from tests.builders import fit_model, make_profile, two_tastes

K = 10


@cache
def withheld_split(folder: Path):
    """Take a quarter of each user's ratings away, and a fifth of the films with all theirs.

    Of a withheld film the catalogue stays, but no tag: nobody has seen it.

    Returns
    -------
    train : Dataset
    withheld : bool[n_items]
    wanted : list of int arrays
        By user of train: the withheld films among the quarter.
    """
    full, _ = read_dataset(folder)
    rng = np.random.default_rng(42)
    held = np.zeros(full.n_ratings, dtype=bool)
    for start, end in zip(full.user_indptr[:-1], full.user_indptr[1:], strict=True):
        held[start + rng.permutation(end - start)[: round((end - start) * 0.25)]] = True
    withheld = rng.random(full.n_items) < 0.2
    kept = ~held & ~withheld[full.item_index]
    old = ~withheld[full.tags.item_index]
    train = build_dataset(
        "without a fifth of the films",
        full.catalog,
        user_id=full.users.ids[full.user_index[kept]],
        item_id=full.items.ids[full.item_index[kept]],
        rating=full.rating[kept],
        timestamp=full.timestamp[kept],
        scale=full.scale,
        tags=replace(
            full.tags,
            item_index=full.tags.item_index[old],
            tag_index=full.tags.tag_index[old],
            weight=full.tags.weight[old],
        ),
    )
    asked = held & withheld[full.item_index]
    users = full.users.index(train.users.ids)
    wanted = [full.item_index[asked & (full.user_index == user)] for user in users]
    return train, withheld, wanted


def genre_popularity(dataset):
    """Mean over a film's genres of the ratings per film; their sums find half as many."""
    genres = dataset.catalog.genre_matrix
    count = np.bincount(dataset.item_index, minlength=dataset.n_items)
    per_film = count @ genres / np.maximum(1, (genres & (count > 0)[:, None]).sum(axis=0))
    return genres @ per_film / np.maximum(1, genres.sum(axis=1))


def found(scores, withheld, wanted):
    """Count the wanted films in lists of the K best withheld ones."""
    new = np.flatnonzero(withheld)
    best = new[np.argsort(-np.nan_to_num(scores[:, new], nan=-np.inf), axis=1, kind="stable")]
    return sum(np.isin(row, films).sum() for row, films in zip(best[:, :K], wanted, strict=True))


@pytest.mark.real_data
def test_the_hybrid_finds_new_films_three_times_as_often_as_genre_popularity(real_data):
    train, withheld, wanted = withheld_split(real_data)
    scores = Hybrid().fit(train).score([train.profile(user) for user in range(train.n_users)])
    plain = np.tile(genre_popularity(train), (train.n_users, 1))
    assert np.isfinite(scores[:, withheld]).mean() > 0.99
    assert found(scores, withheld, wanted) >= 3 * found(plain, withheld, wanted)


@pytest.mark.parametrize("model", ["als", "hybrid"])
def test_a_new_film_is_in_the_lists_of_those_who_like_its_kind(model):
    dataset = two_tastes()
    fitted = fit_model(model, dataset)
    horror = make_profile(dataset, {1: 5.0, 2: 4.5, 3: 5.0, 11: 1.0})
    comedy = make_profile(dataset, {11: 5.0, 12: 4.5, 13: 5.0, 1: 1.0})
    for_horror, for_comedy = fitted.score([horror, comedy])
    # Film 21 is horror of the 1980s that nobody has rated.
    assert for_horror[20] > for_horror[10:20].max()
    assert for_comedy[20] < for_comedy[10:20].min()
