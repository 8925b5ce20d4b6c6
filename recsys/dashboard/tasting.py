"""Rating films in the session."""

from __future__ import annotations

import numpy as np
import streamlit as st

from recsys.dashboard import cards, state
from recsys.dashboard.text import as_markdown, shorten
from recsys.serving.recommender import Recommender

WALL_SIZE = 24
N_STARS = 5


def _stars(source: Recommender, item_id: int, place: str) -> None:
    """Draw five stars that rate a film on the data's own scale."""
    scale = source.manifest.dataset.scale
    key = f"stars_{place}_{item_id}"
    rating = state.taste().get(item_id)
    # The widget follows the profile: undo, clear and a shared address change it too.
    st.session_state[key] = None if rating is None else _to_stars(rating, scale) - 1

    def changed() -> None:
        stars = st.session_state[key]
        state.rate(item_id, None if stars is None else _to_rating(stars + 1, scale))

    st.feedback("stars", key=key, on_change=changed)


def _lowest(scale: tuple[float, float]) -> float:
    """Return the rating of one star: a fifth of the highest, where the scale has it."""
    low, high = scale
    return high / N_STARS if 0 <= low <= high / N_STARS else low


def _to_rating(stars: int, scale: tuple[float, float]) -> float:
    low, high = _lowest(scale), scale[1]
    return low + (high - low) * (stars - 1) / (N_STARS - 1)


def _to_stars(rating: float, scale: tuple[float, float]) -> int:
    low, high = _lowest(scale), scale[1]
    share = (rating - low) / (high - low) if high > low else 1.0
    return 1 + round(min(max(share, 0.0), 1.0) * (N_STARS - 1))


def draw_chosen(source: Recommender) -> None:
    """Draw the film that was searched for, to be rated."""
    item_id = state.film()
    if item_id is None or item_id not in source.items or item_id in state.taste():
        return
    index = int(source.items.index([item_id])[0])
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="chosen_film"):
        st.markdown(f"**{as_markdown(shorten(source.catalog.label(index)))}**", width="content")
        _stars(source, item_id, "chosen")


def draw_profile(source: Recommender) -> None:
    """Draw what was rated, with ways to change it."""
    ratings = state.taste()
    with st.container(horizontal=True, vertical_alignment="center", key="profile_head"):
        st.subheader(f"Your ratings ({len(ratings)})", anchor=False, width="content")
        st.button(
            "Undo",
            icon=":material/undo:",
            on_click=state.undo,
            disabled=not state.can_undo(),
        )
        st.button(
            "Clear",
            icon=":material/delete_sweep:",
            on_click=state.clear_taste,
            disabled=not ratings,
        )
    if not ratings:
        st.caption("Nothing rated yet.")
        return
    with st.container(horizontal=True, gap="small", key="ratings"):
        for item_id in reversed(ratings):
            index = int(source.items.index([item_id])[0])
            label = as_markdown(shorten(source.catalog.label(index), 60))
            with st.container(border=True, width=250, gap=None, key=f"rated_{item_id}"):
                st.markdown(f"**{label}**")
                with st.container(horizontal=True, vertical_alignment="center"):
                    _stars(source, item_id, "profile")
                    st.button(
                        "Remove",
                        key=f"remove_{item_id}",
                        type="tertiary",
                        icon=":material/close:",
                        on_click=state.rate,
                        args=(item_id, None),
                    )


def draw_wall(source: Recommender) -> None:
    """Draw well-known films of all kinds, to tap stars below.

    With the first rating the wall becomes one row, so that the list it leads to is in sight.
    """
    rated = state.taste()
    wall = [item for item in source.starters(WALL_SIZE + len(rated)).tolist() if item not in rated]
    cards.draw(
        source,
        cards.Shelf(
            "wall",
            cards.films(np.array(wall[:WALL_SIZE], dtype=np.int64)),
            "Films many people know",
            scroll=bool(rated),
            extra=lambda item_id: _stars(source, item_id, "wall"),
        ),
    )
