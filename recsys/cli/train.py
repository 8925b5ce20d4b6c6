"""The command that trains."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import (
    ArtifactsOption,
    ConfigOption,
    SeedOption,
    ThreadsOption,
    default_artifacts,
)
from recsys.cli.output import SIMULATED, console, note, plain, stages
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

if TYPE_CHECKING:
    from recsys.store.manifest import Manifest


def train(
    artifacts: ArtifactsOption,
    dataset: DatasetOption = None,
    data: DataOption = None,
    models: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,C",
            help="Only these of popularity, content, als, item_item, biased_als, svd, hybrid, "
            "and their parts.",
            show_default="all",
        ),
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
    if_missing: Annotated[
        bool, typer.Option("--if-missing", help="Do nothing where something was trained already.")
    ] = False,
    posterior: Annotated[
        bool,
        typer.Option(
            "--posterior",
            help="Predict stars from samples of the posterior: closer, each with a deviation, "
            "and several times slower.",
        ),
    ] = False,
    keep: Annotated[
        int, typer.Option(min=1, metavar="N", help="Keep so many versions on disk.")
    ] = 3,
) -> None:
    """Learn from a data set and make the result the live version.

    Until the very end the live version stays as it is, also if the training fails or is stopped.

    Example: python -m recsys train --dataset ml-latest-small
    """
    from recsys.models.registry import MODELS, check_names
    from recsys.store.store import ArtifactStore
    from recsys.training.config_file import read_configs
    from recsys.training.pipeline import TrainingConfig, model_names
    from recsys.training.pipeline import train as run

    start = time.monotonic()
    store = ArtifactStore(artifacts)
    if if_missing and store.current_file.exists():
        return
    names = tuple(MODELS) if models is None else tuple(model_names(models))
    check_names(names)
    configs = read_configs(config) if config else {}
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
    label = source.label
    store.check_free()
    with stages(console(stderr=True)) as stage:
        with stage(f"Reading {label}"):
            read, report = source.read(rejects=artifacts)
        manifest = run(
            read,
            store,
            TrainingConfig(names, seed, threads, keep, posterior, configs),
            stage,
            source_format=report.format,
            n_rejected=sum(report.rejected.values()),
        )
    for line in report.lines():
        note(line)
    for line in summary(manifest, artifacts, time.monotonic() - start):
        print(plain(line))


def summary(manifest: Manifest, artifacts: Path, seconds: float) -> Iterable[str]:
    """Say what a training made, and what to do with it."""
    data = manifest.dataset
    simulated = " (simulated)" if data.simulated else ""
    yield f"Version    {manifest.version}, now live in {artifacts}"
    yield (
        f"Data       {data.name}: {data.n_users:,} users, {data.n_items:,} movies, "
        f"{data.n_ratings:,} ratings{simulated}, {data.n_rejected:,} rows skipped"
    )
    yield f"Models     {', '.join(manifest.models)}"
    memory = peak_memory()
    yield f"Took       {seconds:.1f} s" + (f", {memory / 1e6:,.0f} MB of memory" if memory else "")
    yield f"On disk    {sum(file.size for file in manifest.files.values()) / 1e6:,.1f} MB"
    usual = os.path.realpath(artifacts) == os.path.realpath(default_artifacts())
    yield f"Next       {'' if usual else f'RECSYS_ARTIFACTS={artifacts} '}streamlit run app.py"
    if data.simulated:
        yield SIMULATED


def peak_memory() -> int:
    """Most bytes of memory this process has held, 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
