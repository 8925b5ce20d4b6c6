"""Rows of films that go with what somebody liked."""

from __future__ import annotations

import numpy as np

from recsys.dashboard import state
from recsys.dashboard.cards import CARDS_PER_ROW, Shelf
from recsys.data.profile import Profile
from recsys.serving.recommender import Recommender


def who(source: Recommender) -> tuple[str, Profile]:
    """Return whom Home is for: the taste profile, else the chosen user, else nobody."""
    if state.taste():
        return "you", source.profile(state.taste())
    user_id = state.user()
    if user_id is not None and user_id in source.users:
        return f"user {user_id}", source.user_profile(user_id)
    return "nobody", Profile.empty()


def because_you_liked(source: Recommender, n: int = 2) -> list[Shelf]:
    """Make a row of recommendations and rows of what is similar to the best-liked films.

    Parameters
    ----------
    source : Recommender
    n : int
        At most so many films begin a row.
    """
    name, profile = who(source)
    if not len(profile):
        return []
    shelves = [
        Shelf(
            "for",
            source.for_profile(profile, CARDS_PER_ROW, explain=True),
            f"For {name}",
            profile,
            scroll=True,
        )
    ]
    if "hybrid" not in source.models:
        return shelves
    recent = np.zeros(len(profile)) if profile.timestamp is None else -profile.timestamp
    best = np.lexsort((recent, -profile.rating))[:n]
    for index in profile.item_index[best]:
        item_id = int(source.items.ids[index])
        seen = profile.item_index
        films = source.similar(item_id, CARDS_PER_ROW, exclude=source.items.ids[seen])
        liked = "you" if name == "you" else name
        title = f"Because {liked} liked {source.catalog.title[index]}"
        shelves.append(Shelf(f"liked_{item_id}", films, title, scroll=True))
    return shelves
