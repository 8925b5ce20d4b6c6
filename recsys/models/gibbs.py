"""Gibbs sampling of the biased model with implicit features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


class Group:
    """Parameters of one kind, each factor with a Gaussian prior whose mean is drawn too.

    The prior's precision is given. Drawn from a vague distribution, as BPMF and libFM do, it
    keeps falling on sparse data, and the factors learn the noise.

    Parameters
    ----------
    values : float32[1 + f, n]
    used : bool[n]
        Those there are ratings of; the prior learns from them alone.
    precision : float64[1 + f]
    """

    def __init__(
        self,
        values: NDArray[np.float32],
        used: NDArray[np.bool_],
        precision: NDArray[np.float64],
    ) -> None:
        self.values = values
        self.used = used
        self.precision = precision
        self.mean = np.zeros(len(values))

    def draw_mean(self, k: int, rng: np.random.Generator) -> None:
        """Draw the mean of one factor's prior, itself drawn towards 0 like one more value."""
        n = 1 + int(self.used.sum())
        total = self.values[k].sum(where=self.used, dtype=np.float64)
        self.mean[k] = total / n + rng.standard_normal() / np.sqrt(n * self.precision[k])


class Side:
    """Users or items: own factors, and those of the features they share.

    The features of a user are the items rated and the other way round, whatever the stars
    (SVD++, Koren 2008, on both sides as in Rendle, Zhang and Koren 2019).

    Attributes
    ----------
    matrix, turned : csr float32[n_rows, n_columns] and its transpose
    root : float64[n_rows]
        ``1 / sqrt(n)``, n the number of the row's ratings.
    own : Group
        ``p``: bias and factors of each row.
    shared : Group or None
        ``y``: bias and factors of each feature.
    total : float32[1 + f, n_rows]
        ``p + sum_j y_j / sqrt(n)``.
    """

    def __init__(
        self,
        matrix: sparse.csr_matrix,
        turned: sparse.csr_matrix,
        own: NDArray[np.float32],
        precision: NDArray[np.float64],
        *,
        implicit: bool,
    ) -> None:
        self.matrix, self.turned = matrix, turned
        counts = np.diff(matrix.indptr)
        self.root = 1 / np.sqrt(np.maximum(counts, 1))
        self.own = Group(own, counts > 0, precision)
        self.total: NDArray[np.float32] = own.copy()
        self.shared = (
            Group(
                np.zeros((len(own), matrix.shape[1]), dtype=np.float32),
                np.diff(turned.indptr) > 0,
                precision,
            )
            if implicit
            else None
        )

    def sweep(
        self,
        other: NDArray[np.float32],
        error: NDArray[np.float32],
        noise: float,
        rng: np.random.Generator,
        *,
        biases: bool,
    ) -> None:
        """Draw all parameters of this side, factor by factor, given the other side.

        The sums over a row's ratings make the draw of a feature cost as much as the number of
        rows that have it (Rendle 2013), so that a sweep is linear in the ratings for each factor.

        Parameters
        ----------
        other : float32[1 + f, n_columns]
            Bias and factors of the other side.
        error : float32[n_ratings]
            In the order of this side's rows; kept up to date.
        noise : float
            Precision of the noise.
        rng : Generator
        biases : bool
            Without, the biases stay as they are.
        """
        from recsys.models.gibbs_kernel import draw_shared, follow

        n_rows = self.total.shape[1]
        moved = np.zeros(n_rows, dtype=np.float32)
        # A bias is a factor of which the other side is 1.
        last = ones = np.ones(other.shape[1], dtype=np.float32)
        for k in range(0 if biases else 1, len(self.total)):
            following = other[k] if k else ones
            squares, pulls = follow(error, self.matrix, moved, last, following)
            before = self.own.values[k].astype(np.float64)
            self.own.draw_mean(k, rng)
            width = noise * squares + self.own.precision[k]
            middle = noise * (pulls + squares * before) + self.own.precision[k] * self.own.mean[k]
            drawn = middle / width + rng.standard_normal(n_rows, dtype=np.float32) / np.sqrt(width)
            self.own.values[k] = drawn
            step = self.own.values[k] - before
            if self.shared is not None:
                self.shared.draw_mean(k, rng)
                state = np.zeros((n_rows, 3))
                state[:, 0] = self.root**2 * squares
                state[:, 1] = self.root * (pulls - squares * step)
                draw_shared(
                    self.turned.indptr,
                    self.turned.indices,
                    state,
                    noise,
                    self.shared.mean[k],
                    self.shared.precision[k],
                    rng.standard_normal(self.turned.shape[0], dtype=np.float32),
                    self.shared.values[k],
                )
                step += self.root * state[:, 2]
            moved = step.astype(np.float32)
            self.total[k] += moved
            last = following
        follow(error, self.matrix, moved, last, last)
