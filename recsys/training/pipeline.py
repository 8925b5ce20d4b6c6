"""From a dataset to a live version: fit, index, write, promote."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

import recsys
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.title_index import TitleIndex
from recsys.errors import InvalidRequestError
from recsys.models.base import Progress, Scorer
from recsys.models.hybrid import Hybrid
from recsys.models.registry import (
    MODELS,
    config_from_dict,
    config_to_dict,
    with_requirements,
)
from recsys.store.layout import (
    write_catalog,
    write_histories,
    write_model,
    write_title_index,
)
from recsys.store.manifest import BlendRecord, DatasetRecord, Manifest
from recsys.store.store import ArtifactStore
from recsys.training.blend import hold_out, learn_blend
from recsys.training.personas import find_personas

Stages = Callable[[str], AbstractContextManager[Progress]]
"""Called with the name of a stage; gives what the stage reports its progress to."""

_PACKAGES = ("implicit", "numba", "numpy", "pandas", "scikit-learn", "scipy")


@dataclass(frozen=True)
class TrainingConfig:
    """What to train, and how."""

    models: tuple[str, ...] = tuple(MODELS)
    """Model names; the parts they need, and popularity, are trained too."""

    seed: int = 42
    """Seed of everything drawn at random."""

    n_threads: int = 0
    """Threads of the kernels, 0 for all cores; the result does not depend on it."""

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
    version as it was. Models that were finished before an interruption are taken over by the next
    training of the same data, configs, seed and code.

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
        keys = _Keys(dataset)
        configs: dict[str, Any] = {}
        blend: tuple[BlendRecord, ...] = ()
        for name in names:
            with stages(f"Training {name}") as progress:
                configs[name] = _config(name, config)
                key = keys.of(name, configs, config.seed)
                done = writer.finished(name, key)
                if done is None:
                    if name == Hybrid.name:
                        done = _learn_blend(dataset, configs, config.seed, progress)
                    else:
                        model = MODELS[name][0](configs[name]).fit(dataset, progress)
                        write_model(writer, model)
                        del model  # the next stage needs its memory
                        done = {}
                    writer.finish(name, key, done)
                if name == Hybrid.name:
                    configs[name] = config_from_dict(name, done["config"])
                    blend = tuple(BlendRecord(**record) for record in done["blend"])
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
                models={name: config_to_dict(configs[name]) for name in names},
                blend=blend,
                personas=personas,
            )


def _config(name: str, config: TrainingConfig) -> Any:
    config_class = MODELS[name][1]
    shared: dict[str, Any] = {
        "seed": config.seed,
        "n_threads": config.n_threads,
        "posterior": config.posterior,
    }
    known = {field.name for field in fields(config_class)}
    return replace(config_class(), **{k: v for k, v in shared.items() if k in known})


def _learn_blend(
    dataset: Dataset, configs: Mapping[str, Any], seed: int, progress: Progress
) -> dict[str, Any]:
    """Fit the parts on a part of the data, and learn their weights on the rest."""
    rng = np.random.default_rng(seed)
    held_out = hold_out(dataset, rng)
    parts: dict[str, Scorer] = {}
    for i, name in enumerate(Hybrid.requires):
        parts[name] = MODELS[name][0](configs[name]).fit(
            held_out.train, _portion(progress, i / 5, 1 / 5)
        )
    config, records = learn_blend(held_out, parts, rng, _portion(progress, 3 / 5, 2 / 5))
    return {
        "config": config_to_dict(config),
        "blend": [record.model_dump() for record in records],
    }


def _portion(progress: Progress, start: float, share: float) -> Progress:
    """Report a part of the work as that part of a whole."""

    def report(done: int, total: int) -> None:
        progress(round(1000 * (start + share * done / max(1, total))), 1000)

    return report


class _Keys:
    """What stands for everything a stage depends on: data, code, packages, config and seed."""

    def __init__(self, dataset: Dataset) -> None:
        code = hashlib.sha256()
        for path in sorted(Path(recsys.__file__).parent.rglob("*.py")):
            code.update(path.read_bytes())
        self.common = [dataset.digest, dataset.scale, code.hexdigest(), _package_versions()]

    def of(self, name: str, configs: Mapping[str, Any], seed: int) -> str:
        used = {part: config_to_dict(configs[part]) for part in (*MODELS[name][0].requires, name)}
        text = json.dumps([*self.common, used, seed], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


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
        n_user_tags=len(dataset.tags.names) if dataset.tags else 0,
        n_genome_tags=len(dataset.genome.names) if dataset.genome else 0,
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
