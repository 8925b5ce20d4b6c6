"""What a rating model keeps of the items, and how a profile is folded into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.models.threads import one_blas_thread

Floats = NDArray[np.float64]

_BLOCK = 4096
"""Items whose factors are brought to float32 at a time."""


@dataclass(frozen=True, eq=False)
class FoldedIn:
    """A user, solved from a profile; one for each sample.

    Attributes
    ----------
    rated : int32[n]
        The rated items.
    rows : float64[n_samples, n, 1 + f]
        ``h``: the constant and the factors of the rated items.
    left : float64[n_samples, n]
        The ratings less the items' biases.
    vector : float64[n_samples, 1 + f]
        Bias and factors of the user, with what the rated items add to them.
    covariance : float64[n_samples, 1 + f, 1 + f]
    """

    rated: NDArray[np.int32]
    rows: Floats
    left: Floats
    vector: Floats
    covariance: Floats


@dataclass(frozen=True, eq=False)
class ItemSamples:
    """Samples of the item side of ``r_ui = b_i + h_i.u + noise``, in standard units.

    ``h_i = (1, q_i)``, and ``u = x + sum_j y_j / sqrt(n)`` over the n rated items, where
    ``x = (b_u, p_u)`` has a Gaussian prior. Given the items, ``x`` is Gaussian too: its mean solves
    ``(alpha H'H + Lambda) x = alpha H' (r - b - H sum_j y_j / sqrt(n)) + Lambda m``. A point
    estimate is a single sample.

    Attributes
    ----------
    items : float32 or float16[n_items, n_samples, 1 + f]
        ``b_i`` and ``q_i``.
    implicit : float16[n_items, n_samples, 1 + f] or [n_items, n_samples, 0]
        ``y_j``; without features none.
    user_mean, user_precision : float64[n_samples, 1 + f]
        ``m`` and the diagonal of ``Lambda``.
    item_variance : float64[n_samples, 1 + f]
        Variance of ``b_i`` and ``q_i`` of an item without ratings.
    noise : float64[n_samples]
        Precision ``alpha`` of a rating.
    constant : float64[1]
        1, or 0 in a model without biases.
    count_power : float64[1]
        ``Lambda`` is multiplied by the number of ratings to this power.
    """

    items: NDArray[Any]
    implicit: NDArray[Any]
    user_mean: Floats
    user_precision: Floats
    item_variance: Floats
    noise: Floats
    constant: Floats
    count_power: Floats

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def _rows(self, index: Any) -> tuple[Floats, Floats]:
        """Biases [n_samples, n] and ``h`` [n_samples, n, 1 + f] of some items."""
        rows = self.items[index].astype(np.float64).transpose(1, 0, 2).copy()
        bias = rows[:, :, 0].copy()
        rows[:, :, 0] = self.constant
        return bias, rows

    def _features(self, rated: NDArray[np.int32]) -> Floats:
        """Return ``y_j / sqrt(n)`` of the rated items: [n_samples, n, 1 + f or 0]."""
        found = self.implicit[rated].astype(np.float64).transpose(1, 0, 2)
        return np.asarray(found / np.sqrt(max(1, len(rated))), dtype=np.float64)

    def fold_in(self, rated: NDArray[np.int32], target: Floats) -> FoldedIn:
        """Solve bias and factors of a user together.

        Parameters
        ----------
        rated : int32[n]
            Items with ratings in the training data; none is valid.
        target : float64[n]
            Their ratings, less the mean, in standard units.
        """
        with one_blas_thread():
            return self._fold_in(rated, target)

    def _fold_in(self, rated: NDArray[np.int32], target: Floats) -> FoldedIn:
        bias, rows = self._rows(rated)
        left = target - bias
        precision = self.noise[:, None, None] * (rows.transpose(0, 2, 1) @ rows)
        diagonal = np.arange(precision.shape[-1])
        prior = self.user_precision * max(1, len(rated)) ** self.count_power
        precision[:, diagonal, diagonal] += prior
        covariance: Floats = np.linalg.inv(precision).astype(np.float64, copy=False)
        shared = np.zeros_like(self.user_mean)
        if self.implicit.shape[-1]:
            shared = self._features(rated).sum(axis=1)
        unexplained = left - (rows @ shared[:, :, None])[:, :, 0]
        right = self.noise[:, None] * (unexplained[:, None] @ rows)[:, 0]
        right += prior * self.user_mean
        vector = (covariance @ right[:, :, None])[:, :, 0] + shared
        return FoldedIn(rated, rows, left, vector, covariance)

    def predict_all(self, user: FoldedIn) -> NDArray[np.float32]:
        """Mean prediction of every item, over the samples.

        Returns
        -------
        float32[n_items]
        """
        n_items, n_samples, _ = self.items.shape
        # The mean over samples of dot products is one dot product with all of them.
        weights = user.vector / n_samples
        base = np.float32(weights[:, 0].sum() * self.constant[0])
        weights[:, 0] = 1 / n_samples
        flat = weights.ravel().astype(np.float32)
        out = np.empty(n_items, dtype=np.float32)
        for start in range(0, n_items, _BLOCK):
            block = self.items[start : start + _BLOCK]
            out[start : start + _BLOCK] = block.reshape(len(block), -1).astype(np.float32) @ flat
        return out + base

    def predict(
        self, user: FoldedIn, index: Sequence[int], unrated: NDArray[np.bool_]
    ) -> tuple[Floats, Floats]:
        """Mean and variance of the rating a user would give to some items.

        The variance is that of the noise, of the user's factors given each sample, and between
        the samples.

        Parameters
        ----------
        user : FoldedIn
        index : sequence of int
        unrated : bool[n]
            Which of them have no ratings, so that their factors have the prior's variance.

        Returns
        -------
        mean, variance : float64[n]
        """
        bias, rows = self._rows(list(index))
        with one_blas_thread():
            means = bias + (rows @ user.vector[:, :, None])[:, :, 0]
            spread = rows @ user.covariance
        variance = 1 / self.noise[:, None] + (spread * rows).sum(axis=2)
        squares = user.vector**2 + user.covariance.diagonal(axis1=1, axis2=2)
        squares[:, 0] = 1.0  # a bias is added as it is
        prior = (squares * self.item_variance).sum(axis=1)
        variance += np.where(unrated, prior[:, None], 0.0)
        return means.mean(axis=0), variance.mean(axis=0) + means.var(axis=0)

    def explain(self, user: FoldedIn, index: Sequence[int]) -> tuple[Floats, Floats, Floats]:
        """Split the mean predictions of some items into summands.

        With ``K = alpha h_i' C H'``, C the user's covariance, a prediction is ``b_i + h_i' C
        Lambda m + sum_j K_ij (r_j - b_j) + (h_i - sum_l K_il h_l).(sum_j y_j) / sqrt(n)``: linear
        in what each rated item brings.

        Returns
        -------
        bias : float64[m]
            ``b_i``
        prior : float64[m]
            Share of the average user.
        ratings : float64[m, n]
            Share of each rated item.
        """
        bias, rows = self._rows(list(index))
        with one_blas_thread():
            solved = rows @ user.covariance
            prior = (solved @ (self.user_precision * self.user_mean)[:, :, None])[:, :, 0]
            weights = self.noise[:, None, None] * (solved @ user.rows.transpose(0, 2, 1))
            shares = weights * user.left[:, None]
            if self.implicit.shape[-1]:
                apart = rows - weights @ user.rows
                shares += apart @ self._features(user.rated).transpose(0, 2, 1)
        return bias.mean(axis=0), prior.mean(axis=0), shares.mean(axis=0)
