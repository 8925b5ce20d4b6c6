"""The models by name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any

from recsys.errors import UnknownModelError
from recsys.models.als import ALS, ALSConfig
from recsys.models.base import Scorer
from recsys.models.biased_als import BiasedALS, BiasedALSConfig
from recsys.models.content import Content, ContentConfig
from recsys.models.hybrid import Hybrid, HybridConfig
from recsys.models.item_item import ItemItem, ItemItemConfig
from recsys.models.popularity import Popularity, PopularityConfig
from recsys.models.svd import SVD, SVDConfig

MODELS: dict[str, tuple[type[Any], type[Any]]] = {
    "popularity": (Popularity, PopularityConfig),
    "content": (Content, ContentConfig),
    "als": (ALS, ALSConfig),
    "item_item": (ItemItem, ItemItemConfig),
    "biased_als": (BiasedALS, BiasedALSConfig),
    "svd": (SVD, SVDConfig),
    "hybrid": (Hybrid, HybridConfig),
}
"""Name to (class, config class), parts before what is made of them."""


def check_names(names: Iterable[str]) -> None:
    """Raise UnknownModelError for a name that is not registered."""
    for name in names:
        if name not in MODELS:
            raise UnknownModelError(
                f"There is no model '{name}'; choose among {', '.join(MODELS)}."
            )


def with_requirements(names: Iterable[str]) -> list[str]:
    """Names with the parts they need, in the order to train them."""
    wanted = set(names)
    check_names(wanted)
    for name in list(wanted):
        wanted.update(MODELS[name][0].requires)
    return [name for name in MODELS if name in wanted]


def config_to_dict(config: Any) -> dict[str, Any]:
    """Return a config as JSON knows it, for the manifest."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(config)))
    return plain


def config_from_dict(name: str, values: Mapping[str, Any]) -> Any:
    """Rebuild a model's config from :func:`config_to_dict`."""
    return _rebuild(MODELS[name][1], values)


def _rebuild(cls: type[Any], values: Mapping[str, Any]) -> Any:
    default = cls()
    known = {field.name: getattr(default, field.name) for field in fields(cls)}
    return cls(**{key: _value(known[key], value) for key, value in values.items() if key in known})


def _value(default: Any, value: Any) -> Any:
    """Give a value read from JSON the type of the default."""
    if is_dataclass(default) and not isinstance(default, type):
        return _rebuild(type(default), value)
    return tuple(value) if isinstance(default, tuple) else value


def restore(
    name: str, config: Mapping[str, Any], arrays: Mapping[str, Any], parts: Mapping[str, Scorer]
) -> Scorer:
    """Rebuild a fitted model from what an artifact holds.

    Raises
    ------
    UnknownModelError
        If the name is not registered.
    """
    check_names([name])
    model: Scorer = MODELS[name][0].from_arrays(config_from_dict(name, config), arrays, parts)
    return model
