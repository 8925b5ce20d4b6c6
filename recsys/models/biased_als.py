"""Ratings in stars: biases and factors, as a point estimate or with the posterior's samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recsys.data.dataset import Dataset
from recsys.data.profile import Profile
from recsys.errors import InvalidRequestError
from recsys.models.base import Contribution, Progress, Scorer, Scores, silent
from recsys.models.biased_als_fit import alternate, sample
from recsys.models.item_samples import FoldedIn, ItemSamples


@dataclass(frozen=True)
class Sampling:
    """How the posterior is sampled."""

    burn_in: int = 30
    """Sweeps before the first sample."""

    n_samples: int = 30
    """Samples kept; predictions are means over them."""

    thinning: int = 3
    """Sweeps for each sample."""

    implicit: bool = True
    """Also learn from which items were rated, whatever the stars; without, half the lambda of the
    factors is better."""


@dataclass(frozen=True)
class BiasedALSConfig:
    """Hyper-parameters of :class:`BiasedALS`."""

    n_factors: int = 32
    """Length of a factor vector; 0 for biases alone."""

    biases: bool = True
    """Whether users and items have biases."""

    regularization: float = 12.0
    """Weight of the squared factors in the loss (lambda), for ratings of unit variance; less where
    the data is small."""

    bias_regularization: float = 3.0
    """Weight of the squared biases in the loss."""

    count_power: float = 0.0
    """Both lambdas are multiplied by the row's number of ratings to this power, 1 as in ALS-WR
    (Zhou, Wilkinson, Schreiber and Pan 2008), where they are a hundred times smaller. The
    posterior takes 0."""

    n_iterations: int = 15
    """Sweeps over users and items, at most."""

    tolerance: float = 1e-4
    """The fit ends when a sweep takes less than this share off the loss; 0 for never."""

    posterior: bool = False
    """Sample the posterior instead: better predictions, each with a deviation; slower."""

    sampling: Sampling = field(default_factory=Sampling)
    """How, if so."""

    seed: int = 42
    """Seed of the first factors and of the samples."""

    n_threads: int = 0
    """Threads for training, 0 for all cores; the result does not depend on it."""


class BiasedALS:
    """Predicted stars: ``r_ui = mu + b_u + b_i + p_u.q_i``, all with Gaussian priors.

    The point estimate is that of probabilistic matrix factorisation (Salakhutdinov and Mnih 2007)
    with biases (Koren, Bell and Volinsky 2009), by alternating least squares: it minimises
    ``sum (r - mu - b_u - b_i - p_u.q_i)^2 + lambda_b (|b|^2) + lambda (|P|^2 + |Q|^2)`` over the
    observed ratings, bias and factors of a row solved together. With ``posterior`` it is the
    Bayesian version (Salakhutdinov and Mnih 2008), with implicit features of users and items
    (Rendle, Zhang and Koren 2019).

    Either way only the items are kept; ``b_u`` and ``p_u`` of a user, known or new, are solved
    from the profile when they are asked for, by the equations of the training. Inside, ratings are
    brought to unit variance, so that the hyper-parameters mean the same on any scale.

    A score is a predicted rating before it is cut to the scale, so that contributions add up to
    it; :meth:`predict` cuts.

    Attributes
    ----------
    samples : ItemSamples
        Biases and factors of the items.
    rated : bool[n_items]
        The items with ratings; all others score NaN.
    losses, rmse : list of float
        The objective, and the root mean square error on the ratings trained on, at each iteration
        of the last fit so far. A sampled posterior has no objective.
    """

    name: ClassVar[str] = "biased_als"
    requires: ClassVar[tuple[str, ...]] = ()

    def __init__(self, config: BiasedALSConfig | None = None) -> None:
        self.config = config or BiasedALSConfig()

    def fit(self, dataset: Dataset, progress: Progress = silent) -> Self:
        """Learn the items' biases and factors: do all :meth:`sweeps`.

        Raises
        ------
        InvalidRequestError
            If there are to be no sweeps.
        """
        for _ in self.sweeps(dataset, progress):
            pass
        return self

    def sweeps(self, dataset: Dataset, progress: Progress = silent) -> Iterator[Self]:
        """Fit, and look at the model after each sweep.

        Whoever stops early keeps the model as it was last yielded. What was learned is never
        changed in place, so that :meth:`arrays` of the best sweep may be kept.

        Yields
        ------
        BiasedALS
            The model itself, as a fit of so many iterations leaves it. A sampled posterior comes
            once, at the end.

        Raises
        ------
        InvalidRequestError
            If there are to be no sweeps.
        """
        config = self.config
        if config.n_iterations < 1 and not config.posterior:
            raise InvalidRequestError("There is no model without a sweep; set n_iterations to 1.")
        self.scale = dataset.scale
        self.mean = float(dataset.rating.mean(dtype=np.float64))
        self.unit = float(dataset.rating.std(dtype=np.float64)) or 1.0
        self.rated = np.bincount(dataset.item_index, minlength=dataset.n_items) > 0
        ratings = sparse.csr_matrix(
            (
                ((dataset.rating - self.mean) / self.unit).astype(np.float32),
                dataset.item_index,
                dataset.user_indptr,
            ),
            shape=(dataset.n_users, dataset.n_items),
        )
        shared: dict[str, Any] = {
            # More factors than items or users have nothing to tell.
            "n_factors": min(config.n_factors, dataset.n_items, dataset.n_users),
            "penalty": (config.bias_regularization, config.regularization),
            "biases": config.biases,
            "seed": config.seed,
            "n_threads": config.n_threads,
            "progress": progress,
        }
        self.losses: list[float] = []
        self.rmse: list[float] = []
        if config.posterior:
            self.samples, errors = sample(ratings, **shared, **asdict(config.sampling))
            self.rmse = [self.unit * error for error in errors]
            yield self
            return
        for samples, loss, error in alternate(
            ratings,
            count_power=config.count_power,
            n_iterations=config.n_iterations,
            tolerance=config.tolerance,
            **shared,
        ):
            self.samples = samples
            self.losses.append(loss)
            self.rmse.append(self.unit * error)
            yield self

    def fold_in(self, profile: Profile) -> FoldedIn:
        """Solve a user from a profile; an empty one gives the average user."""
        known = self.rated[profile.item_index]
        rating = profile.rating[known].astype(np.float64)
        return self.samples.fold_in(profile.item_index[known], (rating - self.mean) / self.unit)

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Predicted ratings, not cut to the scale."""
        scores = np.full((len(profiles), len(self.rated)), np.nan, dtype=np.float32)
        for row, profile in zip(scores, profiles, strict=True):
            user = self.fold_in(profile)
            if user.rated.size:
                predicted = self.mean + self.unit * self.samples.predict_all(user)
                row[self.rated] = predicted[self.rated]
        return scores

    def predict(
        self, profile: Profile, item_index: Sequence[int] | NDArray[Any]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Ratings a user would give to some items, and how sure that is.

        There is always an answer: an item without ratings gets ``mu + b_u`` (from the posterior:
        with the mean item's bias and factors), an empty profile ``mu + b_i``.

        Returns
        -------
        rating : float32[n]
            Within the data's scale.
        deviation : float32[n] or None
            Standard deviation of the rating the user would give, the noise of ratings included:
            two thirds of ratings fall within one. None without a posterior.
        """
        index = np.asarray(item_index, dtype=np.int64)
        mean, variance = self.samples.predict(
            self.fold_in(profile), index.tolist(), ~self.rated[index]
        )
        rating = np.clip(self.mean + self.unit * mean, *self.scale).astype(np.float32)
        if not self.config.posterior:
            return rating, None
        return rating, (self.unit * np.sqrt(variance)).astype(np.float32)

    def explain(self, profile: Profile, item_index: Sequence[int]) -> list[list[Contribution]]:
        """Share of each rating: the user is linear in the ratings less the items' biases."""
        user = self.fold_in(profile)
        if not user.rated.size:
            return [[] for _ in item_index]
        bias, prior, shares = (
            self.unit * part for part in self.samples.explain(user, list(item_index))
        )
        return [
            [
                Contribution("baseline", self.mean + float(prior[n]), feature="the average user"),
                Contribution("feature", float(bias[n]), feature="votes: how people rate it"),
                *(
                    Contribution("rating", float(value), item_index=int(j))
                    for j, value in zip(user.rated, shares[n], strict=True)
                ),
            ]
            if self.rated[item]
            else []
            for n, item in enumerate(item_index)
        ]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the items' side, and the numbers that bring it to the data's scale."""
        return {
            **self.samples.arrays(),
            "rated": self.rated,
            "mean_unit_scale": np.array([self.mean, self.unit, *self.scale]),
        }

    @classmethod
    def from_arrays(
        cls,
        config: BiasedALSConfig,
        arrays: Mapping[str, NDArray[Any]],
        parts: Mapping[str, Scorer],
    ) -> Self:
        """Restore the items' side."""
        model = cls(config)
        columns = dict(arrays)
        model.mean, model.unit, low, high = map(float, columns.pop("mean_unit_scale"))
        model.scale = (low, high)
        model.rated = columns.pop("rated")
        model.samples = ItemSamples(**columns)
        return model
