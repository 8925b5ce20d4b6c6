"""Learning how to mix the parts of the hybrid, on ratings held out from the training data."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from recsys.data.profile import Profile
from recsys.evaluation.metrics import ndcg
from recsys.evaluation.split import Split
from recsys.models.base import Progress, Scorer
from recsys.models.hybrid import SIZES, HybridConfig, part_scores, part_weights, standardised
from recsys.store.manifest import BlendRecord

Weights = tuple[float, float, float]
"""Alpha, the share of item-item and that of popularity."""

ALPHAS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
ITEM_ITEM_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
POPULARITY_SHARES = (0.0, 0.1, 0.2, 0.3, 0.4)
TRIED = (ALPHAS, ITEM_ITEM_SHARES, POPULARITY_SHARES)
"""The weights that are tried, each with each.

More popularity than this would find a little more for profiles of one rating or two, but such a
list shows nothing of what was rated any more.
"""

PROFILES_PER_SIZE = 500
"""The weights of a size are judged by at most so many profiles, the first of a random order."""

LEAST_PROFILES = 30
"""With fewer the defaults stay: what they say is chance."""

POOL = 500
"""A blend is ranked over the best so many items of each part: all but never is one of its best ten
not among them, and the others need not be sorted for every weight."""

K = 10


def learn_blend(
    split: Split,
    users: NDArray[np.int32],
    parts: Mapping[str, Scorer],
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[HybridConfig, tuple[BlendRecord, ...]]:
    """Choose the weights of each size of profile by NDCG@10 on held-out ratings.

    Parameters
    ----------
    split : Split
        Profiles are what the parts were fitted on.
    users : int32[n_users]
        The users to ask.
    parts : mapping of str to Scorer
        The parts of the hybrid, fitted on ``split.train``.
    rng : Generator
    progress : Progress

    Returns
    -------
    config : HybridConfig
    records : tuple of BlendRecord
        For each size that was learned: how well the weights did, and one part alone.
    """
    default = HybridConfig()
    weights = list(zip(default.alpha, default.item_item, default.popularity, strict=True))
    samples = [list(_tasks(split, users, size, rng)) for size in range(len(SIZES))]
    done, total = 0, sum(map(len, samples))
    records = []
    # The products for one profile are too small for several threads; profiles have one each.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(os.cpu_count()) as pool:
        for size, sample in enumerate(samples):
            if len(sample) < LEAST_PROFILES:
                continue
            grids = []
            for grid in pool.map(partial(_grid, parts), sample):
                grids.append(grid)
                done += 1
                progress(done, total)
            values = np.array(grids)
            weights[size] = _expected(values)
            alpha, item_item, popularity = weights[size]
            mean = values.mean(axis=0)
            records.append(
                BlendRecord(
                    from_ratings=SIZES[size],
                    to_ratings=_longest(size),
                    n_profiles=len(sample),
                    alpha=alpha,
                    item_item=item_item,
                    popularity=popularity,
                    ndcg_at_10={
                        "hybrid": _at(mean, weights[size]),
                        "als": _at(mean, (1.0, 0.0, 0.0)),
                        "item_item": _at(mean, (1.0, 1.0, 0.0)),
                        "content": _at(mean, (0.0, 0.0, 0.0)),
                    },
                )
            )
    return HybridConfig(*zip(*weights, strict=True)), tuple(records)


def _longest(size: int) -> int | None:
    """Most ratings of a profile of some size."""
    return SIZES[size + 1] - 1 if size + 1 < len(SIZES) else None


@dataclass(frozen=True, eq=False)
class _Task:
    """A profile, and what is to be found for it.

    Attributes
    ----------
    profile : Profile
    eligible : bool[n_items]
        What may be listed: rated by somebody, and not by this user in the training part.
    targets : int32[n]
        Eligible items that were held out, at least one.
    """

    profile: Profile
    eligible: NDArray[np.bool_]
    targets: NDArray[np.int32]


def _tasks(
    split: Split, users: NDArray[np.int32], size: int, rng: np.random.Generator
) -> Iterator[_Task]:
    """Profiles of one size and the items to be found.

    One half are users who have that many ratings, the other parts of longer profiles, drawn at
    random: people who have rated little, and people who have told little so far. The rest of a
    longer profile can't be listed, because the parts were trained on it.
    """
    train = split.train
    rated = train.catalog.rating_count > 0
    low, high = SIZES[size], _longest(size) or train.n_items
    users = rng.permutation(users)
    counts = np.diff(train.user_indptr)[users]
    fitting, longer = users[(counts >= low) & (counts <= high)], users[counts > high]
    half = PROFILES_PER_SIZE // 2
    fitting = np.concatenate([fitting[:half], longer[:half], fitting[half:], longer[half:]])
    found = 0
    for user in fitting:
        profile = train.profile(int(user))
        eligible = rated.copy()
        eligible[profile.item_index] = False
        rows = slice(*split.dataset.user_indptr[user : user + 2])
        targets = split.dataset.item_index[rows][split.held[rows]]
        targets = targets[eligible[targets]]
        if not targets.size:
            continue
        if len(profile) > high:
            part = np.sort(rng.permutation(len(profile))[: rng.integers(low, high + 1)])
            profile = Profile(profile.item_index[part], profile.rating[part])
        yield _Task(profile, eligible, targets)
        found += 1
        if found == PROFILES_PER_SIZE:
            return


def _grid(parts: Mapping[str, Scorer], task: _Task) -> NDArray[np.float64]:
    """NDCG@10 of one profile for all weights.

    Returns
    -------
    float64[len(ALPHAS), len(ITEM_ITEM_SHARES), len(POPULARITY_SHARES)]
    """
    profile, eligible, targets = task.profile, task.eligible, task.targets
    rows = {}
    pool = np.zeros(eligible.size, dtype=np.bool_)
    scores = {name: part_scores(part, [profile])[0] for name, part in parts.items()}
    for name, row in standardised(scores, profile.item_index).items():
        # What a part can't judge gets its mean, as in the hybrid.
        row = np.where(eligible, np.nan_to_num(row, nan=0.0), -np.inf)
        n_pool = min(POOL, int(eligible.sum()))
        pool[np.argpartition(-row, n_pool - 1)[:n_pool]] = True
        rows[name] = row
    candidates = np.flatnonzero(pool & eligible)
    weights = np.array(
        [[part_weights(*tried)[name] for name in rows] for tried in product(*TRIED)],
        dtype=np.float32,
    )
    blends = weights @ np.stack([row[candidates] for row in rows.values()]).astype(np.float32)
    k = min(K, candidates.size)
    best = np.argpartition(-blends, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(blends, best, axis=1), axis=1, kind="stable")
    listed = candidates[np.take_along_axis(best, order, axis=1)]
    hits = np.zeros((len(listed), K), dtype=np.bool_)
    hits[:, :k] = np.isin(listed, targets)
    return ndcg(hits, targets.size).reshape([len(axis) for axis in TRIED])


def _expected(grids: NDArray[np.float64]) -> Weights:
    """Mean of all weights, each as likely as its distance from the best could be chance.

    The best of many noisy values is a lucky one. Where weights hardly matter this ends in the
    middle of the good ones, and with more profiles it nears the best.

    Parameters
    ----------
    grids : float64[n_profiles, n_alphas, n_item_item, n_popularity]
    """
    mean = grids.mean(axis=0)
    best = np.unravel_index(mean.argmax(), mean.shape)
    behind = grids[:, *best, None, None, None] - grids
    error = behind.std(axis=0) / np.sqrt(len(grids))
    # What is behind by the same for everybody is no chance; the best itself is behind by nothing.
    certain = np.where(behind.mean(axis=0) > 0, np.inf, 0.0)
    distance = np.divide(behind.mean(axis=0), error, out=certain, where=error > 0)
    likely = np.exp(-0.5 * distance**2)
    likely /= likely.sum()
    expected = []
    for axis, tried in enumerate(TRIED):
        others = tuple({0, 1, 2} - {axis})
        value = float(likely.sum(axis=others) @ np.array(tried))
        # In steps of the slider that shows it.
        expected.append(round(round(20 * value) / 20, 2))
    return expected[0], expected[1], expected[2]


def _at(mean: NDArray[np.float64], weights: Weights) -> float:
    """Value of the tried weights that are nearest."""
    place = [
        int(np.abs(np.array(tried) - weight).argmin())
        for tried, weight in zip(TRIED, weights, strict=True)
    ]
    return float(mean[*place])
