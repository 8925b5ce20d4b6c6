"""Names beside the points of a chart, where they hide each other least."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

PLOT = (270.0, 270.0)
"""Pixels of the plot names are placed for; on a wider one points only move apart."""

LETTER, LINE, GAP, DOT = 7.4, 15.0, 9.0, 6.0
"""Pixels: width and height of a letter, between a point and its name, and half a point."""

Box = tuple[float, float, float, float]
"""Left, right, top and bottom, in pixels."""


def place_labels(
    rows: Sequence[Mapping[str, Any]], x_range: Sequence[float], y_range: Sequence[float]
) -> list[dict[str, Any]]:
    """Place the name of each point beside it, one after the other.

    Parameters
    ----------
    rows : sequence of mapping
        With "model", the name, "x" and "value", the place, and "low" and "high", a bar through it.
    x_range, y_range : (float, float)
        Ends of the axes.

    Returns
    -------
    list of dict
        Aligned to ``rows``: "align", "dx" and "dy" (pixels) of a text.
    """
    points = [_pixels(row["x"], row["value"], x_range, y_range) for row in rows]
    dots = [(x - DOT, x + DOT, y - DOT, y + DOT) for x, y in points]
    bars: list[Box] = []
    for row, (x, _) in zip(rows, points, strict=True):
        top, bottom = (_pixels(0, row[end], x_range, y_range)[1] for end in ("high", "low"))
        bars.append((x - 2, x + 2, top, bottom))
    placed: dict[int, Box] = {}
    chosen: dict[int, dict[str, Any]] = {}
    for i in [*range(len(rows))] * 3:  # once more, when all others have their place
        placed.pop(i, None)
        costs = []
        for box, text in _candidates(points[i], LETTER * len(str(rows[i]["model"]))):
            cost = (
                10 * sum(_overlap(box, other) for other in placed.values())
                + 5 * sum(_overlap(box, dot) for dot in dots)
                + 3 * sum(_overlap(box, bar) for bar in bars)
                + 20 * _outside(box)
                + 4 * abs(text["dy"])
            )
            costs.append((cost, box, text))
        _, placed[i], chosen[i] = min(costs, key=lambda candidate: candidate[0])
    return [chosen[i] for i in range(len(rows))]


def _candidates(point: tuple[float, float], width: float) -> Iterator[tuple[Box, dict[str, Any]]]:
    """Give places to the right and left of a point, level with it, above and below."""
    x, y = point
    for dy in (0, -11, 11, -22, 22):
        for align, start, dx in (("left", x + GAP, GAP), ("right", x - GAP - width, -GAP)):
            box = (start, start + width, y + dy - LINE / 2, y + dy + LINE / 2)
            yield box, {"align": align, "dx": dx, "dy": dy}


def _pixels(
    x: float, y: float, x_range: Sequence[float], y_range: Sequence[float]
) -> tuple[float, float]:
    right = (x - x_range[0]) / (x_range[1] - x_range[0])
    up = (y - y_range[0]) / (y_range[1] - y_range[0])
    return PLOT[0] * right, PLOT[1] * (1 - up)


def _overlap(one: Box, other: Box) -> float:
    """Area that two boxes share, in square pixels."""
    width = min(one[1], other[1]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[2], other[2])
    return max(0.0, width) * max(0.0, height)


def _outside(box: Box) -> float:
    """By how many pixels a box leaves the plot."""
    sides = (-box[0], box[1] - PLOT[0], -box[2], box[3] - PLOT[1])
    return sum(max(0.0, side) for side in sides)
