"""Controls that several pages share; each is in the address and kept across pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from recsys.dashboard import state
from recsys.dashboard.text import as_markdown, shorten
from recsys.ranking.filters import Filters
from recsys.serving.recommender import Recommender

KEPT: dict[str, Any] = {"bind": "query-params", "persist_state": "session"}
"""Options of a widget whose value is shared by address and survives a change of page."""

ALPHA = "alpha"
_USUAL = "usual_alpha"

_SPARE_LABELS = {"svd": "SVD", "biased_als": "Predicted stars"}
"""For comparisons; shown where nothing better was trained."""

MODEL_LABELS = {"hybrid": "Hybrid", "als": "ALS", "item_item": "Item-item", "content": "Content"}


def model_controls(source: Recommender, n_ratings: int) -> dict[str, Any]:
    """Draw the model toggle and, for the hybrid, its slider.

    Parameters
    ----------
    source : Recommender
    n_ratings : int
        Of the profile: the slider begins at the alpha that was learned for its size.

    Returns
    -------
    dict
        ``model`` and ``alpha``, as :meth:`Recommender.for_profile` takes them.
    """
    trained = [name for name in MODEL_LABELS if name in source.models]
    if not trained and source.default_model in _SPARE_LABELS:
        trained = [source.default_model]
    if not trained:
        st.caption("Only popularity was trained, so everybody gets the same list.")
        return {"model": "popularity"}
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        model = st.segmented_control(
            "Model",
            trained,
            default=trained[0],
            required=True,
            format_func=lambda name: {**MODEL_LABELS, **_SPARE_LABELS}[name],
            key="model",
            help="ALS: what people of your taste like. Item-item: what goes with each film you "
            "rated. Content: genres, decade, series and tags of what you like. Hybrid: all of "
            "them.",
            **KEPT,
        )
        usual = source.usual_alpha(n_ratings)
        alpha = None
        if model == "hybrid" and usual is not None:
            _follow(usual)
            alpha = st.slider(
                "Alpha: share of taste; content is the rest",
                0.0,
                1.0,
                value=usual,
                step=0.05,
                key=ALPHA,
                help="0 looks at content alone, 1 at ALS and item-item alone.",
                width=320,
                **KEPT,
            )
    if alpha is not None:
        st.caption(_origin(source, n_ratings))
    return {"model": model, "alpha": alpha}


def _follow(usual: float) -> None:
    """Move the slider along with the profile's size as long as it stands where it began."""
    if st.session_state.get(ALPHA) == st.session_state.get(_USUAL) != usual:
        st.session_state[ALPHA] = usual
    st.session_state[_USUAL] = usual


def _origin(source: Recommender, n_ratings: int) -> str:
    """Say where the slider begins, and why."""
    usual, record = source.usual_alpha(n_ratings), source.blend_record(n_ratings)
    if record is None:
        return f"It begins at {usual:.2f}, the default: there was too little data to learn it from."
    last = "or more" if record.to_ratings is None else f"to {record.to_ratings}"
    scores = record.ndcg_at_10
    return (
        f"It begins at {usual:.2f}, learned for {record.from_ratings} {last} ratings: "
        f"NDCG@10 on held-out ratings {scores['hybrid']:.3f}, with ALS alone {scores['als']:.3f}, "
        f"with content alone {scores['content']:.3f}."
    )


def filter_controls(source: Recommender) -> Filters:
    """Draw the filters in a popover and return what they say."""
    catalog = source.catalog
    known = catalog.year[catalog.year > 0]
    first, last = (int(known.min()), int(known.max())) if known.size else (1900, 2030)
    genres = list(catalog.genre_names)
    with st.popover("Filters", icon=":material/tune:"):
        any_genres = st.multiselect("Any of these genres", genres, key="any", **KEPT)
        all_genres = st.multiselect("All of these genres", genres, key="all", **KEPT)
        no_genres = st.multiselect("None of these genres", genres, key="none", **KEPT)
        low, high = first, last
        if first < last:
            low, high = st.slider("Years", first, last, (first, last), key="years", **KEPT)
        min_ratings = st.number_input(
            "At least so many ratings", 0, None, 0, step=5, key="min_ratings", **KEPT
        )
    filters = Filters(
        tuple(any_genres),
        tuple(all_genres),
        tuple(no_genres),
        low if low > first else None,
        high if high < last else None,
        int(min_ratings or 0),
    )
    active = describe(filters)
    if active:
        st.caption(":material/filter_alt: " + as_markdown(active))
    return filters


def describe(filters: Filters) -> str:
    """Name the filters that are set, in one line."""
    parts = []
    if filters.any_genres:
        parts.append(" or ".join(filters.any_genres))
    if filters.all_genres:
        parts.append(" and ".join(filters.all_genres))
    if filters.no_genres:
        parts.append("no " + ", no ".join(filters.no_genres))
    if filters.min_year is not None:
        parts.append(f"from {filters.min_year}")
    if filters.max_year is not None:
        parts.append(f"to {filters.max_year}")
    if filters.min_ratings:
        parts.append(f"{filters.min_ratings} ratings or more")
    return "; ".join(parts)


def film_search(
    source: Recommender, label: str, on_choose: Callable[[int], None], *, then: str | None = None
) -> None:
    """Draw a search box that answers while one types.

    Only the handful of hits goes to the browser, never the catalogue.

    Parameters
    ----------
    source : Recommender
    label : str
    on_choose : callable
        Called with the item id of the chosen film before the page is drawn again.
    then : str, optional
        Page to switch to after the choice.
    """

    def choose(item_id: int) -> None:
        on_choose(item_id)
        st.session_state["q"] = ""
        st.session_state["chosen"] = True

    @st.fragment
    def box() -> None:
        if st.session_state.pop("chosen", False):
            if then:
                # Without this it would clear the address, which bound widgets forbid.
                st.switch_page(then, query_params={state.FILM: str(state.film())})
            st.rerun()
        query = st.text_input(
            label,
            key="q",
            type="search",
            live="200ms",
            placeholder="A title, roughly: teh matrx",
            max_chars=200,
            **KEPT,
        )
        if not query or not query.strip():
            return
        hits = source.items.index(source.search(query, 8).item_ids).tolist()
        if not hits:
            st.caption("No title is near that. Try fewer letters.")
        with st.container(horizontal=True, gap="small", key="hits"):
            for index in hits:
                st.button(
                    as_markdown(shorten(source.catalog.label(index))),
                    key=f"hit_{index}",
                    icon=":material/movie:",
                    on_click=choose,
                    args=(int(source.items.ids[index]),),
                )

    box()


def genre_control(source: Recommender) -> tuple[Filters, str]:
    """Draw a choice of one genre.

    Returns
    -------
    filters : Filters
    genre : str
        Empty when the catalogue has no genres.
    """
    names = list(source.catalog.genre_names)
    if not names:
        return Filters(), ""
    largest = names[int(source.catalog.genre_matrix.sum(axis=0).argmax())]
    genre = st.pills(
        "A row of one genre", names, default=largest, required=True, key="genre", **KEPT
    )
    return Filters(any_genres=(str(genre),)), str(genre)
