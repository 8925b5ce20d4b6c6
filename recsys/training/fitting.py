"""Fitting models on data: parts before what is made of them, and the hybrid's learned weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.data.dataset import Dataset
from recsys.errors import InvalidRequestError
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import hold_out
from recsys.evaluation.results import ProtocolResult
from recsys.evaluation.split import Split
from recsys.evaluation.task import Rules
from recsys.models.base import Progress, Scorer, Stages
from recsys.models.hybrid import Hybrid, HybridConfig
from recsys.models.registry import MODELS
from recsys.store.manifest import BlendRecord
from recsys.training.blend import learn_blend

HELD_OUT_SHARE = 0.2
"""Of the ratings of a user who is asked for validation."""

MOST_LEARNERS = 2_000
"""The hybrid's weights are learned from at most so many users."""

MOST_JUDGES = 1_000
"""All models are judged by at most so many others."""

JUDGES_SHARE = 1 / 3
"""Of the users who are asked, where they are fewer."""

Configs = Mapping[str, Any]
"""Model name to config, parts before what is made of them; None for a hybrid that is to learn its
weights."""


@dataclass(frozen=True, eq=False)
class Validation:
    """What a part of the data says of models fitted on the rest.

    Attributes
    ----------
    hybrid : HybridConfig or None
        With the weights that were learned, if they were asked for.
    blend : tuple of BlendRecord
        How well they did.
    evaluation : ProtocolResult or None
        None where nobody can judge.
    """

    hybrid: HybridConfig | None
    blend: tuple[BlendRecord, ...] = ()
    evaluation: ProtocolResult | None = None


def fit_models(
    configs: Configs, seed: int, stages: Stages, dataset: Dataset
) -> Iterator[tuple[str, Scorer]]:
    """Fit models one by one.

    A hybrid without a config learns its weights as in training: on a part of the dataset, from
    parts fitted on the rest.

    Parameters
    ----------
    configs : mapping of str to config
        With all parts that a model needs.
    seed : int
        Of what is held out.
    stages : Stages
    dataset : Dataset

    Yields
    ------
    name : str
    model : Scorer
    """
    fitted: dict[str, Scorer] = {}
    for name, config in configs.items():
        if name == Hybrid.name:
            parts = {part: fitted[part] for part in Hybrid.requires}
            if config is None:
                with stages("Learning the weights of hybrid") as progress:
                    config = _learn_weights(dataset, configs, seed, steps(progress, 4))[0]
            yield name, Hybrid(config, parts)
        else:
            with stages(f"Fitting {name}") as progress:
                fitted[name] = MODELS[name][0](config).fit(dataset, progress)
            yield name, fitted[name]


def validate(dataset: Dataset, configs: Configs, seed: int, progress: Progress) -> Validation:
    """Learn the hybrid's weights from some users, and let others judge all models.

    Parameters
    ----------
    dataset : Dataset
    configs : mapping of str to config
    seed : int
    progress : Progress

    Returns
    -------
    Validation
        With the default weights and without an evaluation where the data is too small.
    """
    wanted = Hybrid.name in configs and configs[Hybrid.name] is None
    try:
        sample = _sample(dataset, seed)
    except InvalidRequestError:  # nobody has two ratings
        return Validation(HybridConfig() if wanted else None)
    stages = steps(progress, 2 * len(configs) + 4)
    found = Validation(configs.get(Hybrid.name))

    def fit(train: Dataset) -> Iterator[tuple[str, Scorer]]:
        nonlocal found
        parts: dict[str, Scorer] = {}
        for name, config in configs.items():
            with stages(name) as step:
                if name != Hybrid.name:
                    parts[name] = MODELS[name][0](config).fit(train, step)
                    yield name, parts[name]
                    continue
                if config is None:
                    config, blend = _blend(sample, parts, seed, step)
                    found = replace(found, hybrid=config, blend=blend)
                yield name, Hybrid(config, {part: parts[part] for part in Hybrid.requires})

    if not sample.judges.size:
        for _ in fit(sample.split.train):
            pass
        return found
    result = evaluate(sample.split, fit, Rules(seed=seed), stages, sample.judges)
    return replace(found, evaluation=result)


@dataclass(frozen=True, eq=False)
class _Sample:
    """Some users with ratings held out: those weights are learned from, and those who judge."""

    split: Split
    learners: NDArray[np.int32]
    judges: NDArray[np.int32]


def _sample(dataset: Dataset, seed: int) -> _Sample:
    rng = np.random.default_rng(seed)
    able = np.flatnonzero(np.diff(dataset.user_indptr) >= 2)
    users = rng.permutation(able)[: MOST_LEARNERS + MOST_JUDGES]
    n_judges = min(MOST_JUDGES, int(users.size * JUDGES_SHARE))
    held = hold_out(dataset, HELD_OUT_SHARE, rng, np.sort(users))
    split = Split.of(
        dataset,
        train=~held,
        held=held,
        description=f"{HELD_OUT_SHARE:.0%} of the ratings of {n_judges:,} users, drawn at random, "
        "are to be found; all other ratings are learned from. The hybrid's weights were learned "
        "from others.",
        protocol=f"random:{HELD_OUT_SHARE:g}",
        # All models were fitted right here, on the training part: there is nobody to suspect.
        exchangeable=False,
    )
    return _Sample(
        split,
        learners=np.sort(users[n_judges:]).astype(np.int32),
        judges=np.sort(users[:n_judges]).astype(np.int32),
    )


def _blend(
    sample: _Sample, parts: Mapping[str, Scorer], seed: int, progress: Progress
) -> tuple[HybridConfig, tuple[BlendRecord, ...]]:
    chosen = {name: parts[name] for name in Hybrid.requires}
    return learn_blend(sample.split, sample.learners, chosen, np.random.default_rng(seed), progress)


def _learn_weights(
    dataset: Dataset, configs: Configs, seed: int, stages: Stages
) -> tuple[HybridConfig, tuple[BlendRecord, ...]]:
    try:
        sample = _sample(dataset, seed)
    except InvalidRequestError:  # nobody has two ratings
        return HybridConfig(), ()
    parts: dict[str, Scorer] = {}
    for name in Hybrid.requires:
        with stages(name) as step:
            parts[name] = MODELS[name][0](configs[name]).fit(sample.split.train, step)
    with stages("weights") as step:
        return _blend(sample, parts, seed, step)


def steps(progress: Progress, n_steps: int) -> Stages:
    """Report stages as equal steps of one work."""
    n_begun = 0

    @contextmanager
    def stage(name: str) -> Iterator[Progress]:
        nonlocal n_begun
        start = min(n_begun, n_steps - 1)
        n_begun += 1

        def report(done: int, total: int) -> None:
            progress(round(1000 * (start + done / max(1, total)) / n_steps), 1000)

        yield report
        report(1, 1)

    return stage
