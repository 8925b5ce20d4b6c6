"""What a view remembers: in the session across pages, and in the address to be shared.

Widgets do this by themselves (``bind="query-params"``, ``persist_state="session"``). This module
does the same for what is chosen by clicking on films: the taste profile and the chosen film.
"""

from __future__ import annotations

import random

import streamlit as st

from recsys.serving.recommender import Recommender

TASTE, FILM, SEED, USER = "taste", "film", "seed", "user"
_UNDO = "taste_before"


def restore(source: Recommender) -> None:
    """Take taste and film from the address, or put the session's into it.

    The address wins, so that a link leads where it says; unknown items and ratings off the scale
    are left out.
    """
    low, high = source.manifest.dataset.scale
    text = st.query_params.get(TASTE)
    if text is not None:
        ratings = {
            item_id: rating
            for item_id, rating in _parse(text).items()
            if item_id in source.items and low <= rating <= high
        }
        st.session_state[TASTE] = ratings
    _publish()


def _publish() -> None:
    texts = shared()
    for key in (TASTE, FILM):
        if key not in texts:
            st.query_params.pop(key, None)
        elif st.query_params.get(key) != texts[key]:
            st.query_params[key] = texts[key]


def shared() -> dict[str, str]:
    """Return what the session remembers as parameters of an address."""
    user_id = st.session_state.get(USER)
    texts = {
        TASTE: _format(taste()),
        FILM: str(film() or ""),
        USER: "" if user_id is None else str(user_id),
    }
    return {key: text for key, text in texts.items() if text}


def taste() -> dict[int, float]:
    """Ratings of the taste profile, ``{item_id: rating}``, the latest last."""
    ratings: dict[int, float] = st.session_state.get(TASTE, {})
    return ratings


def rate(item_id: int, rating: float | None) -> None:
    """Rate a film, or take its rating back with None."""
    ratings = {item: stars for item, stars in taste().items() if item != item_id}
    if rating is not None:
        ratings[item_id] = rating
    _replace_taste(ratings)


def clear_taste() -> None:
    """Forget all ratings of the profile."""
    _replace_taste({})


def _replace_taste(ratings: dict[int, float]) -> None:
    st.session_state.setdefault(_UNDO, []).append(taste())
    st.session_state[TASTE] = ratings
    _publish()


def can_undo() -> bool:
    """Tell whether there is a change to take back."""
    return bool(st.session_state.get(_UNDO))


def undo() -> None:
    """Take the last change of the profile back."""
    st.session_state[TASTE] = st.session_state[_UNDO].pop()
    _publish()


def film() -> int | None:
    """Item id of the chosen film."""
    text = st.query_params.get(FILM)
    if text is not None:
        known_form = text.isascii() and text.isdigit() and len(text) <= 18
        st.session_state[FILM] = int(text) if known_form else None
    chosen: int | None = st.session_state.get(FILM)
    return chosen


def choose_film(item_id: int) -> None:
    """Choose a film."""
    st.session_state[FILM] = item_id
    st.query_params[FILM] = str(item_id)


def user() -> int | None:
    """Return the user that was chosen, on a page that has no control for it."""
    text = st.query_params.get(USER, "")
    if text.isascii() and text.isdigit() and len(text) <= 18:
        st.session_state[USER] = int(text)
    chosen: int | None = st.session_state.get(USER)
    if chosen is not None and st.query_params.get(USER) != str(chosen):
        st.query_params[USER] = str(chosen)
    return chosen


def seed() -> int:
    """Return the number of the shuffled selection; the address keeps it, so a reload shows it."""
    text = st.query_params.get(SEED, "")
    if text.isascii() and text.isdigit() and len(text) <= 9:
        st.session_state[SEED] = int(text)
    elif SEED not in st.session_state:
        reshuffle()
    st.query_params[SEED] = str(st.session_state[SEED])
    number: int = st.session_state[SEED]
    return number


def reshuffle() -> None:
    """Draw another number for the shuffled selection."""
    st.session_state[SEED] = random.randrange(1, 100_000)
    st.query_params[SEED] = str(st.session_state[SEED])


def _parse(text: str) -> dict[int, float]:
    """Read "12:4.5,7:3"; what is not of that form is skipped."""
    ratings = {}
    for pair in text.split(",")[:1000]:
        item_id, _, stars = pair.partition(":")
        try:
            ratings[int(item_id)] = float(stars)
        except ValueError:
            continue
    return ratings


def _format(ratings: dict[int, float]) -> str:
    return ",".join(f"{item_id}:{rating:g}" for item_id, rating in ratings.items())
