"""The command that trains."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.cli.options import ArtifactsOption, default_artifacts
from recsys.cli.output import SIMULATED, console, note, plain, stages
from recsys.errors import DataError, InvalidRequestError

if TYPE_CHECKING:
    from recsys.store.manifest import Manifest

_DEMO = "demo"
_ROOT = Path(__file__).parents[2]


def train(
    artifacts: ArtifactsOption,
    dataset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A bundled or downloaded data set.",
            show_default="demo",
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder of your own data, instead.")
    ] = None,
    models: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,C",
            help="Only these of popularity, content, als, item_item, biased_als, svd, hybrid, "
            "and their parts.",
            show_default="all",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, metavar="N", help="Seed of all chance.")
    ] = 42,
    threads: Annotated[
        int, typer.Option(min=0, max=1024, metavar="N", help="Threads, 0 for all cores.")
    ] = 0,
    min_user_ratings: Annotated[
        int, typer.Option(min=1, metavar="N", help="Leave out users of fewer ratings.")
    ] = 1,
    min_movie_ratings: Annotated[
        int, typer.Option(min=0, metavar="N", help="Leave out movies of fewer ratings.")
    ] = 0,
    max_rejects: Annotated[
        float, typer.Option(metavar="SHARE", help="Share of unreadable rows to put up with.")
    ] = 0.05,
    scale: Annotated[
        str | None,
        typer.Option(
            metavar="LOW:HIGH", help="The ratings' scale, such as 1:10.", show_default="found"
        ),
    ] = None,
    ratings_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of ratings, of any name.")
    ] = None,
    items_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of movies, of any name.")
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(metavar="OURS=YOURS,...", help="Headings, such as user_id=who,item_id=film."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Name of the data, shown to people.")
    ] = None,
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
    from recsys.data.readers import ReadOptions, read_dataset
    from recsys.models.registry import MODELS, check_names
    from recsys.store.store import ArtifactStore
    from recsys.training.pipeline import TrainingConfig, model_names
    from recsys.training.pipeline import train as run

    start = time.monotonic()
    store = ArtifactStore(artifacts)
    if if_missing and store.current_file.exists():
        return
    names = tuple(MODELS) if models is None else tuple(model_names(models))
    check_names(names)
    folder = _folder(dataset, data, ratings_file)
    label = name or Path(os.path.realpath(folder)).name or "data"
    file_label = re.sub(r"[^\w.-]+", "_", label)[:100]
    options = ReadOptions(
        name=label,
        min_user_ratings=min_user_ratings,
        min_item_ratings=min_movie_ratings,
        max_reject_share=max_rejects,
        scale=_scale(scale),
        ratings_file=ratings_file,
        items_file=items_file,
        columns=_columns(columns),
        rejects_file=artifacts / f"rejects-{file_label}.csv",
    )
    store.check_free()
    with stages(console(stderr=True)) as stage:
        with stage(f"Reading {label}"):
            read, report = read_dataset(folder, options)
        manifest = run(
            read,
            store,
            TrainingConfig(names, seed, threads, keep, posterior),
            stage,
            source_format=report.format,
            n_rejected=sum(report.rejected.values()),
        )
    for line in report.lines():
        note(line)
    for line in summary(manifest, artifacts, time.monotonic() - start):
        print(plain(line))


def _folder(dataset: str | None, data: Path | None, ratings_file: Path | None) -> Path:
    if dataset is not None and data is not None:
        raise InvalidRequestError("Give either --dataset or --data, not both.")
    if data is not None:
        return data
    if ratings_file is not None and dataset is None:
        return ratings_file.parent
    return dataset_folder(dataset or _DEMO)


def dataset_folder(name: str) -> Path:
    """Folder of a data set by name.

    Raises
    ------
    DataError
        If it is not there; tells how to get it.
    """
    from recsys.settings import settings

    # A name, not a path: `--data` takes those.
    if not name or Path(name).name != name or name == "..":
        raise InvalidRequestError(f"'{name}' is not the name of a data set; use --data for a path.")
    bundled = _ROOT / "data" / _DEMO
    folder = bundled if name == _DEMO else settings().data / name
    if folder.is_dir():
        return folder
    from recsys.data.download import DATASETS

    if name in DATASETS:
        raise DataError(
            f"The data set {name} is not in {folder.parent}: "
            f"run `python scripts/download_data.py {name}` first."
        )
    raise DataError(
        f"There is no data set '{name}' in {folder.parent}: choose {_DEMO} or, after "
        f"`python scripts/download_data.py NAME`, one of {', '.join(DATASETS)}; "
        "--data takes any folder."
    )


def _scale(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        low, high = map(float, text.split(":"))
    except ValueError:
        raise InvalidRequestError(
            f"The scale '{text}' is not of the form LOW:HIGH, such as 1:10."
        ) from None
    return low, high


def _columns(text: str | None) -> dict[str, str]:
    pairs = {}
    for part in (text or "").split(","):
        ours, separator, yours = part.partition("=")
        if separator and ours.strip() and yours.strip():
            pairs[ours.strip()] = yours.strip()
        elif part.strip():
            raise InvalidRequestError(
                f"'{part}' in --columns is not of the form OURS=YOURS, such as user_id=who."
            )
    return pairs


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
