"""Made-up films and people: what there is to see, who likes what, and when they are around."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.shapes import Shape

GENRES = (
    *("Drama", "Comedy", "Thriller", "Romance", "Action", "Horror", "Documentary", "Crime"),
    *("Adventure", "Sci-Fi", "Children", "Animation", "Mystery", "Fantasy", "War", "Western"),
    *("Musical", "Film-Noir"),
)
"""Those of MovieLens, the most frequent first."""

_N_TRAITS = 40  # what films have in common beside their genres
_STRENGTH = 2.0  # how far tastes differ: standard deviation of a chance's logarithm
_DAY, _YEAR = 86_400, 31_557_600


@dataclass(frozen=True)
class Films:
    """The rated films, in the order of their ids.

    Attributes
    ----------
    item_id : int64[n]
    year : int32[n]
    genres : bool[n, 18]
    traits : float32[n, d]
        Their place in the space of genres and of what else films have in common.
    target : int64[n]
        Ratings that each is meant to get, about.
    worth : float32[n]
        How good people think it is.
    """

    item_id: NDArray[np.int64]
    year: NDArray[np.int32]
    genres: NDArray[np.bool_]
    traits: NDArray[np.float32]
    target: NDArray[np.int64]
    worth: NDArray[np.float32]


@dataclass(frozen=True)
class People:
    """The users.

    Attributes
    ----------
    count : int64[n]
        Ratings of each.
    start, end : int64[n]
        Their first and last possible time, in seconds since 1970.
    last_year : int32[n]
        Year of the end.
    tastes : int32[n, 4]
        Whose mixture each follows; 0 is the mainstream.
    shares : float32[n, 4]
    """

    count: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    last_year: NDArray[np.int32]
    tastes: NDArray[np.int32]
    shares: NDArray[np.float32]


def seconds(year: int | NDArray[np.int32]) -> NDArray[np.int64]:
    """Seconds since 1970 at the start of a year."""
    start = (np.asarray(year) - 1970).astype("datetime64[Y]").astype("datetime64[s]")
    return np.asarray(start.astype(np.int64))


def meet(rng: np.random.Generator, shape: Shape) -> People:
    """Make up users: how much they rate, when, and what kinds of film."""
    n = shape.n_users
    count = rng.permutation(shape.per_user())
    opening, closing = seconds(shape.first_year) + 8 * _DAY, seconds(shape.last_year + 1) - _DAY
    start = rng.integers(opening, closing, n)
    # Most people rate on a single day; some come back for years.
    span = np.where(
        rng.random(n) < 0.6, rng.exponential(3_600, n), rng.exponential(1.5 * _YEAR, n)
    ).astype(np.int64)
    end = np.minimum(start + 60 * count + span, closing)
    # Who rates a good part of all films must have been there for the late ones too.
    end[count > 0.05 * shape.n_items] = closing
    tastes = rng.integers(1, n_tastes(shape), (n, 4), dtype=np.int32)
    tastes[:, 0] = 0
    mainstream = rng.beta(2, 8, n)
    shares = rng.dirichlet((0.5, 0.5, 0.5), n) * (1 - mainstream)[:, None]
    return People(
        count,
        start,
        end,
        (end.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970).astype(
            np.int32
        ),
        tastes,
        np.column_stack([mainstream, shares]).astype(np.float32),
    )


def n_tastes(shape: Shape) -> int:
    """Kinds of taste, the mainstream among them: more where there is more to like."""
    return int(np.clip(shape.n_items**0.5, 8, 200))


def film(rng: np.random.Generator, shape: Shape, people: People) -> Films:
    """Make up the rated films."""
    n = shape.n_items
    target = shape.per_item()
    # Ids were given out as films came in, the best known first; most numbers are not in use.
    target = target[np.argsort(-np.log(target) + rng.normal(0, 3, n), kind="stable")]
    free = rng.choice(shape.largest_item_id - 1, n - 1, replace=False) + 1
    item_id = np.sort(np.append(free, shape.largest_item_id)).astype(np.int64)

    # A film that half of the people have rated can't be newer than half of the people.
    years = np.arange(shape.oldest, shape.last_year + 1)
    around = np.array([(people.last_year >= year).mean() for year in years])
    latest = years[len(years) - 1 - np.argmax(around[::-1, None] >= _needed(target, shape), axis=0)]
    latest = np.where(_needed(target, shape) > around.min(), latest, shape.last_year)
    age = rng.gamma(1.1, 15.0, n).astype(np.int64)
    year = np.maximum(latest - age, shape.oldest)

    share = 0.45 * np.arange(1, len(GENRES) + 1) ** -0.75
    genres = rng.random((n, len(GENRES))) < share
    genres[np.flatnonzero(~genres.any(axis=1)), 0] = True
    standing = (np.log(target) - np.log(target).mean()) / np.log(target).std()
    worth = 0.1 * standing + rng.normal(0, 0.3, n)
    traits = np.concatenate(
        [(genres - share) / np.sqrt(share), rng.normal(0, 1, (n, _N_TRAITS))], axis=1
    )
    return Films(
        item_id,
        year.astype(np.int32),
        genres,
        traits.astype(np.float32),
        target,
        worth.astype(np.float32),
    )


def _needed(target: NDArray[np.int64], shape: Shape) -> NDArray[np.float64]:
    """Share of the people that must be around for a film to get its ratings."""
    return np.minimum(1.0, 2.0 * target / shape.n_users)


def liking(rng: np.random.Generator, shape: Shape, films: Films) -> NDArray[np.float32]:
    """How much likelier each taste makes each film.

    Returns
    -------
    float32[n_tastes, n_items]
    """
    drawn = rng.normal(0, 1, (n_tastes(shape), films.traits.shape[1])).astype(np.float32)
    drawn[:, : len(GENRES)] *= 0.8
    match = drawn @ films.traits.T
    match /= match.std(axis=1, keepdims=True)
    match[0] = 0
    factor: NDArray[np.float32] = np.exp(np.float32(_STRENGTH) * match)
    return factor
