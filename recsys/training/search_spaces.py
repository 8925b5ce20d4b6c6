"""What tuning may try: the settings that matter of each model, most on a log scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from recsys.models.hybrid import SIZES, HybridConfig

if TYPE_CHECKING:
    from optuna.trial import Trial

Values = Mapping[str, float]


@dataclass(frozen=True)
class Range:
    """Values of a setting, ends included."""

    low: float
    high: float
    log: bool = True
    whole: bool = False

    def suggest(self, trial: Trial, name: str) -> float:
        """Ask for a value to try."""
        if self.whole:
            return trial.suggest_int(name, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(name, self.low, self.high, log=self.log)


SPACES: dict[str, dict[str, Range]] = {
    "als": {
        "n_factors": Range(16, 256, whole=True),
        "regularization": Range(1.0, 200.0),
        "alpha": Range(0.5, 16.0),
        "preference.gamma": Range(0.05, 1.0),
    },
    "item_item": {
        "regularization": Range(10.0, 2000.0),
        "common_terms": Range(0.01, 1.0),
        "preference.gamma": Range(0.05, 1.0),
    },
    "biased_als": {
        "n_factors": Range(8, 128, whole=True),
        "regularization": Range(1.0, 100.0),
        "bias_regularization": Range(0.3, 30.0),
    },
    "hybrid": {
        f"{weight}.{size}": Range(0.0, 1.0, log=False)
        for weight in ("alpha", "item_item", "popularity")
        for size in range(len(SIZES))
    },
}
"""Ranges by model and setting; "preference.gamma" is a setting of a setting, "alpha.2" the third
of several."""


def values_of(config: Any, names: Sequence[str]) -> dict[str, float]:
    """Look up settings by the names of :data:`SPACES`."""
    return {name: _get(config, name.split(".")) for name in names}


def _get(config: Any, path: Sequence[str]) -> Any:
    for step in path:
        config = config[int(step)] if isinstance(config, tuple) else getattr(config, step)
    return config


def with_values(config: Any, values: Values) -> Any:
    """Replace settings by the names of :data:`SPACES`."""
    for name, value in values.items():
        config = _set(config, name.split("."), value)
    return config


def _set(config: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(config, tuple):
        changed = list(config)
        changed[int(step)] = _set(changed[int(step)], rest, value)
        return tuple(changed)
    return replace(config, **{step: _set(getattr(config, step), rest, value)})


def names_of(model: str, profile_sizes: Sequence[int]) -> list[str]:
    """Names of the settings to tune; of a hybrid those for profiles there are.

    Parameters
    ----------
    model : str
    profile_sizes : sequence of int
        Numbers of ratings of the profiles that judge.
    """
    names = list(SPACES[model])
    if model != "hybrid":
        return names
    shared = HybridConfig(alpha=tuple(i / 10 for i in range(len(SIZES))))
    present = {round(10 * shared.shares(size)[0]) for size in profile_sizes}
    return [name for name in names if int(name.rpartition(".")[2]) in present]
