"""From a dataset to a live version: fit, index, write, promote."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import recsys
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.title_index import TitleIndex
from recsys.errors import InvalidRequestError
from recsys.evaluation.record import record_of
from recsys.evaluation.task import Rules
from recsys.models.base import Progress, Stages
from recsys.models.hybrid import Hybrid
from recsys.models.packages import package_versions
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
from recsys.training.fitting import validate
from recsys.training.personas import find_personas


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

    configs: Mapping[str, Any] = field(default_factory=dict)
    """Configs by model name, instead of the defaults; with one of its own the hybrid does not
    learn its weights."""


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
    configs = model_configs(config)
    with store.training() as writer:
        keys = _Keys(dataset)
        for name, chosen in configs.items():
            if name == Hybrid.name:
                continue  # it is made of the others, and of weights that validation finds
            with stages(f"Training {name}") as progress:
                key = keys.of({name: chosen}, config.seed)
                if writer.finished(name, key) is None:
                    model = MODELS[name][0](chosen).fit(dataset, progress)
                    write_model(writer, model)
                    del model  # the next stage needs its memory
                    writer.finish(name, key, {})
        with stages("Evaluating") as progress:
            key = keys.of(configs, config.seed)
            done = writer.finished("evaluation", key)
            if done is None:
                done = _validated(dataset, configs, config.seed, progress)
                writer.finish("evaluation", key, done)
            if Hybrid.name in configs:
                configs[Hybrid.name] = config_from_dict(Hybrid.name, done["hybrid"])
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
                packages=package_versions(),
                seed=config.seed,
                dataset=_record(dataset, source_format, n_rejected),
                models={name: config_to_dict(chosen) for name, chosen in configs.items()},
                blend=tuple(BlendRecord(**record) for record in done["blend"]),
                evaluation=done["evaluation"],
                personas=personas,
            )


def model_configs(config: TrainingConfig) -> dict[str, Any]:
    """Configs of the models to train, popularity and all parts included, parts first.

    Returns
    -------
    dict of str to config
        None for a hybrid that is to learn its weights.

    Raises
    ------
    UnknownModelError
    """
    shared: dict[str, Any] = {"seed": config.seed, "n_threads": config.n_threads}
    if config.posterior:
        shared["posterior"] = True
    configs: dict[str, Any] = {}
    for name in with_requirements([*config.models, "popularity"]):
        if name == Hybrid.name and name not in config.configs:
            configs[name] = None
            continue
        chosen = config.configs.get(name, MODELS[name][1]())
        known = {field.name for field in fields(chosen)}
        configs[name] = replace(chosen, **{k: v for k, v in shared.items() if k in known})
    return configs


def _validated(
    dataset: Dataset, configs: Mapping[str, Any], seed: int, progress: Progress
) -> dict[str, Any]:
    """Validate, as JSON knows it."""
    found = validate(dataset, configs, seed, progress)
    return {
        "hybrid": found.hybrid and config_to_dict(found.hybrid),
        "blend": [record.model_dump() for record in found.blend],
        "evaluation": found.evaluation
        and record_of(dataset, Rules(seed=seed), (found.evaluation,)).model_dump(mode="json"),
    }


class _Keys:
    """What stands for everything a stage depends on: data, code, packages, config and seed."""

    def __init__(self, dataset: Dataset) -> None:
        code = hashlib.sha256()
        for path in sorted(Path(recsys.__file__).parent.rglob("*.py")):
            code.update(path.read_bytes())
        self.common = [dataset.digest, dataset.scale, code.hexdigest(), package_versions()]

    def of(self, configs: Mapping[str, Any], seed: int) -> str:
        used = {name: config and config_to_dict(config) for name, config in configs.items()}
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
