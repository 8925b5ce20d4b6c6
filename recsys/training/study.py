"""A study: trials kept in a database, so that a run goes on where another ended, or was ended."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

from recsys.errors import InvalidRequestError

if TYPE_CHECKING:
    import optuna

N_RANDOM = 10
"""Trials drawn at random before the search learns from those that are finished."""

N_SPARED = 5
"""Trials that are not stopped early, because there is too little to compare them with."""

HEARTBEAT = 5
"""Seconds between two signs of life of a running trial; one that has given none for four times as
long was killed."""


def open_study(address: str | None, name: str, *, lower_is_better: bool, seed: int) -> optuna.Study:
    """Open a study, or begin it.

    Parameters
    ----------
    address : str or None
        Of a database, as SQLAlchemy has it; None keeps the study in memory.
    name : str
    lower_is_better : bool
    seed : int

    Raises
    ------
    InvalidRequestError
        If there can be no database at that address.
    """
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    optuna.logging.set_verbosity(logging.ERROR)
    # Heartbeats are called experimental.
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    try:
        study = optuna.create_study(
            study_name=name,
            storage=address
            and optuna.storages.RDBStorage(
                address, heartbeat_interval=HEARTBEAT, grace_period=4 * HEARTBEAT
            ),
            load_if_exists=True,
            direction="minimize" if lower_is_better else "maximize",
            pruner=optuna.pruners.MedianPruner(n_startup_trials=N_SPARED),
        )
    except (SQLAlchemyError, ImportError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise InvalidRequestError(
            f"The study {address} can't be opened ({reason}): give an address such as "
            "sqlite:///studies.db."
        ) from None
    # With the same seed a run that goes on would draw the same trials again.
    study.sampler = optuna.samplers.TPESampler(
        seed=seed + len(study.get_trials(deepcopy=False)),
        multivariate=True,
        n_startup_trials=N_RANDOM,
    )
    return study


def enqueue_first(study: optuna.Study, values: Mapping[str, float]) -> None:
    """Have values tried first, unless they were; a trial of them that failed is no trial."""
    tried = (trial for trial in study.get_trials(deepcopy=False) if trial.state.name != "FAIL")
    if not any(values in (t.params, t.system_attrs.get("fixed_params")) for t in tried):
        study.enqueue_trial(dict(values))


def finished_trials(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Trials that have a value, or were stopped early because they would have had a bad one."""
    trials = study.get_trials(deepcopy=False)
    return [trial for trial in trials if trial.state.name in ("COMPLETE", "PRUNED")]


def importances(study: optuna.Study) -> dict[str, float]:
    """Weigh the settings by functional analysis of variance (Hutter, Hoos, Leyton-Brown 2014).

    Returns
    -------
    dict of str to float
        Share of the differences between trials that each setting explains; the largest first.
        Empty where there are too few trials to tell, or all did equally well.
    """
    import optuna

    complete = [trial for trial in finished_trials(study) if trial.state.name == "COMPLETE"]
    if len(complete) < N_RANDOM or len({trial.value for trial in complete}) < 2:
        return {}
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    return optuna.importance.get_param_importances(study, evaluator=evaluator)
