"""How far predicted ratings are from those given.

Ratings are flat arrays, in stars. Each has to be predicted: leaving the hard ones out would
flatter. A prediction that is not finite is missing, and an error unless it is asked to be skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def rmse(predicted: NDArray[np.float32], rating: NDArray[np.float32]) -> float:
    """Root mean square error, ``sqrt(sum (predicted - rating)^2 / n)``.

    Every rating counts alike, so that users of many ratings count more (Herlocker, Konstan,
    Terveen and Riedl 2004).

    Parameters
    ----------
    predicted, rating : float32[n]

    Returns
    -------
    float
        In stars, 0 or more; NaN without ratings.

    Raises
    ------
    ValueError
        If a prediction is missing.
    """
    errors = _errors(predicted, rating)
    return float(np.sqrt(np.mean(errors**2))) if errors.size else float("nan")


def mae(predicted: NDArray[np.float32], rating: NDArray[np.float32]) -> float:
    """Mean absolute error, ``sum |predicted - rating| / n``.

    Every rating counts alike, as in :func:`rmse` (Herlocker, Konstan, Terveen and Riedl 2004).

    Parameters
    ----------
    predicted, rating : float32[n]

    Returns
    -------
    float
        In stars, 0 or more; NaN without ratings.

    Raises
    ------
    ValueError
        If a prediction is missing.
    """
    errors = _errors(predicted, rating)
    return float(np.mean(np.abs(errors))) if errors.size else float("nan")


@dataclass(frozen=True, eq=False)
class UserErrors:
    """Sums of errors of each user, from which a resampling of users has its RMSE and MAE.

    With ``w`` how often each user was drawn, the RMSE is ``sqrt(w @ squared / w @ count)`` and the
    MAE ``w @ absolute / w @ count`` (cluster bootstrap, Field and Welsh 2007).

    Attributes
    ----------
    squared : float64[n_users]
        Sum of squared errors, in stars squared.
    absolute : float64[n_users]
        Sum of absolute errors, in stars.
    count : float64[n_users]
        Ratings summed over; 0 for a user without any.
    """

    squared: Values
    absolute: Values
    count: Values


def user_errors(
    user: NDArray[np.int32],
    predicted: NDArray[np.float32],
    rating: NDArray[np.float32],
    n_users: int,
    *,
    missing: Literal["raise", "skip"] = "raise",
) -> UserErrors:
    """Sum the errors of predicted ratings over each user.

    Parameters
    ----------
    user : int32[n]
        Position of the user of each rating, 0 to ``n_users - 1``, in any order.
    predicted, rating : float32[n]
    n_users : int
    missing : "raise" or "skip"
        What to do about a rating whose prediction is missing.

    Returns
    -------
    UserErrors

    Raises
    ------
    ValueError
        If a prediction is missing and not to be skipped.
    """
    if missing == "skip":
        known = np.isfinite(predicted)
        user, predicted, rating = user[known], predicted[known], rating[known]
    errors = _errors(predicted, rating)
    return UserErrors(
        squared=np.bincount(user, errors**2, n_users).astype(np.float64),
        absolute=np.bincount(user, np.abs(errors), n_users).astype(np.float64),
        count=np.bincount(user, minlength=n_users).astype(np.float64),
    )


def _errors(predicted: NDArray[np.float32], rating: NDArray[np.float32]) -> Values:
    n_missing = int((~np.isfinite(predicted)).sum())
    if n_missing:
        raise ValueError(
            f"{n_missing} of {predicted.size} ratings are without a prediction; "
            "predict them all, or leave them out on purpose."
        )
    return np.asarray(predicted.astype(np.float64) - rating)
