"""Files of model settings: what tuning found, and what a training takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recsys.errors import InvalidRequestError, RecsysError
from recsys.models.registry import MODELS, config_from_dict, config_to_dict
from recsys.store.version import replace_text


def read_configs(path: Path) -> dict[str, Any]:
    """Read the settings of some models; what a file leaves out keeps its default.

    The file is JSON, ``{"models": {"als": {"n_factors": 64}}}``; other keys tell where it came
    from and are not looked at.

    Returns
    -------
    dict of str to config
        By model name.

    Raises
    ------
    InvalidRequestError
        If the file can't be read, or names a model, setting or value that does not exist.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InvalidRequestError(
            f"{path} can't be read ({error.strerror}); check its name."
        ) from None
    except ValueError:
        raise InvalidRequestError(
            f"{path} is not JSON: write one with `python -m recsys tune`."
        ) from None
    models = content.get("models") if isinstance(content, dict) else None
    if not isinstance(models, dict) or not models:
        raise InvalidRequestError(
            f'{path} holds no settings, such as {{"models": {{"als": {{"n_factors": 64}}}}}}.'
        )
    return {name: _config(path, name, values) for name, values in models.items()}


def _config(path: Path, name: str, values: Any) -> Any:
    if name not in MODELS:
        raise InvalidRequestError(
            f"{path}: there is no model '{name}'; choose among {', '.join(MODELS)}."
        )
    usual = config_to_dict(MODELS[name][1]())
    _check(f"{path}: {name}", usual, values)
    try:
        return config_from_dict(name, values)
    except RecsysError as error:
        raise InvalidRequestError(f"{path}: {name}: {error}") from None


def _check(where: str, usual: Any, value: Any) -> None:
    """Refuse a setting that does not exist, or has another type than the usual value."""
    if isinstance(usual, dict):
        if not isinstance(value, dict):
            raise InvalidRequestError(f"{where} must be settings by name, not {value!r}.")
        for key, one in value.items():
            if key not in usual:
                raise InvalidRequestError(
                    f"{where} has no setting '{key}'; there are {', '.join(usual)}."
                )
            _check(f"{where}.{key}", usual[key], one)
    elif isinstance(usual, list):
        if not isinstance(value, list) or len(value) != len(usual):
            raise InvalidRequestError(f"{where} must be a list of {len(usual)} numbers.")
        for one in value:
            _check(where, usual[0], one)
    elif isinstance(usual, bool | str):
        if type(value) is not type(usual):
            raise InvalidRequestError(f"{where} must be like {json.dumps(usual)}, not {value!r}.")
    elif not _is_number(value) or (type(usual) is int and type(value) is not int) or value < 0:
        kind = "a whole number" if isinstance(usual, int) else "a number"
        raise InvalidRequestError(f"{where} must be {kind} of 0 or more, not {value!r}.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18


def write_configs(path: Path, configs: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write settings of models, and where they came from.

    Parameters
    ----------
    path : Path
        Replaced as a whole if it is there.
    configs : mapping of str to config
    about : mapping
        What :func:`read_configs` does not look at.
    """
    models = {name: config_to_dict(config) for name, config in configs.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, json.dumps({"models": models, **about}, indent=2) + "\n")
