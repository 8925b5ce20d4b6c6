"""Recommendations for somebody who is in the ratings."""

import streamlit as st

from recsys.dashboard import bootstrap, cards, controls, users

source = bootstrap.begin("For a user")

user_id = users.choose(source)
if user_id is not None:
    profile = source.user_profile(user_id)
    users.draw_history(source, user_id)
    st.subheader(f"Recommended for user {user_id}", anchor=False)
    options = controls.model_controls(source, len(profile))
    filters = controls.filter_controls(source)
    films = source.for_profile(
        profile, cards.CARDS_PER_PAGE, filters=filters, explain=True, **options
    )
    cards.draw(source, cards.Shelf("user", films, profile=profile, numbered=True))

bootstrap.end(source)
