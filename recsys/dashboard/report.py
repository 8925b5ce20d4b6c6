"""How good the live version is, on ratings it had not seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
import streamlit as st

from recsys.dashboard.controls import KEPT
from recsys.dashboard.text import as_markdown, plain
from recsys.evaluation.charts import quality_pictures
from recsys.evaluation.definitions import METRICS, label
from recsys.evaluation.pictures import Picture
from recsys.evaluation.results import Evaluation, ModelResult, ProtocolResult
from recsys.evaluation.table import interval, shown

PARTS = {"quality": "Quality", "data": "Data", "version": "Version"}

FULL_REPORT = "python -m recsys evaluate --html report.html"

TABLES = {
    "What the lists find": ("ndcg", "hit_rate", "recall", "precision", "map", "mrr"),
    "What the lists are like": (
        *("coverage", "gini", "diversity", "novelty", "popularity", "serendipity"),
    ),
    "Predicted ratings": ("rmse", "mae"),
}
"""Heading of each table, and its metrics."""

_OF_RATINGS = ("rmse", "mae")
"""Metrics that no list has a part in."""


def choose_part() -> str:
    """Draw the choice between quality, data and version; return a key of ``PARTS``."""
    part = st.segmented_control(
        "Part of the report",
        list(PARTS),
        default="quality",
        required=True,
        format_func=lambda name: PARTS[name],
        key="part",
        label_visibility="collapsed",
        **KEPT,
    )
    # An address may leave it empty.
    return str(part or "quality")


def draw(evaluation: Evaluation | None) -> None:
    """Draw what the evaluation of the live version found."""
    if evaluation is None or not evaluation.protocols:
        st.info(
            "**This version was not evaluated**: its data has too few ratings to hold some out, "
            "or an older program trained it. Train again, on more ratings, and the figures are "
            "here."
        )
        return
    result = evaluation.protocols[0]
    st.write(as_markdown(result.description))
    if sentence := _plainly(result):
        st.write(as_markdown(sentence))
    st.caption(
        f"{result.n_users:,} users are judged by {result.n_held_ratings:,} ratings, to be found "
        f"among {result.n_candidates:,} films. Behind each value stands its 95 % interval: had "
        "other people judged, the value would likely lie in there."
    )
    if result.verdicts:
        st.subheader("In words", anchor=False)
        st.markdown("\n".join(f"- {as_markdown(verdict)}" for verdict in result.verdicts))
    k = _choose_length(evaluation.ks, result.primary)
    for heading, names in TABLES.items():
        _draw_table(result, heading, names, k)
    draw_pictures(quality_pictures(result, k))
    st.subheader("The full report", anchor=False)
    st.write(
        "Training measures quickly, in one way. This command measures in more ways, and writes a "
        "page to keep or to send:"
    )
    st.code(FULL_REPORT, language="bash")


def draw_pictures(pictures: Sequence[Picture]) -> None:
    """Draw charts in two columns, one on a phone, each under its message."""
    half = (len(pictures) + 1) // 2
    columns = st.columns(2, gap="large")
    for place, picture in enumerate(pictures):
        with columns[place // half]:
            st.subheader(picture.title, anchor=False)
            st.caption(as_markdown(picture.alt))
            st.altair_chart(picture.chart, width="stretch", alt=plain(picture.alt))


def _choose_length(ks: Sequence[int], primary: str) -> int:
    usual = int(primary.partition("@")[2])
    if len(ks) < 2:
        return usual
    chosen = st.segmented_control(
        "Length of the lists",
        [str(k) for k in ks],
        default=str(usual),
        required=True,
        key="k",
        help=f"Charts of slices are always of lists of {usual}.",
        **KEPT,
    )
    return int(chosen or usual)


def _draw_table(result: ProtocolResult, heading: str, names: Iterable[str], k: int) -> None:
    """Draw metrics of all models that have them, the best of each in bold."""
    keys = [name if name in _OF_RATINGS else f"{name}@{k}" for name in names]
    keys = [key for key in keys if any(_value(model, key) is not None for model in result.models)]
    models = [
        model for model in result.models if any(_value(model, key) is not None for key in keys)
    ]
    if not keys:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(heading, anchor=False, width="content")
        with st.popover("What they mean", icon=":material/help:"):
            for key in keys:
                metric = METRICS[key.partition("@")[0]]
                better = f" The {metric.better}, the better." if metric.better else ""
                st.markdown(f"**{label(key)}**: {metric.definition}{better}")
                st.caption(metric.source)
    columns = {label(key): [_cell(model, key, models) for model in models] for key in keys}
    names_of_models = [as_markdown(model.name) for model in models]
    st.table(
        pd.DataFrame(columns, index=pd.Index(names_of_models, name="Model")), border="horizontal"
    )


def _cell(model: ModelResult, key: str, models: Sequence[ModelResult]) -> str:
    """Write a value, bold if no model has a better one, and its interval."""
    text = shown(model, key)
    values = [value for other in models if (value := _value(other, key)) is not None]
    better = METRICS[key.partition("@")[0]].better
    best = {"higher": max, "lower": min}[better](values) if better and values else None
    if best is not None and _value(model, key) == best:
        text = f"**{text}**"
    ends = interval(model.metrics.get(key), key)
    # Its hyphen would let it break in the middle.
    return f"{text} :gray[:small[{ends.replace('-', chr(0x2011))}]]" if ends else text


def _value(model: ModelResult, key: str) -> float | None:
    estimate = model.metrics.get(key)
    return None if estimate is None else estimate.value


def _plainly(result: ProtocolResult) -> str:
    """Say what the best model's precision comes to."""
    best, length = result.models[0], result.primary.partition("@")[2]
    precision = best.metrics.get(f"precision@{length}")
    if precision is None or precision.value is None:
        return ""
    return (
        f"Of the {length} films that the best model, {best.name}, lists for somebody, "
        f"{int(length) * precision.value:.1f} on average are among those held out: films that "
        "person really rated."
    )
