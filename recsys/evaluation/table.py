"""The table of a protocol, as the terminal and the README show it."""

from __future__ import annotations

from collections.abc import Iterable

from recsys.evaluation.definitions import METRICS, label
from recsys.evaluation.results import Estimate, ModelResult, ProtocolResult

OVERVIEW = ("ndcg", "hit_rate", "recall", "precision", "map", "coverage", "diversity", "rmse")
"""Metrics of a table that fits a screen; the rest is in the report."""


def table_rows(
    result: ProtocolResult, names: Iterable[str] = OVERVIEW
) -> tuple[list[str], list[list[str]]]:
    """Lay a protocol's figures out: models in rows, the best first.

    The primary metric has its 95 % interval beside it. Lists have the length of the primary metric.

    Parameters
    ----------
    result : ProtocolResult
    names : iterable of str
        Metrics; those that no model has are left out.

    Returns
    -------
    headings : list of str
    rows : list of list of str
        "-" where there is no value.
    """
    length = result.primary.partition("@")[2]
    keys = [name if name in ("rmse", "mae") else f"{name}@{length}" for name in names]
    keys = [key for key in keys if any(key in model.metrics for model in result.models)]
    headings, rows = ["Model"], [[model.name] for model in result.models]
    for key in keys:
        headings.append(label(key))
        for row, model in zip(rows, result.models, strict=True):
            row.append(shown(model, key))
        if key == result.primary:
            headings.append("95 %")
            for row, model in zip(rows, result.models, strict=True):
                row.append(interval(model.metrics.get(key), key))
    return headings, rows


def shown(model: ModelResult, key: str) -> str:
    """Write the value of a metric, rounded to what is worth showing."""
    estimate = model.metrics.get(key)
    if estimate is None or estimate.value is None:
        return "-"
    return f"{estimate.value:.{METRICS[key.partition('@')[0]].digits}f}"


def interval(estimate: Estimate | None, key: str) -> str:
    """Write the ends of an interval, "0.391-0.437"; empty where there is none."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return ""
    digits = METRICS[key.partition("@")[0]].digits
    return f"{estimate.low:.{digits}f}-{estimate.high:.{digits}f}"
