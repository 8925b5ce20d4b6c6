"""Numeric kernels of the made-up data: who rates which movies, at millions of draws a second.

Every person draws movies one after another, without putting back, with chances that are a mixture
of a few tastes. Drawing so is the same as giving each movie an exponential time at the rate of its
chance and taking those that come first; which of the two is faster depends on how many are wanted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import get_thread_id, njit, prange  # type: ignore[attr-defined]

U = np.uint64
F = np.float32
ATTEMPTS = 30
"""So many draws for each movie wanted, until all movies' times are compared instead."""


@njit(nogil=True, cache=True)
def _next(state: Any) -> Any:
    """Draw uniformly from (0, 1): splitmix64 (Steele, Lea and Flood 2014)."""
    state[0] += U(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> U(30))) * U(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> U(27))) * U(0x94D049BB133111EB)
    z = z ^ (z >> U(31))
    return (np.float64(z >> U(11)) + 0.5) * (1.0 / 9007199254740992.0)


@njit(nogil=True, cache=True)
def _normal(state: Any) -> float:
    """Draw from the normal distribution (Box and Muller 1958)."""
    radius = np.sqrt(-2.0 * np.log(_next(state)))
    return float(radius * np.cos(2.0 * np.pi * _next(state)))


@njit(nogil=True, cache=True)
def alias_tables(weights: Any, keep: Any, alias: Any) -> None:
    """Prepare draws in constant time from each row of weights (Vose 1991).

    Parameters
    ----------
    weights : float32[n_tastes, n_items]
    keep : float32[n_tastes, n_items]
        Set: the chance that a column drawn uniformly stands for itself.
    alias : int32[n_tastes, n_items]
        Set: what it stands for otherwise.
    """
    n_rows, n = weights.shape
    share = np.empty(n, dtype=np.float64)
    small = np.empty(n, dtype=np.int32)
    large = np.empty(n, dtype=np.int32)
    for row in range(n_rows):
        total = 0.0
        for i in range(n):
            total += weights[row, i]
        n_small = n_large = 0
        for i in range(n):
            keep[row, i] = 1.0
            alias[row, i] = i
            share[i] = weights[row, i] * n / total
            if share[i] < 1.0:
                small[n_small] = i
                n_small += 1
            else:
                large[n_large] = i
                n_large += 1
        while n_small and n_large:
            n_small -= 1
            i, j = small[n_small], large[n_large - 1]
            keep[row, i] = share[i]
            alias[row, i] = j
            share[j] -= 1.0 - share[i]
            if share[j] < 1.0:
                n_large -= 1
                small[n_small] = j
                n_small += 1


@njit(nogil=True, cache=True, fastmath=True)
def _mix(weights: Any, tastes: Any, shares: Any, years: Any, last: int, out: Any) -> None:
    """Chance of every movie for one person; 0 for movies that came after their time."""
    for i in range(out.size):
        out[i] = F(0)
    for s in range(tastes.size):
        row, share = weights[tastes[s]], shares[s]
        for i in range(out.size):
            out[i] += share * row[i]
    for i in range(out.size):
        if years[i] > last:
            out[i] = F(0)


@njit(nogil=True, cache=True, fastmath=True)
def _expect(chance: Any, wanted: float, time: float, stands_for: float, total: Any) -> float:
    """Find when one person has rated as many as wanted; add what each movie gets by then."""
    for _ in range(3):  # Newton's method on the logarithms
        found = slope = 0.0
        for i in range(chance.size):
            rate = chance[i] * time
            left = np.exp(F(-rate))
            found += 1.0 - left
            slope += rate * left
        step = np.log(wanted / found) * found / max(slope, 1e-9)
        time *= np.exp(min(2.0, max(-2.0, step)))
    for i in range(chance.size):
        total[i] += stands_for * (1.0 - np.exp(F(-chance[i] * time)))
    return time


@njit(parallel=True, nogil=True, cache=True)
def expected_counts(
    weights: Any,
    years: Any,
    tastes: Any,
    shares: Any,
    lasts: Any,
    wanted: Any,
    stands_for: Any,
    times: Any,
    chances: Any,
    totals: Any,
) -> None:
    """Ratings that each movie is to expect, in parts.

    Parameters
    ----------
    weights : float32[n_tastes, n_items]
        Chances, which sum to 1 in each row.
    years : int32[n_items]
    tastes : int32[n, s]
        Tastes of some people.
    shares : float32[n, s]
    lasts : int32[n]
        The last year in which they rate.
    wanted : float64[n]
        How many movies they rate.
    stands_for : float64[n]
        How many people each of them stands for.
    times : float64[n]
        When each has rated so many; a guess to start with, improved in place.
    chances : float32[n_parts, n_items]
        Overwritten.
    totals : float64[n_parts, n_items]
        Added to. A sum for each part, not for each thread: the same for any number of threads.
    """
    for part in prange(totals.shape[0]):
        for person in range(part, wanted.size, totals.shape[0]):
            _mix(weights, tastes[person], shares[person], years, lasts[person], chances[part])
            times[person] = _expect(
                chances[part], wanted[person], times[person], stands_for[person], totals[part]
            )


@njit(nogil=True, cache=True)
def first_viewers(years: Any, lasts: Any, counts: Any, reach: Any, seed: Any) -> Any:
    """Somebody for every movie, so that none is left without a rating.

    Parameters
    ----------
    years : int32[n_items]
    lasts : int32[n_users]
    counts : int64[n_users]
        Ratings of each user; half of them at most are given away here.
    reach : float64[n_users]
        Cumulative chance of users to be drawn.
    seed : int

    Returns
    -------
    int32[n_items]
    """
    state = np.full(1, U(seed))
    spare = counts // 2
    found = np.empty(years.size, dtype=np.int32)
    for i in range(years.size):
        while True:
            user = min(np.searchsorted(reach, _next(state) * reach[-1]), lasts.size - 1)
            if lasts[user] >= years[i] and spare[user] > 0:
                break
        spare[user] -= 1
        found[i] = user
    return found


@njit(nogil=True, cache=True)
def _draw_some(
    keep: Any, alias: Any, tastes: Any, shares: Any, years: Any, last: int,
    state: Any, seen: Any, items: Any, at: int,
) -> int:  # fmt: skip
    """Draw movies one by one, until there are enough or it takes too long."""
    n_items = years.size
    for _ in range(ATTEMPTS * items.size):
        if at == items.size:
            break
        mark, s = _next(state), 0
        while s < tastes.size - 1 and mark > shares[s]:
            mark -= shares[s]
            s += 1
        item = min(int(_next(state) * n_items), n_items - 1)
        if _next(state) > keep[tastes[s], item]:
            item = alias[tastes[s], item]
        if not seen[item] and years[item] <= last:
            seen[item] = True
            items[at] = item
            at += 1
    return at


@njit(nogil=True, cache=True)
def _race(times: Any, state: Any, seen: Any, items: Any, at: int) -> None:
    """Give every movie a time, at the rate of its chance, and take the first ones."""
    for i in range(times.size):
        if seen[i] or times[i] <= F(0):
            times[i] = F(1e30)
        else:
            times[i] = min(F(-np.log(_next(state))) / times[i], F(1e29))
    bound = np.partition(times, items.size - at - 1)[items.size - at - 1]
    for i in range(times.size):
        if at < items.size and times[i] <= bound:
            items[at] = i
            at += 1


@njit(nogil=True, cache=True)
def _like(
    weights: Any, base: Any, tastes: Any, shares: Any, worth: Any,
    state: Any, items: Any, liking: Any, moment: Any,
) -> None:  # fmt: skip
    """How one person likes what was drawn: by its worth, taste, mood and chance."""
    mood, verve = 0.42 * _normal(state), 0.7 + 0.6 * _next(state)
    for t in range(items.size):
        item = items[t]
        suits = F(0)
        for s in range(tastes.size):
            suits += shares[s] * weights[tastes[s], item]
        fit = min(2.0, max(-2.0, float(np.log(suits / base[item]))))
        liking[t] = mood + verve * (worth[item] + 0.3 * fit + 0.72 * _normal(state))
        moment[t] = _next(state)


@njit(parallel=True, nogil=True, cache=True)
def draw(
    weights: Any,
    keep: Any,
    alias: Any,
    base: Any,
    years: Any,
    tastes: Any,
    shares: Any,
    lasts: Any,
    indptr: Any,
    given_indptr: Any,
    given: Any,
    worth: Any,
    seeds: Any,
    many: int,
    seen: Any,
    times: Any,
    items: Any,
    liking: Any,
    moment: Any,
) -> None:
    """Draw what everybody rates, and how they like it.

    Parameters
    ----------
    weights, keep, alias : arrays[n_tastes, n_items]
        Chances and their alias tables.
    base : float32[n_items]
        Chances without regard to taste.
    years : int32[n_items]
    tastes, shares, lasts : arrays[n_users, ...]
    indptr : int64[n_users + 1]
        Where each user's ratings begin.
    given_indptr, given : int64[n_users + 1], int32[n]
        Movies that a user rates in any case.
    worth : float32[n_items]
        How good people think a movie is.
    seeds : uint64[n_users, 1]
        States of the users' own generators.
    many : int
        Who rates more is drawn by comparing times.
    seen : bool[n_threads, n_items]
        All False; left so.
    times : float32[n_threads, n_items]
        Overwritten.
    items : int32[n_ratings]
        Set: ascending for each user.
    liking : float32[n_ratings]
        Set: higher for better liked.
    moment : float32[n_ratings]
        Set: uniform, for when it was rated.
    """
    for user in prange(lasts.size):
        thread = get_thread_id()
        start, end = indptr[user], indptr[user + 1]
        state, mine, listed = seeds[user], seen[thread], items[start:end]
        at = 0
        for g in range(given_indptr[user], given_indptr[user + 1]):
            listed[at] = given[g]
            mine[given[g]] = True
            at += 1
        last = lasts[user]
        if listed.size <= many:
            at = _draw_some(
                keep, alias, tastes[user], shares[user], years, last, state, mine, listed, at
            )
        if at < listed.size:
            _mix(weights, tastes[user], shares[user], years, last, times[thread])
            _race(times[thread], state, mine, listed, at)
        for t in range(listed.size):
            mine[listed[t]] = False
        listed.sort()
        _like(
            weights, base, tastes[user], shares[user], worth,
            state, listed, liking[start:end], moment[start:end],
        )  # fmt: skip
