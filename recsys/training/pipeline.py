"""From a dataset to a live version: fit, index, write, promote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import recsys
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.title_index import TitleIndex
from recsys.errors import InvalidRequestError
from recsys.models.base import Progress, Scorer
from recsys.models.registry import MODELS, config_to_dict, with_requirements
from recsys.store.layout import (
    write_catalog,
    write_histories,
    write_model,
    write_title_index,
)
from recsys.store.manifest import DatasetRecord, Manifest
from recsys.store.store import ArtifactStore
from recsys.training.personas import find_personas

Stages = Callable[[str], AbstractContextManager[Progress]]
"""Called with the name of a stage; gives what the stage reports its progress to."""

_PACKAGES = ("implicit", "numpy", "pandas", "scikit-learn", "scipy")


@dataclass(frozen=True)
class TrainingConfig:
    """What to train, and how."""

    models: tuple[str, ...] = tuple(MODELS)
    """Model names; the parts they need, and popularity, are trained too."""

    seed: int = 42
    """Seed of everything drawn at random."""

    n_threads: int = 0
    """Threads, 0 for all cores; the result does not depend on it."""

    keep_versions: int = 3
    """So many of the newest versions stay on disk."""

    posterior: bool = False
    """Sample the posterior of predicted ratings: closer, and with a deviation each; slower."""


def train(
    dataset: Dataset,
    store: ArtifactStore,
    config: TrainingConfig,
    stages: Stages,
    *,
    source_format: str = "",
    n_rejected: int = 0,
) -> Manifest:
    """Train the models and make them the live version.

    Until the last step nothing a reader sees changes; an error or an interruption leaves the live
    version as it was.

    Parameters
    ----------
    dataset : Dataset
    store : ArtifactStore
    config : TrainingConfig
    stages : Stages
    source_format, n_rejected
        Where the data came from, for the manifest.

    Raises
    ------
    UnknownModelError, ArtifactsError
    """
    names = with_requirements([*config.models, "popularity"])
    with store.training() as writer:
        fitted: dict[str, Scorer] = {}
        for name in names:
            with stages(f"Training {name}") as progress:
                fitted[name] = _fit(name, dataset, config, fitted, progress)
                write_model(writer, fitted[name])
        with stages("Indexing titles"):
            catalog = dataset.catalog
            titles = TitleIndex.build(
                [str(title) for title in catalog.title], catalog.year, catalog.rating_count
            )
            write_title_index(writer, titles)
        with stages("Finding personas"):
            personas = find_personas(dataset)
        with stages("Writing the version"):
            write_catalog(writer, catalog)
            write_histories(writer, Histories.of(dataset))
            return store.commit(
                writer,
                keep=config.keep_versions,
                packages=_package_versions(),
                seed=config.seed,
                dataset=_record(dataset, source_format, n_rejected),
                models={name: config_to_dict(model.config) for name, model in fitted.items()},
                personas=personas,
            )


def _fit(
    name: str,
    dataset: Dataset,
    config: TrainingConfig,
    fitted: dict[str, Scorer],
    progress: Progress,
) -> Scorer:
    model_class, config_class = MODELS[name]
    shared: dict[str, Any] = {
        "seed": config.seed,
        "n_threads": config.n_threads,
        "posterior": config.posterior,
    }
    known = {field.name for field in fields(config_class)}
    hyper = replace(config_class(), **{k: v for k, v in shared.items() if k in known})
    if model_class.requires:
        made: Scorer = model_class(hyper, {part: fitted[part] for part in model_class.requires})
        return made
    trained: Scorer = model_class(hyper).fit(dataset, progress)
    return trained


def _record(dataset: Dataset, source_format: str, n_rejected: int) -> DatasetRecord:
    return DatasetRecord(
        name=dataset.name,
        digest=dataset.digest,
        n_users=dataset.n_users,
        n_items=dataset.n_items,
        n_ratings=dataset.n_ratings,
        scale=dataset.scale,
        simulated=dataset.simulated,
        has_timestamps=dataset.timestamp is not None,
        source_format=source_format,
        n_rejected=n_rejected,
    )


def _package_versions() -> dict[str, str]:
    versions = {"recsys": recsys.__version__}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def model_names(text: str) -> Sequence[str]:
    """Split "a,b,c" as given on the command line.

    Raises
    ------
    InvalidRequestError
        If there is no name in it.
    """
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise InvalidRequestError(f"Name the models to train: {', '.join(MODELS)}.")
    return names
