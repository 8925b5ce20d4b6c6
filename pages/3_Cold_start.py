"""What to show somebody nothing is known of."""

import streamlit as st

from recsys.dashboard import boards, bootstrap, cards, state

source = bootstrap.begin("Cold start")

st.write("For a newcomer without a single rating: what most people who saw it liked.")
board, filters = boards.controls(source)
boards.explain(source, board)
films = source.popular(cards.CARDS_PER_PAGE, board=board, filters=filters)

drawn = source.popular(cards.CARDS_PER_ROW, filters=filters, seed=state.seed())
st.button("Reshuffle", icon=":material/shuffle:", on_click=state.reshuffle)
cards.draw(
    source,
    cards.Shelf("drawn", drawn, "A shuffled selection from the best", scroll=True),
    cards.Shelf("board", films, boards.LABELS[board], numbered=True),
)

bootstrap.end(source)
