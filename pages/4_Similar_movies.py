"""Films like a film."""

import streamlit as st

from recsys.dashboard import bootstrap, cards, controls, likeness, state

source = bootstrap.begin("Similar movies")

controls.film_search(source, "Choose a film", state.choose_film)
item_id = likeness.draw_film(source)
if item_id is not None:
    by = likeness.control(source)
    filters = controls.filter_controls(source)
    if by is None:
        films = source.popular(cards.CARDS_PER_PAGE, filters=filters)
    else:
        films = source.similar(item_id, cards.CARDS_PER_PAGE, by=by, filters=filters, explain=True)
    likeness.say_when_unknown(films)
    cards.draw(source, cards.Shelf("similar", films, numbered=True))
else:
    st.write("Search for a film above, or begin with one of these:")
    cards.draw(source, cards.Shelf("start", cards.films(source.starters(12))))

bootstrap.end(source)
