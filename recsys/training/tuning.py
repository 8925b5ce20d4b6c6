"""Searching settings of a model that do well on held-out ratings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recsys.data.dataset import Dataset
from recsys.errors import InvalidRequestError
from recsys.evaluation import metrics
from recsys.evaluation.measures import Measures
from recsys.evaluation.protocols import split_by
from recsys.evaluation.split import Split, check
from recsys.evaluation.task import Rules, Task
from recsys.models.als import ALS
from recsys.models.base import RatingModel, Scorer, Stages, silent
from recsys.models.biased_als import BiasedALS
from recsys.models.hybrid import Hybrid, HybridConfig
from recsys.models.popularity import Popularity
from recsys.models.registry import MODELS, config_to_dict
from recsys.training.fitting import fit_models
from recsys.training.pipeline import TrainingConfig, model_configs
from recsys.training.search_spaces import SPACES, names_of, values_of, with_values
from recsys.training.study import enqueue_first, finished_trials, importances, open_study
from recsys.training.tuning_config import RANKING_METRICS, K, TuningConfig

if TYPE_CHECKING:
    import optuna

MOST_ITERATIONS = 30
"""Sweeps that a trial may take; it ends where they bring nothing more."""

CHECKED = 3
"""A trial looks at the metric after every so many sweeps."""

PATIENCE = 2
"""A trial ends after so many looks in a row without a better one."""


@dataclass(frozen=True, eq=False)
class Tuned:
    """What a search found.

    Attributes
    ----------
    config : config of the model
    value : float
        Of the metric, by the users who judged the search.
    usual_value : float or None
        That of the settings the search began with, after the best number of sweeps.
    n_finished, n_pruned : int
        Trials of the study; the latter were stopped early and count as finished.
    importance : mapping of str to float
        Share of the differences between trials that each setting explains; empty with few trials.
    study : str
        Name in the storage.
    split : Split
    testers : int32[n]
        The users of the split who did not judge the search.
    """

    config: Any
    value: float
    usual_value: float | None
    n_finished: int
    n_pruned: int
    importance: Mapping[str, float]
    study: str
    split: Split
    testers: NDArray[np.int32]


def tune(
    dataset: Dataset,
    config: TuningConfig,
    stages: Stages,
    report: Callable[[str], None] = lambda line: None,
) -> Tuned:
    """Search settings by Optuna's tree-structured Parzen estimator (Bergstra et al. 2011).

    The first trial has the usual settings. Every trial is kept in the study as it ends, and a run
    takes over what earlier runs of the same data, protocol, seed and metric have finished.

    Parameters
    ----------
    dataset : Dataset
    config : TuningConfig
    stages : Stages
    report : callable
        Told of every better trial in a line.

    Raises
    ------
    InvalidRequestError
        If the storage can't be opened or the data can't be split.
    """
    seed = config.rules.seed
    split = split_by(dataset, config.protocol, seed)
    check(split)
    users = np.random.default_rng(seed).permutation(split.users)
    if users.size < 2:
        raise InvalidRequestError("Tuning takes 2 users or more: one to search by, one to test.")
    judges, testers = np.sort(users[: users.size // 2]), np.sort(users[users.size // 2 :])
    search = _Search(Task.of(split, config.rules, judges), config, stages)
    name = "-".join((config.model, str(config.metric), str(config.protocol), _key(config, dataset)))
    study = open_study(config.study, name, lower_is_better=config.rates, seed=seed)
    enqueue_first(study, values_of(search.usual, search.names))
    with stages(f"Tuning {config.model}") as progress:

        def told(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
            n_finished = len(finished_trials(study))
            progress(n_finished, config.n_trials)
            if trial.value is not None and study.best_trial.number == trial.number:
                report(f"Trial {n_finished}: {config.metric} {trial.value:.4f}, {_told(trial)}")
            if n_finished >= config.n_trials:
                study.stop()

        if len(finished_trials(study)) < config.n_trials:
            study.optimize(search.objective, timeout=config.timeout, callbacks=[told])
    return _result(study, search, testers)


class _Search:
    """Tries settings on a task."""

    def __init__(self, task: Task, config: TuningConfig, stages: Stages) -> None:
        self.config, self.task = config, task
        split = self.split = task.split
        begun = TrainingConfig((config.model,), config.rules.seed, configs=config.configs)
        configs = model_configs(begun)
        self.usual = configs[config.model] or HybridConfig()
        self.fallback = Popularity().fit(split.train).weighted_rating
        self.parts: dict[str, Scorer] = {}
        if config.model == Hybrid.name:
            for name in Hybrid.requires:
                with stages(f"Fitting {name}") as progress:
                    part = MODELS[name][0](configs[name])
                    self.parts[name] = part.fit(split.train, progress)
        sizes = np.bincount(split.dataset.user_index[split.given], minlength=split.dataset.n_users)
        self.names = names_of(config.model, sizes[self.task.users].tolist())
        self.better = min if config.rates else max

    def objective(self, trial: optuna.Trial) -> float:
        """Fit and judge one choice of settings; sweep by sweep where the model has such."""
        import optuna

        space = SPACES[self.config.model]
        config = with_values(
            self.usual, {name: space[name].suggest(trial, name) for name in self.names}
        )
        best, n_worse = None, 0
        for n_iterations, value in self._values(config):
            if best is None or self.better(best, value) != best:
                best, n_worse = value, 0
                trial.set_user_attr("n_iterations", n_iterations)
            else:
                n_worse += 1
            if n_worse >= PATIENCE:
                break
            if n_iterations:
                trial.report(best, n_iterations)
                if trial.should_prune():
                    raise optuna.TrialPruned
        assert best is not None
        return best

    def _values(self, config: Any) -> Iterator[tuple[int, float]]:
        """Values after so many sweeps; after 0 where the model is fitted at once."""
        model = self.config.model
        if model == Hybrid.name:
            yield 0, self._value(Hybrid(config, self.parts))
        elif model in (ALS.name, BiasedALS.name):
            long = replace(config, n_iterations=MOST_ITERATIONS)
            train = self.split.train
            sweeps: Iterator[Any] = (
                ALS(long).sweeps(train, new_items=False)
                if model == ALS.name
                else BiasedALS(long).sweeps(train)
            )
            n, fitted = 0, None
            for n, fitted in enumerate(sweeps, 1):
                if n % CHECKED == 0:
                    yield n, self._value(fitted)
            if n % CHECKED:
                yield n, self._value(fitted)
        else:
            yield 0, self._value(MODELS[model][0](config).fit(self.split.train, silent))

    def _value(self, model: Any) -> float:
        metric = str(self.config.metric)
        if self.config.rates:
            assert isinstance(model, RatingModel)
            return _error(self.task, self.config.rules, model, metric)
        listed = self.task.lists(model.score, K, self.fallback)
        hits = metrics.hits_of(listed, self.task.relevant)
        values = RANKING_METRICS[metric](hits, np.diff(self.task.relevant.indptr))
        return float(values.mean())

    def chosen(self, trial: optuna.trial.FrozenTrial) -> Any:
        """Return the settings of a trial as a config."""
        config = with_values(self.usual, trial.params)
        n_iterations = trial.user_attrs.get("n_iterations")
        return replace(config, n_iterations=n_iterations) if n_iterations else config


def _error(task: Task, rules: Rules, model: RatingModel, metric: str) -> float:
    nothing = np.full((task.users.size, K), -1, dtype=np.int32)
    value = Measures(task, rules, nothing).errors(model)[metric].value
    assert value is not None
    return value


def _told(trial: optuna.trial.FrozenTrial) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in trial.params.items())


def _key(config: TuningConfig, dataset: Dataset) -> str:
    """Stand for everything that decides what a trial is worth."""
    rules = config.rules
    begun = {name: config_to_dict(one) for name, one in config.configs.items()}
    text = json.dumps([dataset.digest, rules.relevant, rules.n_sampled, rules.seed, begun])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _result(study: optuna.Study, search: _Search, testers: NDArray[np.int32]) -> Tuned:
    finished = finished_trials(study)
    complete = [trial for trial in finished if trial.state.name == "COMPLETE"]
    if not complete:
        raise InvalidRequestError("No trial was finished in that time: give it a longer timeout.")
    best = study.best_trial
    first = complete[0]
    usual = values_of(search.usual, list(first.params))
    return Tuned(
        config=search.chosen(best),
        value=float(best.value or 0.0),
        usual_value=float(first.value or 0.0) if first.params == usual else None,
        n_finished=len(finished),
        n_pruned=len(finished) - len(complete),
        importance=importances(study),
        study=study.study_name,
        split=search.split,
        testers=testers,
    )


def contenders(
    config: TuningConfig, tuned: Tuned, stages: Stages, train: Dataset
) -> Iterator[tuple[str, Scorer]]:
    """Fit the model as it was and as it was tuned, for the users who did not judge the search.

    Parameters
    ----------
    config : TuningConfig
    tuned : Tuned
    stages : Stages
    train : Dataset

    Yields
    ------
    name : str
        "als, usual" or "als, tuned".
    model : Scorer
    """
    name = config.model
    begun = TrainingConfig((name,), config.rules.seed, configs=config.configs)
    model: Any = None
    parts: dict[str, Scorer] = {}
    for part, model in fit_models(model_configs(begun), config.rules.seed, stages, train):
        parts[part] = model
    yield f"{name}, usual", model
    with stages(f"Fitting {name}, tuned") as progress:
        if name == Hybrid.name:
            model = Hybrid(tuned.config, model.parts)
        else:
            model = MODELS[name][0](tuned.config).fit(train, progress)
        yield f"{name}, tuned", model
