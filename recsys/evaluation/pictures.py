"""What all charts share: their message, the colours of models, and a theme.

Neither font nor ground is set in a chart: a screen has its own theme, and :func:`themed` is one for
a page that has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt

Chart = alt.Chart | alt.LayerChart

COLOURS = {
    "hybrid": "#d06217",
    "als": "#058dfa",
    "item_item": "#29975e",
    "content": "#9343bc",
    "svd": "#a34d16",
    "biased_als": "#c25ccc",
    "popularity": "#3f6e5d",
    "most_rated": "#aa85a0",
    "random": "#726f96",
}
"""Of each model in all charts: found by a search for those farthest apart to normal and to
colour-blind eyes (Machado, Oliveira and Fernandes 2009; distances in OKLab), among those of a
brightness that stands out against white and black."""

OTHER_COLOUR = "#767d85"


EVERY_NAME = alt.Axis(labelOverlap=False, labelLimit=140)
"""Of an axis whose names must not be left out where they are close."""


@dataclass(frozen=True)
class Picture:
    """A chart and its message.

    Attributes
    ----------
    chart : Chart
        As wide as its place; at least 340 pixels are needed.
    title : str
    alt : str
        What it shows, in one sentence with numbers.
    """

    chart: Chart
    title: str
    alt: str


def themed(chart: Chart, *, dark: bool = False, width: int) -> Chart:
    """Give a chart a width, fonts and colours, for a page that has no theme for charts.

    Parameters
    ----------
    chart : Chart
    dark : bool
        For a dark ground; the chart's own is transparent.
    width : int
        Of the whole chart with its labels, in pixels.
    """
    ink, faint = ("#eceae5", "#3a404d") if dark else ("#211c17", "#ddd5ca")
    accent, faded = "#3b82b8", "rgba(59, 130, 184, 0.12)"
    text: dict[str, Any] = {"labelColor": ink, "titleColor": ink, "labelFontSize": 12}
    made: Chart = chart.properties(width=width).configure(
        background="transparent",
        font="system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
        axis=alt.AxisConfig(
            gridColor=faint,
            domainColor=faint,
            tickColor=faint,
            labelFlush=False,
            labelSeparation=10,
            **text,
        ),
        legend=alt.LegendConfig(**text),
        view=alt.ViewConfig(stroke=None),
        bar=alt.BarConfig(color=accent),
        line=alt.LineConfig(color=accent),
        point=alt.MarkConfig(color=accent),
        range=alt.RangeConfig(heatmap=[faded, accent], ramp=[faded, accent]),
    )
    return made


def with_height(chart: Chart, height: int) -> Chart:
    """Make the plot itself so many pixels high; axes and legends come on top.

    In width, plot and axes fill the place together.
    """
    fit = alt.AutoSizeParams(type="fit-x", contains="padding")
    made: Chart = chart.properties(height=height, autosize=fit)
    return made


def dots_with_intervals(
    base: alt.Chart, axis: Literal["x", "y"], title: str, scale: alt.Scale | None = None
) -> list[alt.Chart]:
    """Return the bars of intervals and the dots on them.

    Parameters
    ----------
    base : Chart
        Of rows with "value", "low" and "high".
    axis : "x" or "y"
        The one that values are on.
    title : str
        Of that axis.
    scale : Scale, optional
        Of that axis; it begins with 0 by default.
    """
    channel = alt.X if axis == "x" else alt.Y
    spanned: dict[str, Any] = {
        axis: channel("low:Q", title=title, scale=scale or alt.Scale(zero=True)),
        f"{axis}2": "high:Q",
    }
    placed: dict[str, Any] = {axis: channel("value:Q", title=title)}
    rule = base.mark_rule(strokeWidth=2.5, opacity=0.55).encode(**spanned)
    return [rule, base.mark_point(filled=True, size=70, opacity=1).encode(**placed)]


def model_colour(names: Sequence[str], legend: alt.Legend | None) -> alt.Color:
    """Colour the field "model" by its name, the same in every chart."""
    colours = [COLOURS.get(name, OTHER_COLOUR) for name in names]
    scale = alt.Scale(domain=names, range=colours)
    return alt.Color("model:N", scale=scale, legend=legend, title=None)
