"""Recommendations for what you rate here."""

import streamlit as st

from recsys.dashboard import bootstrap, cards, controls, state, tasting

source = bootstrap.begin("Taste profile")

st.write("Rate a few films you know. One is enough to begin; the list below follows at once.")
controls.film_search(source, "Find a film to rate", state.choose_film)
tasting.draw_chosen(source)
tasting.draw_profile(source)
tasting.draw_wall(source)

profile = source.profile(state.taste())
if len(profile):
    st.subheader("Recommended for you", anchor=False)
else:
    st.subheader("Top rated, until you rate something", anchor=False)
options = controls.model_controls(source, len(profile))
filters = controls.filter_controls(source)
films = source.for_profile(
    profile, cards.CARDS_PER_PAGE, filters=filters, explain=bool(len(profile)), **options
)
cards.draw(source, cards.Shelf("taste", films, profile=profile, numbered=True))

bootstrap.end(source)
