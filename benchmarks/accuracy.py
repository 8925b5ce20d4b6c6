"""How good the lists and the predicted stars are, under every protocol of the evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from recsys.data.dataset import Dataset
from recsys.data.readers import read_dataset
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import PROTOCOLS, Protocol, split_by
from recsys.evaluation.results import ModelResult, ProtocolResult
from recsys.evaluation.task import Rules
from recsys.models.base import Scorer, Stages
from recsys.models.biased_als import BiasedALS, BiasedALSConfig
from recsys.models.hybrid import Hybrid
from recsys.training.fitting import fit_models
from recsys.training.pipeline import TrainingConfig, model_configs

SEED = 42
RULES = Rules(seed=SEED)
STARS = Protocol("random", 0.2)

VARIANTS = {
    "biases alone": BiasedALSConfig(n_factors=0),
    "factors alone": BiasedALSConfig(biases=False),
    "biased_als": BiasedALSConfig(),
    "biased_als, posterior": BiasedALSConfig(posterior=True),
}
"""Ways to predict stars."""


def accuracy(folder: Path, stages: Stages) -> dict[str, Any]:
    """Measure lists under all protocols, and predicted stars, on the data of a folder."""
    dataset = read_dataset(folder)[0]
    return {
        "data": dataset.name,
        "protocols": [
            _lists(dataset, protocol, stages) for protocol in Protocol.parse(",".join(PROTOCOLS))
        ],
        "stars": _stars(dataset, stages),
    }


def _lists(dataset: Dataset, protocol: Protocol, stages: Stages) -> dict[str, Any]:
    """Judge all models, each with its defaults, as they are trained."""
    configs = model_configs(TrainingConfig(seed=SEED))
    with stages(str(protocol)):
        split = split_by(dataset, protocol, SEED)
        found = evaluate(split, partial(fit_models, configs, SEED, stages), RULES, stages)
    return _figures(found, found.primary, found.models) | {
        "metric": found.primary,
        "comparisons": [
            one.model_dump()
            for one in found.comparisons
            if {one.better, one.worse} & {found.models[0].name, Hybrid.name}
        ],
    }


def _stars(dataset: Dataset, stages: Stages) -> dict[str, Any]:
    """Error of the stars that the variants predict for everything held out."""

    def fit(train: Dataset) -> Iterator[tuple[str, Scorer]]:
        for name, config in VARIANTS.items():
            with stages(f"Fitting {name}") as progress:
                model = BiasedALS(config).fit(train, progress)
            yield name, model

    found = evaluate(split_by(dataset, STARS, SEED), fit, RULES, stages)
    return _figures(found, "rmse", [model for model in found.models if model.name in VARIANTS])


def _figures(found: ProtocolResult, metric: str, models: Sequence[ModelResult]) -> dict[str, Any]:
    """Keep one metric of some models."""
    return {
        "protocol": found.protocol,
        "users": found.n_users,
        "models": {model.name: model.metrics[metric].model_dump() for model in models},
    }
