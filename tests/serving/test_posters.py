import xml.etree.ElementTree as ET
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.serving.poster_art import MOTIFS
from recsys.serving.poster_colors import (
    PALETTES,
    READABLE,
    contrast,
    film_palette,
    ranked_genres,
    readable,
)
from recsys.serving.posters import _fit, _text_width, svg_data_uri, svg_poster

SVG = "{http://www.w3.org/2000/svg}"
GENRES = sorted(PALETTES)
any_text = st.text(st.characters(), max_size=500)  # lone surrogates and control characters, too
any_genres = st.lists(st.sampled_from(GENRES) | st.text(max_size=20), max_size=5)


def words(svg: str) -> str:
    return " ".join(text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text"))


@given(title=any_text, year=st.integers(), genres=any_genres)
def test_any_text_gives_a_well_formed_poster(title: str, year: int, genres: list[str]) -> None:
    svg = svg_poster(title, year, genres)
    root = ET.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 300 450"
    assert root.findtext(f"{SVG}title")
    assert len(svg.encode()) < 5000
    allowed = {"svg", "title", "defs", "linearGradient", "stop", "rect", "path", "circle"}
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= allowed | {
        "ellipse",
        "g",
        "text",
    }
    assert svg == svg_poster(title, year, genres)


@given(title=any_text)
def test_titles_stay_on_the_poster(title: str) -> None:
    size, lines = _fit(title, 1.0)
    assert len(lines) <= 5
    assert size >= 21
    assert all(_text_width(line, 1.0) * size <= 256 + size for line in lines)


@pytest.mark.parametrize(
    "title",
    [
        "<script>alert(1)</script>",
        "Q&A",
        '"It\'s" ]]> --> &lt;',
        "العربية",
        "😀 & 👨‍👩‍👧",
        "七人の侍",
    ],
)
def test_titles_are_text_not_markup(title: str) -> None:
    svg = svg_poster(title, 1999, ["Comedy"])
    assert ET.fromstring(svg).findtext(f"{SVG}title") == f"{title} (1999)"
    assert "<script" not in svg
    assert title.replace(" ", "") in words(svg).replace(" ", "")


def test_whole_title_is_shown_when_it_fits() -> None:
    title = "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb"
    assert title in words(svg_poster(title, 1964, ["Comedy"]))


def test_titles_too_long_end_in_an_ellipsis() -> None:
    assert "…" in words(svg_poster("word " * 100, 2000, []))
    assert "…" in words(svg_poster("x" * 500, 2000, []))


def test_year_is_left_out_when_unknown() -> None:
    assert "1979" in words(svg_poster("Alien", 1979, ["Horror"]))
    unknown = svg_poster("Alien", 0, ["Horror"])
    assert ET.fromstring(unknown).findtext(f"{SVG}title") == "Alien"
    assert words(unknown).split() == ["ALIEN", "HORROR"]


@pytest.mark.parametrize("title", ["", "   ", "\x00\x1b", "\ud800"])
def test_a_poster_without_a_title_says_so(title: str) -> None:
    assert "Untitled" in words(svg_poster(title, 0, []))


def test_direction_overrides_are_dropped() -> None:
    assert "\u202e" not in svg_poster("abc\u202edef", 2000, [])


@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_is_drawn_in_its_own_way(genre: str) -> None:
    assert MOTIFS.keys() == PALETTES.keys()
    posters = {svg_poster(f"Film {n}", 2000, [genre]) for n in range(40)}
    assert len(posters) == 40
    assert all(len(svg.encode()) < 4096 for svg in posters)
    assert all(ET.fromstring(svg) is not None for svg in posters)
    others = [palette for name, palette in PALETTES.items() if name != genre]
    assert all((p.sky, p.main) != (PALETTES[genre].sky, PALETTES[genre].main) for p in others)


@pytest.mark.parametrize("genre", GENRES)
def test_text_can_be_read(genre: str) -> None:
    assert contrast(PALETTES[genre].text, PALETTES[genre].ink) >= 7
    for second in GENRES:
        for turn in (0, 0.5, 1):
            palette = film_palette([genre, second], turn)
            assert contrast(palette.text, palette.ink) >= READABLE
            assert contrast(readable(palette.accent, palette), palette.ink) >= READABLE


def test_the_most_telling_genre_comes_first() -> None:
    assert ranked_genres(["Drama", "Adventure", "Western"]) == ["Western", "Adventure", "Drama"]
    assert ranked_genres(["Children's", "comedy"]) == ["Children", "Comedy"]
    assert ranked_genres([]) == ranked_genres(["(no genres listed)"]) == ["unknown"]


def test_order_of_genres_does_not_matter() -> None:
    genres = ["Action", "Sci-Fi", "Thriller"]
    assert svg_poster("T", 1984, genres) == svg_poster("T", 1984, genres[::-1])


@pytest.mark.parametrize("genre", GENRES)
def test_no_brand_is_named(genre: str) -> None:
    svg = svg_poster("Film", 2000, [genre]).lower()
    assert not any(brand in svg for brand in ("imax", "tmdb", "imdb", "movielens", "netflix"))


def test_data_uri_holds_the_poster() -> None:
    svg = svg_poster("七人の侍 \"&'", 1954, ["Action"])
    prefix, _, content = svg_data_uri(svg).partition(",")
    assert prefix == "data:image/svg+xml;base64"
    assert b64decode(content).decode() == svg
