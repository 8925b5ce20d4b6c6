"""Factors of films nobody has rated, expected from what the catalogue says of them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from recsys.data.catalog import Catalog
from recsys.data.series import find_series
from recsys.data.titles import has_original_title

_PENALTIES = (3.0, 10.0, 30.0, 100.0, 300.0)
_SERIES_PENALTIES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""A series is of few films, whose factors it explains well: it needs less of a penalty."""

_N_FOLDS = 4
_N_KNOTS = 13
_MIN_ITEMS_PER_PAIR = 20

Matrix = NDArray[np.float64]


class CatalogMap:
    """Map from the catalogue's entries to item factors, by ridge regression.

    The map is learned on the rated films, each counting alike: factors of few ratings are short,
    and that most films stay obscure is part of what is to be expected of a new one. So mapped
    factors have a length that lets a new film compete without flooding lists. Tags are left
    out, because a film that nobody has seen has none. The penalties are those with the least
    squared error on films held out in folds.

    Parameters
    ----------
    catalog : Catalog
    rated : bool[n_items]
        Marks the films to learn from.

    Attributes
    ----------
    rated : bool[n_items]
    described : bool[n_items]
        The films of which the catalogue says more than a title.
    """

    def __init__(self, catalog: Catalog, rated: NDArray[np.bool_]) -> None:
        self._design, self._series = _design(catalog), _series(catalog)
        self.rated = rated
        in_series = np.diff(self._series.indptr) > 0
        self.described = (self._design[:, 1:] != 0).any(axis=1) | in_series

    def expected(self, factors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Learn the map from the rated films' factors, and apply it to all films.

        Parameters
        ----------
        factors : float32[n_items, n_factors]

        Returns
        -------
        float32[n_items, n_factors]
            Zero where the film is not described.
        """
        known = np.flatnonzero(self.rated)
        targets = factors[known].astype(np.float64)
        design, series = self._design[known], self._series[known]
        penalties = _best_penalties(design, series, targets)
        weights, series_weights = _Normal(design, series, targets).solve(*penalties)
        expected = self._design @ weights + self._series @ series_weights
        expected[~self.described] = 0
        return np.asarray(expected, dtype=np.float32)


class _Normal:
    """Normal equations of ``|Y - D B - S C|^2 + p |B|^2 + q |C|^2``, with B's first row free.

    A film is in one series at most, so ``S'S`` is diagonal and ``C`` can be eliminated: what is
    left to solve has a few hundred unknowns, however many series there are.

    Parameters
    ----------
    design : float64[n, n_columns]
    series : csr float64[n, n_series]
    targets : float64[n, n_factors]
    """

    def __init__(self, design: Matrix, series: sparse.csr_matrix, targets: Matrix) -> None:
        self.of_design = design.T @ design
        self.right = design.T @ targets
        self.sizes = np.asarray(series.sum(axis=0)).ravel()
        self.cross = series.T @ design
        self.sums = series.T @ targets

    def solve(self, penalty: float, series_penalty: float) -> tuple[Matrix, Matrix]:
        """Return B and C."""
        shrunk = self.cross / (self.sizes + series_penalty)[:, None]
        matrix = self.of_design - shrunk.T @ self.cross
        ridge = np.full(len(matrix), penalty)
        ridge[0] = 1e-9  # the intercept
        matrix[np.diag_indices_from(matrix)] += ridge
        weights: Matrix = linalg.solve(
            matrix, self.right - shrunk.T @ self.sums, assume_a="pos", check_finite=False
        )
        left = self.sums - self.cross @ weights
        return weights, left / (self.sizes + series_penalty)[:, None]


def _best_penalties(
    design: Matrix, series: sparse.csr_matrix, targets: Matrix
) -> tuple[float, float]:
    """Return the penalties with the least error on held-out films, one after the other."""
    best = (30.0, 4.0)
    if len(targets) < _N_FOLDS:
        return best
    folds = np.arange(len(targets)) % _N_FOLDS
    parts = []
    for fold in range(_N_FOLDS):
        learn, out = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        normal = _Normal(design[learn], series[learn], targets[learn])
        parts.append((normal, design[out], series[out], targets[out]))

    def error(penalties: tuple[float, float]) -> float:
        total = 0.0
        for normal, here, of_series, wanted in parts:
            weights, series_weights = normal.solve(*penalties)
            off = wanted - here @ weights - of_series @ series_weights
            total += float(np.vdot(off, off))
        return total

    best = min(((best[0], series_penalty) for series_penalty in _SERIES_PENALTIES), key=error)
    return min(((penalty, best[1]) for penalty in _PENALTIES), key=error)


def _design(catalog: Catalog) -> Matrix:
    """Return an intercept, genres, pairs of genres, time of release and kind of title, by film."""
    genres = catalog.genre_matrix
    pairs = [
        both
        for left, right in combinations(range(genres.shape[1]), 2)
        if (both := genres[:, left] & genres[:, right]).sum() >= _MIN_ITEMS_PER_PAIR
    ]
    foreign = [[has_original_title(str(title))] for title in catalog.title]
    blocks = [
        np.ones((len(catalog), 1)),
        genres.astype(np.float64),
        np.array(pairs, dtype=np.float64).reshape(-1, len(catalog)).T,
        np.array(foreign, dtype=np.float64).reshape(-1, 1),
        _release(catalog.year),
    ]
    return np.hstack(blocks)


def _release(year: NDArray[np.int16]) -> Matrix:
    """Spread each year over the two knots it is between; the knots have equally many films."""
    dated = year > 0
    columns = np.zeros((len(year), 0))
    if dated.any():
        knots = np.unique(np.quantile(year[dated], np.linspace(0, 1, _N_KNOTS)))
        columns = np.stack([np.interp(year, knots, unit) for unit in np.eye(len(knots))], axis=1)
        columns[~dated] = 0
    return columns


def _series(catalog: Catalog) -> sparse.csr_matrix:
    series = find_series([str(title) for title in catalog.title])
    return sparse.csr_matrix(
        (np.ones(series.item_index.size), (series.item_index, series.series_index)),
        shape=(len(catalog), len(series.names)),
    )
