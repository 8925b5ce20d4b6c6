"""Judging models: fit them on one side of a split, and look how much of the other they find."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.data.dataset import Dataset
from recsys.evaluation.baselines import Board, Random, WeightedRatings
from recsys.evaluation.certainty import compare, estimates, verdict
from recsys.evaluation.definitions import label
from recsys.evaluation.measures import Measures, error_curve
from recsys.evaluation.metrics import Values
from recsys.evaluation.results import ModelResult, ProtocolResult
from recsys.evaluation.split import Split, check
from recsys.evaluation.task import Rules, Task
from recsys.models.base import RatingModel, Scorer, Stages
from recsys.models.popularity import Popularity
from recsys.models.registry import config_to_dict

Fit = Callable[[Dataset], Iterable[tuple[str, Scorer]]]
"""Called with the training part; gives models one by one, as they are fitted."""


def evaluate(
    split: Split,
    fit: Fit,
    rules: Rules,
    stages: Stages,
    users: NDArray[np.int32] | None = None,
) -> ProtocolResult:
    """Judge models under a split, beside random lists, the most rated and popularity.

    The lists are those that would be served: of the whole catalogue but the profile; what a model
    can't score comes last, and where it can score nothing, popularity answers.

    Parameters
    ----------
    split : Split
    fit : callable
        Called with ``split.train``.
    rules : Rules
    stages : Stages
    users : int32[n], optional
        Judge only these of the split's, ascending.

    Raises
    ------
    LeakError
        If something to be found could be known, or a model shows that it knows it.
    InvalidRequestError
        If nobody can be judged.
    """
    check(split)
    task = Task.of(split, rules, users)
    popularity = WeightedRatings(Popularity().fit(split.train), rules.seed)
    most_rated = Board(split.train.catalog.rating_count.astype(np.float32), rules.seed)
    baselines: dict[str, Any] = {
        "random": Random(split.train.n_items, rules.seed),
        "most_rated": most_rated,
        Popularity.name: popularity,
    }
    fallback = popularity.order
    expected = task.lists(most_rated.score, max(rules.ks), fallback)
    measures = Measures(task, rules, expected)
    results: list[ModelResult] = []
    primary: dict[str, Values] = {}
    metric = f"ndcg@{rules.k}"
    for name, model, seconds in _models(baselines, fit(split.train)):
        with stages(f"Judging {name}") as progress:
            start = time.perf_counter()
            listed = task.lists(model.score, max(rules.ks), fallback, progress)
            list_seconds = time.perf_counter() - start
            task.check_honest(name, model.score, rules.seed)
            values = measures.of_users(listed)
            primary[name] = values[metric]
            found = estimates(values, seed=rules.seed) | measures.of_all(listed)
            if isinstance(model, RatingModel):
                found |= measures.errors(model)
            results.append(
                ModelResult(
                    name=name,
                    config=config_to_dict(model.config) if hasattr(model, "config") else {},
                    metrics=found,
                    slices=measures.slices(listed),
                    fit_seconds=round(seconds, 3),
                    list_seconds=round(list_seconds, 3),
                    rmse_by_iteration=error_curve(model, task),
                )
            )
    results.sort(key=lambda result: -(result.metrics[metric].value or 0.0))
    with stages("Comparing"):
        comparisons = compare(primary, metric, seed=rules.seed)
    best = results[0].name
    return ProtocolResult(
        protocol=split.protocol,
        description=split.description,
        settings=dict(split.settings),
        n_train_ratings=split.train.n_ratings,
        n_held_ratings=int(task.relevant.nnz),
        n_users=task.users.size,
        n_left_out=task.n_left_out,
        n_candidates=int(split.candidates.sum()),
        primary=metric,
        models=tuple(results),
        comparisons=comparisons,
        verdicts=tuple(
            verdict(one, label(metric)) for one in comparisons if best in (one.better, one.worse)
        ),
    )


def _models(
    baselines: Mapping[str, Any], fitted: Iterable[tuple[str, Scorer]]
) -> Iterator[tuple[str, Any, float]]:
    """Give the baselines, then the models, each with the seconds its fit took."""
    for name, baseline in baselines.items():
        yield name, baseline, 0.0
    start = time.perf_counter()
    for name, model in fitted:
        seconds = time.perf_counter() - start
        if name not in baselines:
            yield name, model, seconds
        start = time.perf_counter()
