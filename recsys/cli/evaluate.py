"""The command that measures how good the models are."""

from __future__ import annotations

import shlex
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import ConfigOption, SeedOption, ThreadsOption
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
    from rich.console import Console

    from recsys.evaluation.results import Evaluation, ProtocolResult


def evaluate(
    dataset: DatasetOption = None,
    data: DataOption = None,
    protocol: Annotated[
        str | None,
        typer.Option(
            metavar="A,B:N,...",
            help="How to split: random:SHARE, leave-last:N, temporal:SHARE or temporal:DATE, "
            "unseen-users:SHARE, few-ratings:N, cold-items:SHARE; or all.",
            show_default="temporal, without times random",
        ),
    ] = None,
    models: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,C",
            help="Only these; random, most rated and popularity are always there.",
            show_default="all",
        ),
    ] = None,
    k: Annotated[
        str, typer.Option("--k", "-k", metavar="A,B,C", help="Lengths of lists.")
    ] = "5,10,20",
    relevant: Annotated[
        float | None,
        typer.Option(
            metavar="STARS",
            help="Held-out ratings of so many stars or more are to be found.",
            show_default="any",
        ),
    ] = None,
    users: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Judge by so many users.", show_default="all"),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write all figures there.")
    ] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a report with charts.")
    ] = None,
    config: ConfigOption = None,
    seed: SeedOption = 42,
    threads: ThreadsOption = 0,
    min_user_ratings: MinUserRatingsOption = 1,
    min_movie_ratings: MinMovieRatingsOption = 0,
    max_rejects: MaxRejectsOption = 0.05,
    scale: ScaleOption = None,
    ratings_file: RatingsFileOption = None,
    items_file: ItemsFileOption = None,
    columns: ColumnsOption = None,
    name: NameOption = None,
) -> None:
    """Compare models on ratings they have not seen, and tell what is luck.

    Nothing is trained for serving: the live version stays as it is.

    Example: python -m recsys evaluate --protocol random,few-ratings --html report.html
    """
    from recsys.evaluation.evaluate import evaluate as run
    from recsys.evaluation.protocols import Protocol, all_protocols, split_by, usual_protocol
    from recsys.evaluation.record import record_of
    from recsys.evaluation.task import Rules
    from recsys.models.registry import MODELS, check_names
    from recsys.training.config_file import read_configs
    from recsys.training.fitting import fit_models
    from recsys.training.pipeline import TrainingConfig, model_configs, model_names

    rules = Rules(_lengths(k), relevant, users, seed)
    everything = protocol == "all"
    protocols = Protocol.parse(protocol) if protocol is not None and not everything else ()
    names = tuple(MODELS) if models is None else tuple(model_names(models))
    check_names(names)
    configs = read_configs(config) if config else {}
    fitted = model_configs(TrainingConfig(names, seed, threads, configs=configs))
    check_outputs(json_file, html_file)
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
    screen = console()
    results: list[ProtocolResult] = []
    with stages(console(stderr=True)) as stage, stage(f"Reading {source.label}"):
        read, report = source.read()
    for line in report.lines():
        note(line)
    if not protocols:
        protocols = all_protocols(read) if everything else (usual_protocol(read),)
    command = "python -m recsys " + shlex.join(sys.argv[1:])
    for one in protocols:
        with stages(console(stderr=True)) as stage:
            with stage(f"Splitting by {one}"):
                split = split_by(read, one, seed)
            result = run(split, partial(fit_models, fitted, seed, stage), rules, stage)
        results.append(result)
        # What was found stays, whatever becomes of the next protocol.
        _write(record_of(read, rules, results, command), json_file, html_file)
        _print(screen, result)
    for what, file in (("Figures", json_file), ("Report", html_file)):
        if file is not None:
            print(plain(f"{what:<11}{file}"))
    if read.simulated:
        print(SIMULATED)


def _lengths(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InvalidRequestError(
            f"'{text}' are not lengths of lists: give whole numbers, such as 5,10,20."
        ) from None


def _write(evaluation: Evaluation, json_file: Path | None, html_file: Path | None) -> None:
    from recsys.store.version import replace_text

    if json_file is not None:
        replace_text(json_file, evaluation.model_dump_json(indent=2) + "\n")
    if html_file is not None:
        from recsys.evaluation.html_report import html_report

        replace_text(html_file, html_report(evaluation))


def _print(screen: Console, result: ProtocolResult) -> None:
    """Print a protocol's table and its verdicts."""
    from rich import box
    from rich.table import Table

    from recsys.evaluation.table import OVERVIEW, table_rows

    length = result.primary.partition("@")[2]
    heading = f"{result.protocol}: {result.n_users:,} users judged, lists of {length}"
    screen.print(plain(heading), style="bold")
    screen.print(plain(result.description))
    headings, rows = table_rows(result, OVERVIEW)
    headings = [heading.removesuffix(f"@{length}") for heading in headings]
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(plain(heading), justify="right" if place else "left")
    for row in rows:
        table.add_row(*map(plain, row))
    screen.print(table)
    for line in result.verdicts:
        screen.print(plain(f"  {line}"))
    screen.print()
