"""Film cards: a poster, a link to what is similar, and why the film is here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from recsys.dashboard import resources
from recsys.dashboard.bootstrap import SIMILAR_PAGE
from recsys.dashboard.state import FILM, shared
from recsys.dashboard.text import as_html, as_markdown, plain, predicted_text, shorten
from recsys.data.profile import Profile
from recsys.serving.explanations import Reason, reasons, strongest
from recsys.serving.recommender import Recommender
from recsys.serving.results import Recommendations

CARDS_PER_ROW = 12
CARDS_PER_PAGE = 24


@dataclass(frozen=True)
class Shelf:
    """A titled list of films.

    Attributes
    ----------
    key : str
        Unique on the page.
    films : Recommendations
    title : str
        Text; empty for a list that needs no heading.
    profile : Profile or None
        Whose stars the reasons quote, and whose rating of each film is predicted.
    scroll : bool
        One row to scroll sideways rather than a grid.
    numbered : bool
        Show the rank.
    extra : callable, optional
        Draws more below a card, given its item id.
    place : DeltaGenerator, optional
        Container made earlier on the page, to draw into.
    """

    key: str
    films: Recommendations
    title: str = ""
    profile: Profile | None = None
    scroll: bool = False
    numbered: bool = False
    extra: Callable[[int], None] | None = None
    place: DeltaGenerator | None = None


def films(item_ids: NDArray[np.int64]) -> Recommendations:
    """Return a list of films nobody scored."""
    return Recommendations(item_ids, np.zeros(item_ids.size, np.float32), "")


def draw(source: Recommender, *shelves: Shelf) -> None:
    """Draw lists of films, one below the other."""
    indices = {shelf.key: source.items.index(shelf.films.item_ids).tolist() for shelf in shelves}
    photos = resources.photo_urls(source, [i for shelf in indices.values() for i in shelf])
    for shelf in shelves:
        with shelf.place or nullcontext():
            _shelf(source, shelf, indices[shelf.key], photos)


def _shelf(source: Recommender, shelf: Shelf, indices: list[int], photos: dict[int, str]) -> None:
    if shelf.title:
        st.subheader(as_markdown(shelf.title), anchor=False)
    if not len(shelf.films):
        st.info("No film passes these filters. Widen them to see some.")
        return
    guesses = _guesses(source, shelf)
    layout = "row" if shelf.scroll else "grid"
    with st.container(
        horizontal=True, wrap=not shelf.scroll, key=f"{layout}_{shelf.key}", gap="small"
    ):
        for rank, index in enumerate(indices):
            explained = shelf.films.contributions[rank] if shelf.films.contributions else ()
            _card(
                source,
                shelf,
                index,
                photos.get(index),
                reasons(explained, source.catalog, shelf.profile),
                guesses[rank],
                rank + 1 if shelf.numbered else None,
            )


def _card(
    source: Recommender,
    shelf: Shelf,
    index: int,
    photo: str | None,
    why: Sequence[Reason],
    guess: str,
    rank: int | None,
) -> None:
    catalog = source.catalog
    item_id = int(source.items.ids[index])
    title = plain(str(catalog.title[index])) or f"Movie {item_id}"
    with st.container(key=f"card_{shelf.key}_{item_id}", gap=None):
        st.html(poster_html(source, index, photo, rank))
        st.page_link(
            SIMILAR_PAGE,
            label=as_markdown(shorten(title)),
            query_params={**shared(), FILM: str(item_id)},
        )
        st.html(facts_html(source, index) + guess + _why_html(why))
        if shelf.extra:
            shelf.extra(item_id)


def poster_html(source: Recommender, index: int, photo: str | None, rank: int | None = None) -> str:
    """Layer a photo over the drawn poster.

    A photo that does not load has an empty alternative text, so the browser shows nothing of it
    and the drawn poster below stays.
    """
    catalog = source.catalog
    title = plain(str(catalog.title[index]))
    drawn = resources.drawn_poster(title, int(catalog.year[index]), catalog.genres(index))
    alt = escape(f"Poster of {shorten(catalog.label(index))}")
    layers = f'<img class="drawn" src="{drawn}" alt="{alt}" loading="lazy">'
    if photo and photo.startswith(("https://", "http://")):
        layers += f'<img class="photo" src="{escape(photo)}" alt="" loading="lazy">'
    if rank:
        layers += f'<span class="rank">{rank}</span>'
    return f'<div class="poster">{layers}</div>'


def facts_html(source: Recommender, index: int) -> str:
    """Year, mean rating, genres and links of a film."""
    catalog = source.catalog
    year, count = int(catalog.year[index]), int(catalog.rating_count[index])
    genres = ", ".join(catalog.genres(index)) or "No genres listed"
    rating = (
        f'<span class="stars">★ {catalog.rating_mean[index]:.1f}</span> '
        f'<span class="count">{count:,} rating{"" if count == 1 else "s"}</span>'
        if count
        else '<span class="count">No ratings yet</span>'
    )
    links = "".join(
        f'<a href="{escape(url)}" target="_blank" rel="noopener" '
        f'aria-label="{escape(plain(catalog.label(index)))} on {name}">{name}</a>'
        for name, url in outside_links(source, index).items()
    )
    return (
        f'<div class="facts"><p>{year or "Year unknown"} · {rating}</p>'
        f'<p class="genres">{as_html(genres)}</p><p class="links">{links}</p></div>'
    )


def _guesses(source: Recommender, shelf: Shelf) -> list[str]:
    """Say for each film of a list how it would be rated; nothing where nobody is asking."""
    if shelf.profile is None or not len(shelf.profile) or not source.predicts_ratings:
        return [""] * len(shelf.films)
    predicted = source.predict_rating(shelf.profile, shelf.films.item_ids)
    deviation = predicted.deviation
    if deviation is None:
        deviation = np.full(len(shelf.films), np.nan, dtype=np.float32)
    highest = source.manifest.dataset.scale[1]
    return [
        f'<p class="guess">{predicted_text(float(rating), float(spread), highest)}</p>'
        for rating, spread in zip(predicted.rating, deviation, strict=True)
    ]


def outside_links(source: Recommender, index: int) -> dict[str, str]:
    """Addresses of the film on TMDB and IMDb, where the ids are known."""
    catalog = source.catalog
    links = {}
    if catalog.tmdb_id[index]:
        links["TMDB"] = f"https://www.themoviedb.org/movie/{int(catalog.tmdb_id[index])}"
    if catalog.imdb_id[index]:
        links["IMDb"] = f"https://www.imdb.com/title/{catalog.imdb_id[index]}/"
    return links


def _why_html(why: Sequence[Reason]) -> str:
    """Two reasons at once, all of them on demand."""
    if not why:
        return ""
    lines = "".join(
        f"<li>{as_html(reason.text)} <b>{reason.value:+.2f}</b></li>" for reason in strongest(why)
    )
    shown = [*why[:12], *(why[-1:] if len(why) > 12 else ())]
    rest = "".join(
        f"<li>{as_html(reason.text)} <b>{reason.value:+.2f}</b></li>" for reason in shown
    )
    left = len(why) - len(shown)
    more = f"<li>{left} more that count less</li>" if left > 0 else ""
    total = sum(reason.value for reason in why)
    return (
        f'<ul class="why">{lines}</ul><details class="why"><summary>Why, in full</summary>'
        f"<ul>{rest}{more}<li>score <b>{total:.2f}</b></li></ul></details>"
    )
