"""Home: what is good, what is new, and what goes with what you like."""

from dataclasses import replace

import streamlit as st

from recsys.dashboard import bootstrap, cards, controls, favourites, state

source = bootstrap.begin("Find a film for tonight")

controls.film_search(source, "Search all films", state.choose_film, then=bootstrap.SIMILAR_PAGE)

shelves = favourites.because_you_liked(source)
if not shelves:
    with st.container(horizontal=True, vertical_alignment="center", key="invitation"):
        st.write("Rate a few films and this page fills with what goes with them.")
        st.page_link(bootstrap.TASTE_PAGE, label="Start a taste profile", icon=":material/star:")

boards = [("top", "Top rated", "top_rated"), ("trend", "Trending", "trending")]
if not source.manifest.dataset.has_timestamps:
    boards[1] = ("most", "Most rated", "most_rated")
for key, title, board in boards:
    films = source.popular(cards.CARDS_PER_ROW, board=board)
    shelves.append(cards.Shelf(key, films, title, scroll=True))

# The genre is chosen below the rows, but all posters are looked up at once.
rows = st.container()
shelves = [replace(shelf, place=rows) for shelf in shelves]
filters, genre = controls.genre_control(source)
if genre:
    films = source.popular(cards.CARDS_PER_ROW, filters=filters)
    shelves.append(cards.Shelf("genre", films, f"The best of {genre}", scroll=True))

cards.draw(source, *shelves)
bootstrap.end(source)
