"""Charts of how the ratings are spread."""

from __future__ import annotations

from itertools import pairwise

import altair as alt
import numpy as np
import pandas as pd

from recsys.evaluation.pictures import EVERY_NAME, Picture, with_height
from recsys.evaluation.results import DataSummary

TOP = 0.1
"""Share of the films that the long tail is told by."""


def data_pictures(summary: DataSummary) -> tuple[Picture, ...]:
    """Draw every chart the summary has the figures for."""
    drawn = (rating_histogram(summary), long_tail(summary), genre_decades(summary))
    return tuple(picture for picture in (*drawn, user_activity(summary)) if picture)


def rating_histogram(summary: DataSummary) -> Picture | None:
    """Draw how often each rating was given."""
    if not summary.ratings:
        return None
    values, counts = (np.array(column) for column in zip(*summary.ratings, strict=True))
    most, total = int(counts.argmax()), int(counts.sum())
    rows = {"rating": [f"{value:g}" for value in values], "n": counts, "share": counts / total}
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X("rating:O", title="Rating", sort=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("n:Q", title="Ratings", axis=alt.Axis(format="~s")),
            tooltip=[
                alt.Tooltip("rating:N", title="Rating"),
                alt.Tooltip("n:Q", title="Ratings", format=","),
                alt.Tooltip("share:Q", title="Share", format=".1%"),
            ],
        )
    )
    mean = float(values @ counts) / total
    return Picture(
        with_height(chart, 260),
        "Ratings given",
        f"The most common rating is {values[most]:g}, {counts[most] / total:.0%} of all "
        f"{total:,}; their mean is {mean:.2f}.",
    )


def long_tail(summary: DataSummary) -> Picture | None:
    """Draw the films' numbers of ratings over their rank, both in logarithms."""
    if not summary.long_tail:
        return None
    rank, count = (np.array(column) for column in zip(*summary.long_tail, strict=True))
    chart = (
        alt.Chart(pd.DataFrame({"rank": rank, "n": count}))
        .mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=12))
        .encode(
            x=alt.X(
                "rank:Q",
                title="Rank of the film",
                scale=alt.Scale(type="log", nice=False),
                axis=_powers(int(rank[-1])),
            ),
            y=alt.Y(
                "n:Q",
                title="Ratings of the film",
                scale=alt.Scale(type="log", nice=False),
                axis=_powers(int(count[0])),
            ),
            tooltip=[
                alt.Tooltip("rank:Q", title="Rank", format=","),
                alt.Tooltip("n:Q", title="Ratings", format=","),
            ],
        )
    )
    n_films = int(rank[-1])
    n_top = max(1, round(TOP * n_films))
    # The curve has some of the ranks only; between them it is nearly straight.
    of_top = np.interp(np.arange(1, n_top + 1), rank, count).sum()
    share = of_top / sum(n for _, n in summary.ratings)
    return Picture(
        with_height(chart, 280),
        "Long tail",
        f"The most rated {n_top:,} of {n_films:,} films ({n_top / n_films:.0%}) have {share:.0%} "
        "of the ratings.",
    )


def _powers(highest: int) -> alt.Axis:
    """Label powers of ten only."""
    return alt.Axis(values=[10**power for power in range(len(str(highest)))], format=",")


def genre_decades(summary: DataSummary) -> Picture | None:
    """Draw the films of the common genres by decade."""
    if not summary.genres:
        return None
    table = pd.DataFrame(summary.genres, columns=["genre", "start", "films"])
    decades = [f"{start}s" for start in range(table["start"].min(), table["start"].max() + 1, 10)]
    table["decade"] = [f"{start}s" for start in table["start"]]
    chart = (
        alt.Chart(table)
        .mark_rect()
        .encode(
            x=alt.X(
                "decade:O",
                title=None,
                scale=alt.Scale(domain=decades),
                axis=alt.Axis(labelAngle=-45),
            ),
            y=alt.Y(
                "genre:N", title=None, sort=list(dict.fromkeys(table["genre"])), axis=EVERY_NAME
            ),
            color=alt.Color(
                "films:Q",
                title="Films",
                scale=alt.Scale(type="sqrt"),
                legend=alt.Legend(orient="top", gradientLength=160),
            ),
            tooltip=[
                alt.Tooltip("genre:N", title="Genre"),
                alt.Tooltip("decade:O", title="Decade"),
                alt.Tooltip("films:Q", title="Films", format=","),
            ],
        )
    )
    genre, start, films = max(summary.genres, key=lambda cell: cell[2])
    totals = table.groupby("genre", sort=False)["films"].sum()
    return Picture(
        with_height(chart, 26 * table["genre"].nunique()),
        "Genres over decades",
        f"Of the genres {totals.idxmax()} has the most films, {int(totals.max()):,}; the fullest "
        f"decade of a genre is {genre} of the {start}s with {films:,}.",
    )


def user_activity(summary: DataSummary) -> Picture | None:
    """Draw users by their number of ratings."""
    if not summary.activity:
        return None
    starts, users = zip(*summary.activity, strict=True)
    names = [
        f"{low:,}" if high == low + 1 else f"{low:,} to {high - 1:,}"
        for low, high in pairwise(starts)
    ] + [f"{starts[-1]:,} or more"]
    counts = np.array(users)
    rows = {"ratings": names, "users": counts, "share": counts / counts.sum()}
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            y=alt.Y("ratings:N", title=None, sort=None, axis=EVERY_NAME),
            x=alt.X("users:Q", title="Users", axis=alt.Axis(format="~s", tickMinStep=1)),
            tooltip=[
                alt.Tooltip("ratings:N", title="Ratings"),
                alt.Tooltip("users:Q", title="Users", format=","),
                alt.Tooltip("share:Q", title="Share", format=".1%"),
            ],
        )
    )
    most = int(counts.argmax())
    return Picture(
        with_height(chart, 28 * len(names)),
        "Users by their ratings",
        f"{counts[most]:,} of {counts.sum():,} users ({counts[most] / counts.sum():.0%}) have "
        f"{names[most]} ratings; {counts[-1]:,} have {names[-1]}.",
    )
