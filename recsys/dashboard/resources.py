"""What all sessions share: the loaded artifacts and the poster client."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import streamlit as st

from recsys.serving.posters import svg_data_uri, svg_poster
from recsys.serving.recommender import Recommender
from recsys.serving.tmdb import PosterRequest, TmdbClient
from recsys.settings import settings
from recsys.store.store import ArtifactStore


def recommender() -> Recommender:
    """Return the live version, loaded once for all sessions and again when another goes live.

    Raises
    ------
    ArtifactsError
    """
    folder = settings().artifacts.absolute()
    return _load(str(folder), ArtifactStore(folder).current())


@st.cache_resource(max_entries=2, show_spinner="Loading the films ...")
def _load(folder: str, version: str) -> Recommender:
    loaded = Recommender.load(folder, version)
    # Streamlit collects garbage after every run; what was loaded need not be looked at again.
    gc.collect()
    gc.freeze()
    return loaded


@st.cache_resource(max_entries=1, show_spinner=False)
def _tmdb(token: str, base_url: str, image_base_url: str, cache: Path) -> TmdbClient:
    return TmdbClient(
        token,
        base_url=base_url,
        image_base_url=image_base_url,
        cache_path=cache / "tmdb.sqlite",
        budget_seconds=1.5,
    )


def tmdb() -> TmdbClient | None:
    """Return the poster client, None without a token."""
    options = settings()
    token = options.tmdb_token.get_secret_value().strip()
    if not token:
        return None
    return _tmdb(token, options.tmdb_base_url, options.tmdb_image_base_url, options.cache)


def photo_urls(source: Recommender, indices: Sequence[int]) -> dict[int, str]:
    """Addresses of real posters by item index; what is missing is drawn.

    A poster address of the data's own wins; TMDB is asked for the rest, all at once, so that one
    time budget covers the page.
    """
    catalog = source.catalog
    urls = {i: str(catalog.poster_url[i]) for i in indices if catalog.poster_url[i]}
    client = tmdb()
    if client is not None:
        found = client.poster_urls(
            [
                PosterRequest(i, int(catalog.tmdb_id[i]), str(catalog.imdb_id[i]))
                for i in dict.fromkeys(indices)
                if i not in urls
            ]
        )
        urls.update(found)
    return urls


@lru_cache(maxsize=4096)
def drawn_poster(title: str, year: int, genres: tuple[str, ...]) -> str:
    """Return the drawn poster as a data URI."""
    return svg_data_uri(svg_poster(title, year, genres))
