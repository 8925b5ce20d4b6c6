"""Made-up data sets of MovieLens' shape and in its format, kept in a folder for the next time.

The counts are exact, and spread over users and movies like the real ones. What people rate is
drawn from mixtures of tastes and from what is popular, so there is something to learn.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.people import Films, People, film, liking, meet, seconds
from benchmarks.shapes import Shape
from benchmarks.write import write_films, write_genome, write_ratings, write_tags

VERSION = 1
"""Raised when the same seed gives other data than before."""

SEED = 42
_STAMP = ".stamp.json"
_MANY = 400
_ROUNDS = 14
_PARTS = 16


@dataclass(frozen=True)
class Ratings:
    """Who rated what, sorted by user, then film.

    Attributes
    ----------
    user_index, item_index : int32[n]
    code : uint8[n]
        0 for half a star to 9 for five.
    timestamp : int64[n]
    """

    user_index: NDArray[np.int32]
    item_index: NDArray[np.int32]
    code: NDArray[np.uint8]
    timestamp: NDArray[np.int64]


def data_folder(shape: Shape, root: Path, *, seed: int = SEED, tags: bool = True) -> Path:
    """Folder of a data set, made now unless it is there already.

    Parameters
    ----------
    shape : Shape
    root : Path
    seed : int
    tags : bool
        With ``tags.csv`` and the genome, where the shape has them.

    Returns
    -------
    Path
    """
    folder = root / f"bench-{shape.name}{'' if tags else '-ratings'}"
    stamp = json.dumps(
        {"generator": VERSION, "seed": seed, "tags": tags, "shape": asdict(shape)}, indent=1
    )
    if (folder / _STAMP).exists() and (folder / _STAMP).read_text() == stamp:
        return folder
    making = root / f".making-{folder.name}"
    for stale in (making, folder):
        shutil.rmtree(stale, ignore_errors=True)
    making.mkdir(parents=True)
    generate(shape, making, seed=seed, tags=tags)
    (making / _STAMP).write_text(stamp)
    making.rename(folder)
    return folder


def generate(shape: Shape, folder: Path, *, seed: int = SEED, tags: bool = True) -> None:
    """Write a data set; the same seed gives the same bytes."""
    rng = np.random.default_rng(seed)
    people = meet(rng, shape)
    films = film(rng, shape, people)
    ratings = rate(rng, shape, people, films)
    write_ratings(folder, films, ratings.user_index, ratings.item_index, ratings.code,
                  ratings.timestamp)  # fmt: skip
    count = np.bincount(ratings.item_index, minlength=shape.n_items)
    del ratings
    write_films(rng, shape, films, folder)
    if tags and shape.n_tags:
        write_tags(rng, shape, people, films, count, folder)
    if tags and shape.n_genome_items:
        write_genome(np.random.default_rng([seed, 1]), shape, films, count, folder)


def rate(rng: np.random.Generator, shape: Shape, people: People, films: Films) -> Ratings:
    """Draw all ratings."""
    from numba import get_num_threads

    from benchmarks.draw_kernel import alias_tables, draw, first_viewers

    base, weights = _calibrated(rng, shape, people, films)
    keep = np.empty_like(weights)
    alias = np.empty(weights.shape, dtype=np.int32)
    alias_tables(weights, keep, alias)
    # Rare films are seen by people who see a lot.
    reach = np.cumsum(people.count.astype(np.float64) ** 1.5)
    chosen = first_viewers(
        films.year, people.last_year, people.count, reach, int(rng.integers(2**62))
    )
    given = np.argsort(chosen, kind="stable").astype(np.int32)
    given_indptr = _starts(np.bincount(chosen, minlength=shape.n_users))
    indptr = _starts(people.count)
    item_index = np.empty(shape.n_ratings, dtype=np.int32)
    liked = np.empty(shape.n_ratings, dtype=np.float32)
    moment = np.empty(shape.n_ratings, dtype=np.float32)
    n_threads = get_num_threads()
    draw(
        *(weights, keep, alias, base, films.year, people.tastes, people.shares, people.last_year),
        *(indptr, given_indptr, given, films.worth),
        *(rng.integers(2**64, size=(shape.n_users, 1), dtype=np.uint64), _MANY),
        np.zeros((n_threads, shape.n_items), dtype=np.bool_),
        np.empty((n_threads, shape.n_items), dtype=np.float32),
        *(item_index, liked, moment),
    )
    del weights, keep, alias
    user_index = np.repeat(np.arange(shape.n_users, dtype=np.int32), people.count)
    code = _stars(liked, shape)
    del liked
    opened = np.maximum(people.start[user_index], seconds(films.year)[item_index])
    timestamp = opened + (moment * (people.end[user_index] - opened)).astype(np.int64)
    return Ratings(user_index, item_index, code, timestamp)


def _starts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _calibrated(
    rng: np.random.Generator, shape: Shape, people: People, films: Films
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Find chances for which every film is to expect about as many ratings as it is meant to get.

    Nobody rates a film twice, and not before it is out, so a film of a chance twice as high gets
    less than twice the ratings: the chances are corrected in turns, on a sample of the people.

    Returns
    -------
    base : float32[n_items]
    weights : float32[n_tastes, n_items]
        For each taste; both sum to 1.
    """
    from benchmarks.draw_kernel import expected_counts

    factor = liking(rng, shape, films)
    # Everybody stands for the same number of ratings; who rates most stands for himself.
    n_sample = min(1500, shape.n_users)
    order = np.argsort(people.count, kind="stable")
    cumulative = np.cumsum(people.count[order])
    marks = (np.arange(n_sample) + 0.5) / n_sample * cumulative[-1]
    some = order[np.searchsorted(cumulative, marks)]
    # Every film gets one rating beside.
    target = np.maximum(films.target - 1, 0.02)
    wanted = people.count[some] * (1.0 - shape.n_items / shape.n_ratings)
    stands_for = cumulative[-1] / n_sample / people.count[some]
    times = wanted.copy()
    chances = np.empty((_PARTS, shape.n_items), dtype=np.float32)
    base = target / target.sum()
    for turn in range(_ROUNDS + 1):
        weights = (base.astype(np.float32) * factor).astype(np.float32)
        weights /= weights.sum(axis=1, keepdims=True)
        if turn < _ROUNDS:
            totals = np.zeros(chances.shape)
            expected_counts(
                *(weights, films.year, people.tastes[some], people.shares[some]),
                *(people.last_year[some], wanted, stands_for, times, chances, totals),
            )
            expected = totals.sum(axis=0)
            base *= (target / np.maximum(expected, 1e-6)).clip(0.2, 5.0)
            base /= base.sum()
    return base.astype(np.float32), weights


def _stars(liked: NDArray[np.float32], shape: Shape) -> NDArray[np.uint8]:
    """Give stars in the order of the liking, as often as the real ones are given."""
    ascending = np.sort(liked)
    ends = np.rint(np.cumsum(shape.histogram)[:-1] * liked.size).astype(np.int64)
    bounds = ascending[ends.clip(0, liked.size - 1)]
    # Below the first of those that belong to the next rating; equal bounds: no such rating.
    bounds[ends == 0] = -np.inf
    return np.searchsorted(bounds, liked, side="right").astype(np.uint8)
