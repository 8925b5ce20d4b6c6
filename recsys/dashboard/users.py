"""Choosing a known user, and showing what they watched."""

from __future__ import annotations

import random

import pandas as pd
import streamlit as st

from recsys.dashboard import charts
from recsys.dashboard.controls import KEPT
from recsys.errors import UnknownUserError
from recsys.serving.recommender import Recommender


def choose(source: Recommender) -> int | None:
    """Draw the ways to choose a user.

    Returns
    -------
    int or None
        A known user id; None as long as none is chosen.
    """

    def take(user_id: int) -> None:
        st.session_state["user"] = user_id

    with st.container(horizontal=True, vertical_alignment="bottom"):
        user_id = st.number_input(
            "User id", value=None, step=1, format="%d", key="user", width=220, **KEPT
        )
        st.button(
            "A random user",
            icon=":material/casino:",
            on_click=lambda: take(int(random.choice(source.users.ids))),
        )
    personas = source.manifest.personas
    if personas:
        st.caption("Or somebody of a marked taste, found in the data:")
        with st.container(horizontal=True, wrap=False, gap="small", key="personas"):
            for persona in personas:
                st.button(
                    persona.label,
                    key=f"persona_{persona.user_id}",
                    type="primary" if persona.user_id == user_id else "secondary",
                    on_click=take,
                    args=(persona.user_id,),
                )
    if user_id is None:
        return None
    try:
        source.users.index([int(user_id)])
    except (UnknownUserError, OverflowError) as error:
        st.warning(f"{error} Try one of those above." if str(error) else "That id is too large.")
        return None
    return int(user_id)


def draw_history(source: Recommender, user_id: int) -> None:
    """Draw what a user watched: in short, as charts, and in full."""
    history = source.history(user_id)
    index = source.items.index(history.item_ids)
    catalog = source.catalog
    low, high = source.manifest.dataset.scale
    st.write(
        f"User {user_id} rated **{index.size:,}** films, **{history.ratings.mean():.1f}** on "
        f"average of {low:g} to {high:g}."
    )
    charts.taste_summary(source, index)
    with st.expander("All they rated", icon=":material/history:"):
        table = pd.DataFrame(
            {
                "Title": [str(catalog.title[i]) for i in index],
                "Year": pd.array([int(catalog.year[i]) or None for i in index], dtype="Int64"),
                "Genres": [", ".join(catalog.genres(i)) for i in index],
                "Rating": history.ratings,
            }
        )
        if history.timestamps is not None:
            table["Rated on"] = pd.to_datetime(history.timestamps, unit="s").date
        st.dataframe(
            table,
            hide_index=True,
            height=360,
            column_config={
                "Year": st.column_config.NumberColumn(format="%d"),
                "Rating": st.column_config.NumberColumn(format="%.1f"),
            },
            alt=f"Films rated by user {user_id}, the latest first",
        )
