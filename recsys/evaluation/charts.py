"""Charts of how good models are, for a screen and a report alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from recsys.evaluation.chart_labels import place_labels
from recsys.evaluation.definitions import METRICS, label
from recsys.evaluation.pictures import (
    EVERY_NAME,
    Picture,
    dots_with_intervals,
    model_colour,
    with_height,
)
from recsys.evaluation.results import Estimate, ModelResult, ProtocolResult

N_SLICED = 5
"""So many models are compared by slices, the best."""

SLICES = {
    "profile size": ("{metric} by ratings in the profile", "Ratings in the profile"),
    "popularity": ("Recall@{k} by popularity of the films", "Films to be found"),
    "genre": ("Recall@{k} by genre", "Films to be found"),
}
"""Kind of slice: its title, and what its slices are of."""


def quality_pictures(result: ProtocolResult, k: int | None = None) -> tuple[Picture, ...]:
    """Draw every chart a protocol has the figures for.

    Parameters
    ----------
    result : ProtocolResult
    k : int, optional
        Length of the lists; that of the primary metric by default, which slices always have.
    """
    drawn = (
        quality_by_model(result, k),
        quality_against(result, "diversity", k),
        quality_against(result, "novelty", k),
        *(quality_by_slice(result, kind) for kind in SLICES),
        error_by_iteration(result),
    )
    return tuple(picture for picture in drawn if picture)


def quality_by_model(result: ProtocolResult, k: int | None = None) -> Picture | None:
    """Draw the primary metric of each model and its 95 % interval, the best on top."""
    key = _metric(result, k)
    rows = sorted(_rows((model.name, model.metrics.get(key)) for model in result.models), key=_down)
    if not rows:
        return None
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y("model:N", title=None, sort=[row["model"] for row in rows], axis=EVERY_NAME),
        color=model_colour([row["model"] for row in rows], legend=None),
        tooltip=_tooltip("model", label(key)),
    )
    best, *others = rows
    alt_text = f"{best['model']} has the highest {label(key)}, {_interval(best, key)}"
    if others:
        alt_text += f"; {others[0]['model']} follows with {_value(others[0], key)}"
    if len(others) > 1:
        alt_text += f" and {others[-1]['model']} is last with {_value(others[-1], key)}"
    chart = with_height(
        alt.LayerChart(layer=dots_with_intervals(base, "x", label(key))), 28 * len(rows)
    )
    return Picture(chart, f"{label(key)} by model", alt_text + ".")


def quality_against(
    result: ProtocolResult, other: Literal["diversity", "novelty"], k: int | None = None
) -> Picture | None:
    """Draw models by the primary metric and by what else their lists are like."""
    key = _metric(result, k)
    other_key = f"{other}@{key.partition('@')[2]}"
    rows = []
    for model in result.models:
        for row in _rows([(model.name, model.metrics.get(key))]):
            x = model.metrics.get(other_key)
            if x is not None and x.value is not None:
                rows.append(row | {"x": x.value})
    if len(rows) < 2:
        return None
    width, top = _padded([row["x"] for row in rows]), 1.1 * max(row["high"] for row in rows)
    height = [0.0, top or 1.0]
    labels = place_labels(rows, width, height)
    bits = " bits" if other == "novelty" else ""
    scale = alt.Scale(domain=width, nice=False, zero=False)
    base = alt.Chart(pd.DataFrame(rows).join(pd.DataFrame(labels))).encode(
        x=alt.X("x:Q", title=label(other_key) + (bits and " (bits)"), scale=scale),
        color=model_colour([row["model"] for row in rows], legend=None),
        tooltip=[
            *_tooltip("model", label(key)),
            alt.Tooltip("x:Q", title=label(other_key), format=_format(other_key)),
        ],
    )
    text = base.mark_text(
        fontSize=12,
        fontWeight=600,
        align=alt.ExprRef("datum.align"),
        baseline="middle",
        dx=alt.ExprRef("datum.dx"),
        dy=alt.ExprRef("datum.dy"),
    ).encode(y="value:Q", text="model:N")
    dots = dots_with_intervals(base, "y", label(key), alt.Scale(domain=height, nice=False))
    best = max(rows, key=lambda row: row["value"])
    most = max((row for row in rows if row["model"] != "random"), key=lambda row: row["x"])
    digits = METRICS[other].digits
    alt_text = (
        f"The best by {label(key)}, {best['model']} with {_value(best, key)}, has "
        f"{label(other_key).lower()} {best['x']:.{digits}f}{bits}"
    )
    if most is not best:
        but = " but for random" if any(row["x"] > most["x"] for row in rows) else ""
        alt_text += (
            f"; {most['model']} has the most{but}, {most['x']:.{digits}f}{bits}, "
            f"with {label(key)} {_value(most, key)}"
        )
    chart = with_height(alt.LayerChart(layer=[*dots, text]), 320)
    return Picture(chart, f"{label(key)} against {other}", alt_text + ".")


def quality_by_slice(result: ProtocolResult, kind: str) -> Picture | None:
    """Draw the best models for some of the users, or some of what is to be found."""
    models = _compared(result, kind)
    if not models:
        return None
    k = result.primary.partition("@")[2]
    key = result.primary if kind == "profile size" else f"recall@{k}"
    title, of_what = SLICES[kind]
    rows = [
        row | {"slice": name}
        for model in models
        for name, estimate in model.slices[kind].items()
        for row in _rows([(model.name, estimate)])
    ]
    if not rows:
        return None
    names, slices = [model.name for model in models], list(models[0].slices[kind])
    legend = alt.Legend(orient="top", columns=3, title=None, symbolOpacity=1)
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y("slice:N", title=None, sort=slices, axis=EVERY_NAME),
        yOffset=alt.YOffset("model:N", sort=names, scale=alt.Scale(paddingOuter=0.5)),
        color=model_colour(names, legend=legend),
        tooltip=[alt.Tooltip("slice:N", title=of_what), *_tooltip("model", label(key))],
    )
    bars, dots = dots_with_intervals(base, "x", label(key))
    dots = dots.encode(
        shape=alt.Shape("model:N", scale=alt.Scale(domain=names), legend=legend, title=None)
    )
    chart = with_height(alt.LayerChart(layer=[bars, dots]), len(slices) * (12 + 9 * len(models)))
    best = rows[0]["model"]
    own = [row for row in rows if row["model"] == best]
    if kind == "profile size":
        first, last = own[0], own[-1]
        said = f"{best} has {label(key)} {_value(first, key)} for {first['slice']} ratings"
        if first is not last:
            said += f" in the profile and {_value(last, key)} for {last['slice']}"
    else:
        first, last = max(own, key=lambda row: row["value"]), min(own, key=lambda r: r["value"])
        said = f"{best} finds the largest share in {first['slice']}, {_value(first, key)}"
        if first is not last:
            said += f", and the smallest in {last['slice']}, {_value(last, key)}"
    return Picture(chart, title.format(metric=label(key), k=k), said + ".")


def error_by_iteration(result: ProtocolResult) -> Picture | None:
    """Draw how errors of predicted ratings fall while a model is fitted."""
    fitted = [model for model in result.models if model.rmse_by_iteration]
    if not fitted:
        return None
    kinds = ("held out", "trained on")
    rows = [
        {"model": model.name, "iteration": i, "ratings": kind, "value": value}
        for model in fitted
        for i, (trained, held) in enumerate(model.rmse_by_iteration, start=1)
        for kind, value in zip(kinds, (held, trained), strict=True)
    ]
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("iteration:Q", title="Iteration", axis=alt.Axis(tickMinStep=1, format="d")),
        y=alt.Y("value:Q", title="RMSE (stars)", scale=alt.Scale(zero=False, padding=20)),
        color=model_colour([model.name for model in fitted], alt.Legend(orient="top", title=None)),
        tooltip=[
            alt.Tooltip("model:N", title="Model"),
            alt.Tooltip("ratings:N", title="Ratings"),
            alt.Tooltip("iteration:Q", title="Iteration"),
            alt.Tooltip("value:Q", title="RMSE", format=_format("rmse")),
        ],
    )
    lines = base.mark_line(point=True).encode(
        strokeDash=alt.StrokeDash("ratings:N", sort=kinds, legend=None)
    )
    last = max(len(model.rmse_by_iteration) for model in fitted)
    names = (
        base.transform_filter(alt.datum.iteration == last)
        # Below a falling line there is room, above one that levels off.
        .mark_text(
            align="right",
            dy=alt.ExprRef("datum.ratings == 'trained on' ? 15 : -12"),
            fontSize=12,
            fontWeight=600,
        )
        .encode(text="ratings:N")
    )
    chart = with_height(alt.LayerChart(layer=[lines, names]), 280)
    curve = fitted[0].rmse_by_iteration
    lowest = min(range(len(curve)), key=lambda i: curve[i][1])
    return Picture(
        chart,
        "RMSE by iteration",
        f"The error of {fitted[0].name} on held-out ratings is lowest after iteration "
        f"{lowest + 1} of {len(curve)}, {curve[lowest][1]:.3f} stars; on those trained on it ends "
        f"at {curve[-1][0]:.3f}.",
    )


def _metric(result: ProtocolResult, k: int | None) -> str:
    name, _, usual = result.primary.partition("@")
    return f"{name}@{k or usual}"


def _compared(result: ProtocolResult, kind: str) -> list[ModelResult]:
    """Return the best models that have such slices, without random lists."""
    models = [model for model in result.models if model.name != "random"]
    return [model for model in models if model.slices.get(kind)][:N_SLICED]


def _rows(estimates: Any) -> Iterator[dict[str, Any]]:
    """Give a row for each (model, estimate) with a value; without interval its ends are there."""
    for name, estimate in estimates:
        if isinstance(estimate, Estimate) and estimate.value is not None:
            low = estimate.value if estimate.low is None else estimate.low
            high = estimate.value if estimate.high is None else estimate.high
            ends = {"low": low, "high": high, "users": estimate.n_users}
            yield {"model": name, "value": estimate.value, **ends}


def _tooltip(model: str, metric: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip(f"{model}:N", title="Model"),
        alt.Tooltip("value:Q", title=metric, format=".3f"),
        alt.Tooltip("low:Q", title="95 % from", format=".3f"),
        alt.Tooltip("high:Q", title="to", format=".3f"),
        alt.Tooltip("users:Q", title="Users", format=","),
    ]


def _format(key: str) -> str:
    return f".{METRICS[key.partition('@')[0]].digits}f"


def _value(row: dict[str, Any], key: str) -> str:
    return format(row["value"], _format(key))


def _interval(row: dict[str, Any], key: str) -> str:
    ends = f" ({row['low']:{_format(key)}} to {row['high']:{_format(key)}})"
    return _value(row, key) + (ends if row["low"] < row["high"] else "")


def _down(row: dict[str, Any]) -> float:
    return -float(row["value"])


def _padded(values: Sequence[float]) -> list[float]:
    low, high = min(values), max(values)
    edge = 0.18 * (high - low) or 0.1
    return [low - edge, high + edge]
