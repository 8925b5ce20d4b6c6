"""Controls and words around the popularity boards."""

from __future__ import annotations

from typing import cast

import numpy as np
import streamlit as st

from recsys.dashboard.controls import KEPT
from recsys.ranking.filters import Filters
from recsys.serving.recommender import Board, Recommender

LABELS: dict[Board, str] = {
    "top_rated": "Top rated",
    "most_rated": "Most rated",
    "trending": "Trending",
}
ALL = "All"


def controls(source: Recommender) -> tuple[Board, Filters]:
    """Draw the choice of board, genre and decade."""
    shown = [
        name for name in LABELS if name != "trending" or source.manifest.dataset.has_timestamps
    ]
    years = source.catalog.year
    decades = [f"{decade}s" for decade in np.unique(years[years > 0] // 10 * 10)[::-1]]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        board = st.segmented_control(
            "Board",
            shown,
            default=shown[0],
            required=True,
            format_func=lambda name: LABELS[name],
            key="board",
            **KEPT,
        )
        genre = st.selectbox(
            "Genre", [ALL, *source.catalog.genre_names], key="board_genre", width=180, **KEPT
        )
        decade = st.selectbox("Decade", [ALL, *decades], key="decade", width=140, **KEPT)
    first = None if decade == ALL else int(decade[:-1])
    return cast(Board, board), Filters(
        any_genres=() if genre == ALL else (genre,),
        min_year=first,
        max_year=None if first is None else first + 9,
    )


def explain(source: Recommender, board: Board) -> None:
    """Say how the board is made, with the numbers of this data."""
    model = source.popularity
    with st.expander("How this board is made", icon=":material/functions:"):
        if board == "top_rated":
            st.latex(r"\text{score} = \frac{v}{v+m}\,R + \frac{m}{v+m}\,C")
            st.write(
                f"A film with *v* ratings of mean *R* is drawn towards the mean of all ratings, "
                f"*C* = **{model.overall_mean:.2f}**, by *m* = **{model.votes_needed:,.0f}** "
                "imaginary votes, so that three enthusiasts do not outweigh three hundred. "
                "*m* is the number of ratings that one film in "
                f"{round(1 / max(1e-9, 1 - model.config.votes_quantile))} has. "
                "This is the weighted rating IMDb published for its Top 250."
            )
        elif board == "most_rated":
            st.write("Films by their number of ratings, whatever the stars.")
        else:
            st.write(
                "A rating counts half after "
                f"**{model.config.half_life_days:.0f} days**; the sum is divided by the root of "
                "the film's number of ratings, which favours what is rising over what is "
                "always there."
            )
