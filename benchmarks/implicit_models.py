"""The models of ``implicit``, as it is used: fitted on a matrix, asked with a row of one."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from recsys.data.dataset import Dataset
from recsys.data.profile import Profile
from recsys.evaluation.baselines import Board
from recsys.evaluation.metrics import hits_of, ndcg
from recsys.evaluation.task import Task
from recsys.models.base import Progress, Scores

if TYPE_CHECKING:
    from optuna.trial import Trial

Weights = Literal["ones", "ratings"]
"""What the matrix holds: that there is a rating, or the rating itself."""

Kind = Literal["BM25", "Cosine"]
K = 10
"""Length of the lists that settings are searched by."""

KINDS: tuple[Kind, ...] = ("BM25", "Cosine")
"""How items are compared."""


@dataclass(frozen=True)
class FactorsConfig:
    """Settings of ``AlternatingLeastSquares``; the defaults are its own.

    Of ratings its example for MovieLens makes ones, too.
    """

    factors: int = 100
    regularization: float = 0.01
    alpha: float = 1.0
    iterations: int = 15
    weights: Weights = "ones"


class Factors:
    """``AlternatingLeastSquares``, with users solved from their profiles.

    Parameters
    ----------
    train : Dataset
    config : FactorsConfig
    seed : int
    """

    def __init__(self, train: Dataset, config: FactorsConfig, seed: int) -> None:
        from implicit.cpu.als import AlternatingLeastSquares

        self.config = config
        settings = asdict(config)
        del settings["weights"]
        with threadpool_limits(1, "blas"):
            self.model = AlternatingLeastSquares(**settings, random_state=seed)
            self.model.fit(_train_matrix(train, config.weights), show_progress=False)

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Multiply the factors of users and items.

        Returns
        -------
        float32[n_profiles, n_items]
        """
        given = _matrix(profiles, len(self.model.item_factors), self.config.weights)
        users = self.model.recalculate_user(np.arange(len(profiles)), given)
        scores: Scores = users @ self.model.item_factors.T
        return scores


class Neighbours:
    """An item-item model with its defaults.

    Parameters
    ----------
    train : Dataset
    kind : Kind
    """

    def __init__(self, train: Dataset, kind: Kind) -> None:
        from implicit import nearest_neighbours

        self.model: Any = getattr(nearest_neighbours, f"{kind}Recommender")()
        # It warns of the form of a matrix that it made itself.
        with warnings.catch_warnings(action="ignore"):
            self.model.fit(_train_matrix(train, "ones"), show_progress=False)

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Sum the similarities to what was rated.

        Returns
        -------
        float32[n_profiles, n_items]
            NaN for items that are no neighbours of any.
        """
        similarity = self.model.similarity
        found = sparse.csr_matrix(_matrix(profiles, similarity.shape[0], "ones") @ similarity)
        scores = np.full(found.shape, np.nan, dtype=np.float32)
        row = np.repeat(np.arange(len(profiles)), np.diff(found.indptr))
        scores[row, found.indices] = found.data
        return scores


def tuned(task: Task, n_trials: int, seed: int, progress: Progress) -> FactorsConfig:
    """Search settings by NDCG@10 of some users.

    The defaults are tried first, so that what is found is no worse for them.

    Parameters
    ----------
    task : Task
        Of users who are not to judge what was found.
    n_trials : int
    seed : int
    progress : Progress
    """
    import optuna

    train = task.split.train
    most_rated = Board(train.catalog.rating_count.astype(np.float32), seed).order

    def objective(trial: Trial) -> float:
        model = Factors(train, _suggested(trial), seed)
        listed = task.lists(model.score, K, most_rated)
        progress(trial.number + 1, n_trials)
        return float(ndcg(hits_of(listed, task.relevant), np.diff(task.relevant.indptr)).mean())

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.enqueue_trial(asdict(FactorsConfig()))
    study.optimize(objective, n_trials)
    return replace(FactorsConfig(), **study.best_params)


def _suggested(trial: Trial) -> FactorsConfig:
    weights: Any = trial.suggest_categorical("weights", ["ones", "ratings"])
    return FactorsConfig(
        factors=trial.suggest_int("factors", 8, 256, log=True),
        regularization=trial.suggest_float("regularization", 0.001, 1000.0, log=True),
        alpha=trial.suggest_float("alpha", 0.1, 40.0, log=True),
        iterations=trial.suggest_int("iterations", 5, 30),
        weights=weights,
    )


def _train_matrix(train: Dataset, weights: Weights) -> sparse.csr_matrix:
    # Copies, for implicit refuses the dataset's read-only columns.
    return sparse.csr_matrix(
        (_values(train.rating, weights), train.item_index.copy(), train.user_indptr.copy()),
        shape=(train.n_users, train.n_items),
    )


def _matrix(profiles: Sequence[Profile], n_items: int, weights: Weights) -> sparse.csr_matrix:
    ends = np.cumsum([0, *(len(profile) for profile in profiles)])
    items = np.concatenate([profile.item_index for profile in profiles])
    ratings = np.concatenate([profile.rating for profile in profiles])
    return sparse.csr_matrix(
        (_values(ratings, weights), items, ends), shape=(len(profiles), n_items)
    )


def _values(ratings: Scores, weights: Weights) -> Scores:
    return np.ones_like(ratings) if weights == "ones" else ratings.copy()
