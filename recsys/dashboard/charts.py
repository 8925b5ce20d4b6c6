"""Small charts of what somebody has watched."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from recsys.serving.recommender import Recommender


def taste_summary(source: Recommender, index: NDArray[np.int32]) -> None:
    """Draw genres and decades of some films side by side.

    Parameters
    ----------
    source : Recommender
    index : int32[n]
        Item indices.
    """
    catalog = source.catalog
    genres = pd.DataFrame(
        {"name": catalog.genre_names, "films": catalog.genre_matrix[index].sum(axis=0)}
    )
    genres = genres[genres["films"] > 0].nlargest(8, "films")
    years = catalog.year[index]
    decade, films = np.unique(years[years > 0] // 10 * 10, return_counts=True)
    eras = pd.DataFrame({"name": [f"{year}s" for year in decade], "films": films})
    left, right = st.columns(2)
    with left:
        _bars(genres, "Genres", direction="horizontal")
    with right:
        _bars(eras, "Decades", direction="vertical")


def _bars(data: pd.DataFrame, title: str, *, direction: str) -> None:
    if data.empty:
        st.caption(f"{title}: nothing known.")
        return
    names = data["name"].tolist()
    most = int(data["films"].to_numpy().argmax())
    name = alt.X if direction == "vertical" else alt.Y
    value = alt.Y if direction == "vertical" else alt.X
    chart = (
        alt.Chart(data, title=title)
        .mark_bar(cornerRadiusEnd=3)
        .encode(
            name("name:N", title=None, sort=names, axis=alt.Axis(labelAngle=0, labelOverlap=False)),
            value("films:Q", title="Films", axis=alt.Axis(tickMinStep=1, format="d")),
            tooltip=["name:N", "films:Q"],
        )
        .properties(height=230 if direction == "vertical" else alt.Step(24))
    )
    st.altair_chart(
        chart,
        width="stretch",
        alt=f"{title} of the films watched; most are {names[most]} ({data['films'].iloc[most]}).",
    )
