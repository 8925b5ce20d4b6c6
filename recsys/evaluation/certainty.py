"""How sure a figure is: intervals, tests of differences, and what they come to in words.

The users are the sample: had other people been judged, every figure would be a little different.
Intervals come from drawing the users again, tests from swapping two models' values per user.

More than 5,000 users are first put together in 5,000 random groups, which are then drawn and
swapped whole (the method of random groups; Wolter 1985, chapter 2). That bounds time and memory.
The test stays exact, for swapping groups is some of the ways to swap users.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import ndtr, ndtri

from recsys.errors import InvalidRequestError
from recsys.evaluation.metrics import Values
from recsys.evaluation.results import Comparison, Estimate

SIGNIFICANT = 0.05
"""A difference is shown where the corrected p is below this."""

_MAX_GROUPS = 5_000
_CHUNK = 2_000_000
"""Weights or signs in memory at a time."""
_NORMAL_ENDS = ndtri([0.025, 0.975])


def ratio_estimates(
    numerator: Values,
    denominator: NDArray[np.float64 | np.bool_],
    *,
    seed: int,
    n_resamples: int = 2000,
) -> Values:
    """Estimate ratios of sums over users, with 95 % intervals.

    ``value = sum_u numerator_u / sum_u denominator_u``. A mean over users has their values over
    ones, an RMSE is the root of squared errors over numbers of ratings. A growing function, such
    as the root, may be applied to the result as it is: ``np.sqrt(ratio_estimates(...))``.

    The intervals are BCa (bias-corrected and accelerated bootstrap; Efron 1987), for metrics with
    many zeros are skewed: plain percentiles then lie too low. Of 30 users or fewer they are still
    too narrow (they hold the mean about 90 times in 100, less often if most values are 0), and
    values that are all alike have an interval of no width. All columns are of the same resamples.

    Parameters
    ----------
    numerator, denominator : float64[n_users, m]
        Both 0 where a user has no value; denominators are 0 or more.
    seed : int
    n_resamples : int

    Returns
    -------
    float64[3, m]
        Value, lower and upper end. The value is NaN without a denominator; the ends are NaN for a
        single user, who tells nothing about others.
    """
    rng = np.random.default_rng(seed)
    groups = _groups(denominator, rng)
    sums, counts = groups @ numerator, groups @ denominator
    with np.errstate(invalid="ignore", divide="ignore"):
        value = numerator.sum(axis=0) / denominator.sum(axis=0)
        resampled = np.concatenate(
            [(w @ sums) / (w @ counts) for w in _weights(len(sums), n_resamples, rng)]
        )
    result = np.full((3, len(value)), np.nan)
    result[0] = value
    for column in np.flatnonzero(np.count_nonzero(counts, axis=0) > 1):
        influence = sums[:, column] - value[column] * counts[:, column]
        result[1:, column] = _bca(value[column], resampled[:, column], influence)
    return result


def estimates(
    values: Mapping[str, Values], *, seed: int, n_resamples: int = 2000
) -> dict[str, Estimate]:
    """Estimate the mean over users of each metric, all from the same resamples.

    Parameters
    ----------
    values : mapping of str to float64[n_users]
        By metric; NaN for a user without a value, who is left out.
    seed, n_resamples : int

    Returns
    -------
    dict of str to Estimate
        By metric, as `ratio_estimates` has it; None instead of NaN.
    """
    if not values:
        return {}
    matrix = _columns(values)
    known = np.isfinite(matrix)
    ends = ratio_estimates(np.where(known, matrix, 0.0), known, seed=seed, n_resamples=n_resamples)
    n_users = np.count_nonzero(known, axis=0)
    return {
        name: to_estimate(ends[:, column], int(n_users[column]))
        for column, name in enumerate(values)
    }


def to_estimate(ends: Values, n_users: int) -> Estimate:
    """Make a record of one column of `ratio_estimates`; None where it is not finite.

    Parameters
    ----------
    ends : float64[3]
        Value, lower and upper end.
    n_users : int
        Users with a value.
    """
    value, low, high = (float(end) if math.isfinite(end) else None for end in ends)
    return Estimate(value=value, low=low, high=high, n_users=n_users)


def compare(
    values: Mapping[str, Values],
    metric: str,
    *,
    seed: int,
    lower_is_better: bool = False,
    n_permutations: int = 100_000,
    n_resamples: int = 2000,
) -> tuple[Comparison, ...]:
    """Compare all pairs of models on the users both have a value for.

    Fisher's randomisation test (Fisher 1935; for ranked lists Smucker, Allan and Carterette 2007):
    were two models alike, each user's difference could as well have had the other sign. So ``p``
    is the share of random signs with a mean difference as far from 0 as the one that was found,
    which itself counts as one of them: ``(1 + n_as_far) / (1 + n_permutations)``. It is corrected
    for the number of pairs by the method of Holm (1979).

    Parameters
    ----------
    values : mapping of str to float64[n_users]
        By model, of the same users in the same order; NaN where there is none.
    metric : str
        Name of the metric, for the records.
    seed : int
    lower_is_better : bool
        True for errors: the model with the lower mean is the better one. The difference is how
        far it leads, 0 or more, either way.
    n_permutations, n_resamples : int
        Draws of signs for the test, and of users for the interval of the difference. So many
        permutations are fast, and enough for p < 0.001 among the 45 pairs of ten models.

    Returns
    -------
    tuple of Comparison
        In the order of `values`, without pairs that share fewer than two users.

    Raises
    ------
    InvalidRequestError
        If the models were not judged on the same users.
    """
    if len(values) < 2:
        return ()
    # The lead of the better model is positive from here on.
    matrix = _columns(values) * (-1.0 if lower_is_better else 1.0)
    pairs = np.array(list(combinations(range(len(values)), 2)))
    leads = matrix[:, pairs[:, 0]] - matrix[:, pairs[:, 1]]
    shared = np.isfinite(leads)
    enough = np.count_nonzero(shared, axis=0) > 1
    pairs, leads, shared = pairs[enough], leads[:, enough], shared[:, enough]
    leads[~shared] = 0.0
    behind = leads.sum(axis=0) < 0
    leads[:, behind] *= -1.0
    pairs[behind] = pairs[behind, ::-1]

    rng = np.random.default_rng(seed)
    p = _sign_flip_test(_groups(shared, rng) @ leads, n_permutations, rng)
    ends = ratio_estimates(leads, shared, seed=seed, n_resamples=n_resamples)
    n_users = np.count_nonzero(shared, axis=0)
    names = list(values)
    return tuple(
        Comparison(
            metric=metric,
            better=names[better],
            worse=names[worse],
            difference=difference,
            low=low,
            high=high,
            p=chance,
            p_adjusted=corrected,
            n_users=n,
        )
        for (better, worse), (difference, low, high), chance, corrected, n in zip(
            pairs, ends.T.tolist(), p.tolist(), _holm(p).tolist(), n_users.tolist(), strict=True
        )
    )


def verdict(comparison: Comparison, label: str) -> str:
    """Say what a comparison came to.

    Parameters
    ----------
    comparison : Comparison
    label : str
        The metric's name on screens, such as "NDCG@10".

    Returns
    -------
    str
        "hybrid beats als by 0.013 ± 0.004 NDCG@10, p < 0.001", or "no difference shown between
        hybrid and als: 0.002 ± 0.005 NDCG@10, p = 0.31". After ± stands half the width of the
        interval; p is the corrected one.
    """
    better, worse, p = comparison.better, comparison.worse, comparison.p_adjusted
    half_width = (comparison.high - comparison.low) / 2
    # As many decimals as a narrow interval needs to not read 0.000.
    decimals = 3 if half_width >= 0.001 or half_width < 1e-6 else math.ceil(-math.log10(half_width))
    size = f"{comparison.difference:.{decimals}f} ± {half_width:.{decimals}f} {label}"
    chance = "p < 0.001" if p < 0.001 else f"p = {round(p, 3):g}"
    if p < SIGNIFICANT:
        return f"{better} beats {worse} by {size}, {chance}"
    return f"no difference shown between {better} and {worse}: {size}, {chance}"


def _columns(values: Mapping[str, Values]) -> Values:
    if len({len(column) for column in values.values()}) > 1:
        lengths = ", ".join(f"{name} {len(column)}" for name, column in values.items())
        raise InvalidRequestError(
            f"Give values of the same users throughout; these are of several numbers: {lengths}."
        )
    return np.column_stack(list(values.values())).astype(np.float64, copy=False)


def _groups(known: NDArray[np.float64 | np.bool_], rng: np.random.Generator) -> sparse.csr_matrix:
    """Csr [n_groups, n_users], 1 for a member: times values, it is their sums in random groups.

    Users of whom nothing is known are in no group, so that they change nothing.
    """
    users = np.flatnonzero(known.any(axis=1))
    n_groups = min(_MAX_GROUPS, max(1, users.size))
    group = rng.permutation(users.size) % n_groups
    return sparse.csr_matrix((np.ones(users.size), (group, users)), (n_groups, len(known)))


def _chunks(n_rows: int, n_columns: int) -> Iterator[tuple[int, int]]:
    rows = max(1, _CHUNK // n_columns)
    return ((min(rows, n_rows - start), n_columns) for start in range(0, n_rows, rows))


def _weights(n_groups: int, n_resamples: int, rng: np.random.Generator) -> Iterator[Values]:
    """How often each group is in each resample, in chunks of float64[.., n_groups]."""
    for shape in _chunks(n_resamples, n_groups):
        drawn = rng.integers(n_groups, size=shape) + n_groups * np.arange(shape[0])[:, None]
        times = np.bincount(drawn.ravel(), minlength=drawn.size)
        yield times.reshape(shape).astype(np.float64)


def _bca(value: float, resampled: Values, influence: Values) -> Values:
    """Find the ends of a BCa interval (Efron 1987), given the influence of each group.

    Resamples without a value, which drew only others than the column's users, are left out.
    """
    resampled = resampled[np.isfinite(resampled)]
    below = (resampled < value).mean() + (resampled <= value).mean()
    n = len(resampled)
    bias = ndtri((n * below + 1) / (2 * n + 2))
    spread = np.sum(influence**2) ** 1.5
    acceleration = np.sum(influence**3) / (6 * spread) if spread else 0.0
    shifted = bias + _NORMAL_ENDS
    ends: Values = np.quantile(resampled, ndtr(bias + shifted / (1 - acceleration * shifted)))
    return ends


def _sign_flip_test(differences: Values, n_permutations: int, rng: np.random.Generator) -> Values:
    """Two-sided p of sums of differences [n_groups, m]; every column sees the same signs."""
    # What is equal but for rounding is as far.
    observed = np.abs(differences.sum(axis=0)) - 1e-10 * np.abs(differences).sum(axis=0)
    as_far = np.ones(differences.shape[1])
    for shape in _chunks(n_permutations, len(differences)):
        n_signs = shape[0] * shape[1]
        bits = np.unpackbits(np.frombuffer(rng.bytes(n_signs // 8 + 1), np.uint8), count=n_signs)
        signs = 2.0 * bits.reshape(shape) - 1.0
        as_far += np.count_nonzero(np.abs(signs @ differences) >= observed, axis=0)
    return as_far / (1 + n_permutations)


def _holm(p: Values) -> Values:
    """Correct for the number of tests: the smallest times m, the next times m - 1, ..."""
    order = np.argsort(p)
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return np.minimum(1.0, adjusted)
