"""Simulated people of the demo data: tastes, what they watch, how they rate it, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from recsys.data.demo_films import Film
from recsys.data.demo_tastes import EXAMPLES, TASTES, matches

__all__ = ["FILM_MIN", "USER_MAX", "USER_MIN", "People", "date", "meet", "rate", "watch"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

USER_MIN, USER_MAX = 20, 400  # ratings of one person
FILM_MIN = 5  # ratings of one film
_FIRST_YEAR, _LAST_YEAR = 2005, 2024

# How strongly a shared token makes two films alike, and how far likings for it differ.
_WEIGHT = {"series": 3.0, "maker": 2.0, "theme": 1.0, "genre": 0.8, "decade": 0.6, "land": 0.6}
_LIKING = {"series": 1.0, "maker": 0.6, "theme": 0.25, "genre": 0.25, "decade": 0.35, "land": 0.2}


@dataclass(frozen=True)
class People:
    """Everyone's taste for every film, and when each of them was active.

    Attributes
    ----------
    taste : array
        How well each film (columns) suits each person (rows).
    sessions : list of array
        The start times of each person's sessions, ascending.
    counts : array
        How many films each person rates.
    """

    taste: Floats
    sessions: list[Ints]
    counts: Ints


def meet(
    rng: np.random.Generator, catalogue: Sequence[Film], n_users: int, n_ratings: int
) -> People:
    """Make up people.

    Parameters
    ----------
    rng : numpy.random.Generator
    catalogue : sequence of Film
    n_users, n_ratings : int
        How many people, and how many ratings altogether.

    Returns
    -------
    People
    """
    kinds = {token: kind for film in catalogue for token, kind in film.tokens.items()}
    column = {token: i for i, token in enumerate(kinds)}
    holds = np.zeros((len(catalogue), len(kinds)))
    for row, film in enumerate(catalogue):
        holds[row, [column[token] for token in film.tokens]] = 1.0
    rarity = np.log(len(catalogue) / holds.sum(axis=0)) / np.log(len(catalogue))
    vectors = holds * rarity * [_WEIGHT[kind] for kind in kinds.values()]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    alike = vectors @ vectors.T

    names = list(TASTES)
    fits = np.array([[matches(film.tokens, TASTES[n].films) for n in names] for film in catalogue])
    shares = np.array([TASTES[name].share for name in names])
    scale = np.array([_LIKING[kind] for kind in kinds.values()])
    reach = np.array([0.4 * 2.0**film.popularity for film in catalogue])
    place = {film.title: i for i, film in enumerate(catalogue)}

    taste = np.zeros((n_users, len(catalogue)))
    for user in range(n_users):
        first, second = rng.choice(len(names), size=2, replace=False, p=shares / shares.sum())
        devotion = rng.choice([0.8, 3.0, 4.0], p=[0.15, 0.45, 0.4])  # a few watch anything
        example = EXAMPLES.get(user + 1)
        if example is not None:
            first, second, devotion = names.index(example.taste), names.index(example.second), 5.0
        likely = reach * (fits[:, first] + 0.3 * fits[:, second] + 0.001)
        favourites = rng.choice(len(catalogue), size=4, replace=False, p=likely / likely.sum())
        if example is not None:
            favourites = np.array([place[title] for title in example.favourites])
        liking = rng.normal(0.0, scale)
        taste[user] = (
            devotion * (fits[:, first] + 0.5 * fits[:, second])
            + 7.0 * alike[:, favourites].max(axis=1)
            + 4.0 * alike[:, favourites].mean(axis=1)
            + holds @ liking
        )
    return People(taste, _sessions(rng, n_users), _counts(rng, n_users, n_ratings))


def _sessions(rng: np.random.Generator, n_users: int) -> list[Ints]:
    """Draw the evenings on which people rate: a handful each, over some months or years."""
    opening = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp()
    closing = datetime(_LAST_YEAR, 12, 30, tzinfo=UTC).timestamp()
    # Later years are likelier: the audience grows, and new films need people to see them.
    joined = opening + (closing - opening) * rng.beta(1.5, 1.0, n_users)
    left = joined + (closing - joined) * rng.beta(0.8, 1.6, n_users)
    return [
        np.sort(rng.uniform(start, end, rng.integers(3, 10))).astype(np.int64)
        for start, end in zip(joined, left, strict=True)
    ]


def _counts(rng: np.random.Generator, n_users: int, n_ratings: int) -> Ints:
    """Share the ratings out among people: most rate few films, a few rate hundreds."""
    appetite = rng.lognormal(0.0, 0.8, n_users)
    spare = n_ratings - USER_MIN * n_users
    low, high = 0.0, 1e9
    for _ in range(100):  # caps make the sum uneven; find the factor that meets the total
        factor = (low + high) / 2
        extra = np.minimum(appetite * factor, USER_MAX - USER_MIN)
        low, high = (factor, high) if extra.sum() < spare else (low, factor)
    counts = USER_MIN + np.floor(extra).astype(np.int64)
    counts[np.argsort(counts, kind="stable")[: n_ratings - counts.sum()]] += 1
    for user, example in EXAMPLES.items():  # trade places with someone who rates as many
        other = int(np.argmin(np.abs(counts - example.ratings)))
        counts[[user - 1, other]] = counts[[other, user - 1]]
    return counts


def watch(rng: np.random.Generator, catalogue: Sequence[Film], people: People) -> NDArray[np.bool_]:
    """Choose what everyone has seen: what suits them, what everyone sees, and chance.

    Parameters
    ----------
    rng : numpy.random.Generator
    catalogue : sequence of Film
    people : People

    Returns
    -------
    array of bool
        People by films.
    """
    last = np.array([datetime.fromtimestamp(int(s[-1]), UTC).year for s in people.sessions])
    out = last[:, None] >= np.array([film.year for film in catalogue])
    fame = np.array([0.55 * film.popularity for film in catalogue])
    pull = np.where(out, people.taste + fame + rng.gumbel(scale=0.7, size=out.shape), -np.inf)
    seen = np.zeros(out.shape, dtype=bool)
    for user, count in enumerate(people.counts):
        seen[user, np.argsort(-pull[user], kind="stable")[:count]] = True
    for film in np.flatnonzero(seen.sum(axis=0) < FILM_MIN):
        for user in np.argsort(np.where(seen[:, film], -np.inf, pull[:, film]))[::-1]:
            if seen[:, film].sum() == FILM_MIN:
                break
            # Someone sees this film instead of a well-attended one that suits them less.
            spare = np.flatnonzero(seen[user] & (seen.sum(axis=0) > 2 * FILM_MIN))
            if np.isfinite(pull[user, film]) and spare.size:
                seen[user, spare[np.argmin(pull[user, spare])]] = False
                seen[user, film] = True
    return seen


def _worth(rng: np.random.Generator, catalogue: Sequence[Film]) -> Floats:
    """Draw how good each film is thought to be, in stars around the mean.

    Well-known films and those still watched after fifty years are mostly liked, later parts of a
    franchise less than the first.
    """
    parts: Counter[str] = Counter()
    mean = {}
    for film in sorted(catalogue, key=lambda film: film.year):
        sequels = min(parts[film.franchise], 4) if film.franchise else 0
        parts[film.franchise] += 1
        classic = 0.2 if film.year < 1975 else 0.0
        mean[film] = 0.12 * (film.popularity - 3) + classic - 0.1 * sequels
    drawn: Floats = np.array([mean[film] for film in catalogue]) + rng.normal(
        0.0, 0.2, len(catalogue)
    )
    return drawn


def rate(
    rng: np.random.Generator,
    catalogue: Sequence[Film],
    taste: Floats,
    seen: NDArray[np.bool_],
) -> Floats:
    """Give stars: the film's worth, the person's taste and temper, and chance.

    Parameters
    ----------
    rng : numpy.random.Generator
    catalogue : sequence of Film
    taste : array
    seen : array of bool
        Both people by films.

    Returns
    -------
    array
        People by films, from 0.5 to 5.0; meaningful only where the film was seen.
    """
    n_users = len(seen)
    worth = _worth(rng, catalogue)
    mean = np.array([row[mask].mean() for row, mask in zip(taste, seen, strict=True)])
    spread = np.array([row[mask].std() for row, mask in zip(taste, seen, strict=True)])
    suits = np.clip((taste - mean[:, None]) / spread[:, None], -2.0, 2.0)
    temper = rng.normal(0.0, 0.32, (n_users, 1))
    temper[[user - 1 for user in EXAMPLES]] = 0.3  # generous, so that the favourites show
    verve = rng.uniform(0.7, 1.3, (n_users, 1))
    stars = 3.67 + temper + verve * (worth + 0.5 * suits + rng.normal(0.0, 0.7, seen.shape))
    halves = rng.random(seen.shape) < rng.beta(1.2, 1.2, (n_users, 1))  # some never give any
    rounded: Floats = np.where(halves, np.rint(stars * 2) / 2, np.rint(stars))
    return rounded.clip(0.5, 5.0)


def date(
    rng: np.random.Generator,
    catalogue: Sequence[Film],
    people: People,
    users: Ints,
    items: Ints,
) -> Ints:
    """Put each rating into one of the person's sessions, none before the film's year.

    Parameters
    ----------
    rng : numpy.random.Generator
    catalogue : sequence of Film
    people : People
    users, items : array of int
        The person and the film of each rating, counting from 0.

    Returns
    -------
    array of int
        Seconds since 1970.
    """
    times = np.zeros(len(users), dtype=np.int64)
    clock: dict[int, int] = {}
    for i in rng.permutation(len(users)):
        released = int(datetime(catalogue[items[i]].year, 1, 1, tzinfo=UTC).timestamp())
        sessions = people.sessions[users[i]]
        start = int(rng.choice(sessions[sessions >= released]))
        clock[start] = clock.get(start, start) + int(rng.integers(4, 90))
        times[i] = clock[start]
    return times
