"""How every page begins and ends."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recsys.dashboard import resources, state
from recsys.errors import ArtifactsMissingError, RecsysError
from recsys.serving.recommender import Recommender

PAGES = {
    "app.py": ("Home", ":material/home:"),
    "pages/1_For_a_user.py": ("For a user", ":material/person:"),
    "pages/2_Taste_profile.py": ("Taste profile", ":material/star:"),
    "pages/3_Cold_start.py": ("Cold start", ":material/trophy:"),
    "pages/4_Similar_movies.py": ("Similar movies", ":material/join_inner:"),
    "pages/5_Model_report.py": ("Model report", ":material/insights:"),
}
SIMILAR_PAGE = "pages/4_Similar_movies.py"
TASTE_PAGE = "pages/2_Taste_profile.py"
TMDB_NOTICE = (
    "This product uses TMDB and the TMDB APIs but is not endorsed, certified, or otherwise "
    "approved by TMDB."
)
TMDB_LOGO = (
    "https://www.themoviedb.org/assets/2/v4/logos/v2/"
    "blue_short-8e7b30f73a4020692ccca9c88bafe5dcb6f8a62a4c6bc55cd9ba82bb2cd95f6c.svg"
)


def begin(title: str) -> Recommender:
    """Set the page up and return the recommender; a page without artifacts ends here.

    Parameters
    ----------
    title : str
        Heading of the page and of its browser tab.
    """
    st.set_page_config(
        page_title=f"{title} · Movie recommender",
        page_icon="🎬",
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    st.html(Path(__file__).with_name("style.css"))
    navigation = st.container(horizontal=True, wrap=False, key="navigation", gap="small")
    st.title(title, anchor=False)
    try:
        source = resources.recommender()
        state.restore(source)
    except ArtifactsMissingError as error:
        st.info(
            "**There is nothing to show yet.** Train once on the bundled demo data, then reload "
            "this page:"
        )
        st.code("python scripts/train_and_save.py", language="bash")
        st.caption(str(error).replace("`", ""))
        _navigate(navigation)
        st.stop()
    except RecsysError as error:
        st.error(str(error).replace("`", ""))
        _navigate(navigation)
        st.stop()
    _navigate(navigation)
    if source.manifest.dataset.simulated:
        st.caption(
            ":material/science: The ratings shown here are **simulated**: this is demo data. "
            "Train on a real data set to see real opinions."
        )
    return source


def _navigate(place: DeltaGenerator) -> None:
    """Draw the links to all pages.

    They carry what the session remembers: a page that adds it to its address by itself would make
    an entry in the browser's history, and "back" would have to be pressed twice.
    """
    for page, (label, icon) in PAGES.items():
        place.page_link(page, label=label, icon=icon, query_params=state.shared())


def end(source: Recommender) -> None:
    """Draw the footer: where the data and the posters come from."""
    data = source.manifest.dataset
    kind = "simulated ratings" if data.simulated else "ratings"
    client = resources.tmdb()
    with st.container(key="footer"):
        st.divider()
        st.caption(
            f"{data.n_ratings:,} {kind} of {data.n_items:,} films by {data.n_users:,} users · "
            f"trained {source.manifest.created[:10]}"
        )
        logo = f'<img src="{TMDB_LOGO}" alt="TMDB" height="12"> ' if client else ""
        st.html(f'<p class="notice">{logo}{TMDB_NOTICE}</p>')
        if client is not None and client.status != "ok":
            st.caption(f":material/image_not_supported: {client.status}")
