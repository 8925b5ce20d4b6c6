"""The command that searches better settings of a model."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from recsys.cli.options import ArtifactsOption, ConfigOption, SeedOption
from recsys.cli.output import SIMULATED, check_outputs, console, note, plain, stages
from recsys.cli.source import (
    ColumnsOption,
    DataOption,
    DatasetOption,
    ItemsFileOption,
    MaxRejectsOption,
    MinMovieRatingsOption,
    MinUserRatingsOption,
    NameOption,
    RatingsFileOption,
    ScaleOption,
    Source,
)
from recsys.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recsys.evaluation.results import ProtocolResult
    from recsys.training.tuning import Tuned
    from recsys.training.tuning_config import TuningConfig


def tune(
    artifacts: ArtifactsOption,
    model: Annotated[
        Literal["als", "item_item", "biased_als", "hybrid"],
        typer.Option(help="What to tune; of the hybrid its weights."),
    ],
    trials: Annotated[
        int, typer.Option(min=1, metavar="N", help="Trials, with those of earlier runs.")
    ] = 50,
    timeout: Annotated[
        float | None, typer.Option(min=1, metavar="S", help="Begin no trial after so many seconds.")
    ] = None,
    study: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Database of the trials, which a later run takes over.",
            show_default="sqlite:///ARTIFACTS/studies.db",
        ),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="ndcg, recall or map; of biased_als rmse or mae.",
            show_default="ndcg or rmse",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the settings there, for --config.",
            show_default="ARTIFACTS/tuned-MODEL.json",
        ),
    ] = None,
    protocol: Annotated[
        str, typer.Option(metavar="NAME:VALUE", help="How to split; see evaluate.")
    ] = "random",
    users: Annotated[
        int, typer.Option(min=1, metavar="N", help="Judge by so many users, at most.")
    ] = 1000,
    relevant: Annotated[
        float | None,
        typer.Option(metavar="STARS", help="As for evaluate.", show_default="any"),
    ] = None,
    config: ConfigOption = None,
    seed: SeedOption = 42,
    dataset: DatasetOption = None,
    data: DataOption = None,
    min_user_ratings: MinUserRatingsOption = 1,
    min_movie_ratings: MinMovieRatingsOption = 0,
    max_rejects: MaxRejectsOption = 0.05,
    scale: ScaleOption = None,
    ratings_file: RatingsFileOption = None,
    items_file: ItemsFileOption = None,
    columns: ColumnsOption = None,
    name: NameOption = None,
) -> None:
    """Search settings of a model that do better on ratings held out.

    Stopped or killed, the search goes on where it was when it is started again. At the end the
    settings are judged by users the search was not judged by, beside those it began with.

    Example: python -m recsys tune --model als --trials 50
    """
    from recsys.evaluation.evaluate import evaluate
    from recsys.evaluation.protocols import Protocol
    from recsys.evaluation.task import Rules
    from recsys.training.config_file import read_configs, write_configs
    from recsys.training.tuning import contenders
    from recsys.training.tuning import tune as run
    from recsys.training.tuning_config import K, TuningConfig

    protocols = Protocol.parse(protocol)
    if len(protocols) > 1:
        raise InvalidRequestError(f"Tuning takes one protocol, such as {protocols[0]}.")
    artifacts.mkdir(parents=True, exist_ok=True)
    if study is None:
        study = f"sqlite:///{artifacts / 'studies.db'}"
    settings = TuningConfig(
        model,
        trials,
        timeout,
        study,
        metric,
        protocols[0],
        Rules((K,), relevant, users, seed),
        read_configs(config) if config else {},
    )
    output = output or artifacts / f"tuned-{model}.json"
    check_outputs(output)
    source = Source(
        dataset,
        data,
        min_user_ratings,
        min_movie_ratings,
        max_rejects,
        scale,
        ratings_file,
        items_file,
        columns,
        name,
    )
    with stages(console(stderr=True)) as stage, stage(f"Reading {source.label}"):
        read, report = source.read()
    for line in report.lines():
        note(line)
    with stages(console(stderr=True)) as stage:
        tuned = run(read, settings, stage, note)
        result = evaluate(
            tuned.split,
            partial(contenders, settings, tuned, stage),
            settings.rules,
            stage,
            tuned.testers,
        )
    about = {
        "study": {
            "name": tuned.study,
            "data": read.name,
            "digest": read.digest,
            "metric": settings.metric,
            "validation": tuned.value,
            "validation_before": tuned.usual_value,
            "trials": tuned.n_finished,
            "test": dict(_on_test(settings, result)),
        }
    }
    write_configs(output, {model: tuned.config}, about)
    for text in summary(settings, tuned, result):
        print(plain(text))
    print(plain(f"Settings   {output}: train with --config {output}"))
    if read.simulated:
        print(SIMULATED)


def summary(config: TuningConfig, tuned: Tuned, result: ProtocolResult) -> Iterator[str]:
    """Say what a search found, and what it is worth."""
    from recsys.evaluation.certainty import verdict
    from recsys.evaluation.definitions import label
    from recsys.evaluation.table import interval
    from recsys.training.search_spaces import SPACES, values_of

    metric = label(_metric(config))
    yield (
        f"Trials     {tuned.n_finished} finished, {tuned.n_pruned} of them stopped early, in the "
        f"study {tuned.study}"
    )
    before = (
        "" if tuned.usual_value is None else f", with the usual settings {tuned.usual_value:.4f}"
    )
    yield f"Validation {metric} {tuned.value:.4f}{before}"
    for name, value in values_of(tuned.config, list(SPACES[config.model])).items():
        share = f" (explains {tuned.importance[name]:.0%})" if name in tuned.importance else ""
        yield f"  {name:<28}{value:.4g}{share}"
    pair = dict(_on_test(config, result))
    for name, value in pair.items():
        estimate = next(one.metrics[_metric(config)] for one in result.models if one.name == name)
        yield f"Test       {metric} {value:.4f} ({interval(estimate, _metric(config))}): {name}"
    for one in result.comparisons:
        if {one.better, one.worse} == set(pair):
            yield f"           {verdict(one, label(one.metric))}"


def _metric(config: TuningConfig) -> str:
    from recsys.training.tuning_config import K

    return str(config.metric) if config.rates else f"{config.metric}@{K}"


def _on_test(config: TuningConfig, result: ProtocolResult) -> Iterator[tuple[str, float]]:
    for one in result.models:
        value = one.metrics[_metric(config)].value if one.name.startswith(config.model) else None
        if value is not None:
            yield one.name, value
