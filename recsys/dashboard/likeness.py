"""The chosen film and in what way others are like it."""

from __future__ import annotations

from typing import cast

import streamlit as st

from recsys.dashboard import resources, state
from recsys.dashboard.cards import facts_html, poster_html
from recsys.dashboard.controls import KEPT
from recsys.dashboard.text import as_html, shorten
from recsys.serving.description import content_sources
from recsys.serving.recommender import Recommender, SimilarBy
from recsys.serving.results import Recommendations

LABELS: dict[SimilarBy, str] = {
    "both": "Both",
    "taste": "By taste (ALS)",
    "content": "By content",
}


def draw_film(source: Recommender) -> int | None:
    """Draw the chosen film.

    Returns
    -------
    int or None
        Its item id; None as long as no known film is chosen.
    """
    item_id = state.film()
    if item_id is None:
        return None
    if item_id not in source.items:
        st.warning(f"There is no film {item_id} in this data. Search for one above.")
        return None
    index = int(source.items.index([item_id])[0])
    photo = resources.photo_urls(source, [index]).get(index)
    st.html(
        f'<div class="film-head">{poster_html(source, index, photo)}<div>'
        f"<h2>{as_html(shorten(source.catalog.label(index), 200))}</h2>"
        f"{facts_html(source, index)}</div></div>"
    )
    return item_id


def control(source: Recommender) -> SimilarBy | None:
    """Draw the choice between taste, content and both; None when no such model was trained."""
    needed = {"both": "hybrid", "taste": "als", "content": "content"}
    shown = [name for name in LABELS if needed[name] in source.models]
    if not shown:
        return None
    by = st.segmented_control(
        "Similar in what way",
        shown,
        default=shown[0],
        required=True,
        format_func=lambda name: LABELS[name],
        key="by",
        help="By taste: the same people like both. By content: they share genres, decade, series "
        "and tags.",
        **KEPT,
    )
    if by != "taste" and (sources := content_sources(source.manifest.dataset)):
        st.caption(sources)
    return cast(SimilarBy, by)


def say_when_unknown(films: Recommendations) -> None:
    """Say so when nothing is known to compare the film by."""
    if films.model == "popularity":
        st.info("Nothing is known of this film to compare it by, so these are the top rated ones.")
