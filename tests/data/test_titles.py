"""Titles as text: years, word order and the form used for comparing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.titles import (
    alternative_names,
    display_title,
    fold,
    normalise,
    query_readings,
    split_year,
)


@pytest.mark.parametrize(
    ("raw", "title", "year"),
    [
        ("Matrix, The (1999)", "Matrix, The", 1999),
        ("Inception (2010) ", "Inception", 2010),
        (" Inception (2010)", "Inception", 2010),
        ("Cosmos (2001\u2013 )", "Cosmos", 2001),
        ("Cosmos (2001-)", "Cosmos", 2001),
        ("Death Note (2006-2007)", "Death Note", 2006),
        ("Death Note (2006\u20132007)", "Death Note", 2006),
        ("9 (2009)", "9", 2009),
        ("2012 (2009)", "2012", 2009),
        ("2001: A Space Odyssey (1968)", "2001: A Space Odyssey", 1968),
        ("(500) Days of Summer (2009)", "(500) Days of Summer", 2009),
        ("Seven (a.k.a. Se7en) (1995)", "Seven (a.k.a. Se7en)", 1995),
        ("Babylon 5", "Babylon 5", 0),
        ("1917", "1917", 0),
        ("(1999)", "(1999)", 0),
        ("Too Early (1869)", "Too Early (1869)", 0),
        ("First (1870)", "First", 1870),
        ("Last (2100)", "Last", 2100),
        ("Too Late (2101)", "Too Late (2101)", 0),
        ("", "", 0),
    ],
)
def test_split_year(raw: str, title: str, year: int) -> None:
    assert split_year(raw) == (title, year)


@pytest.mark.parametrize(
    ("raw", "natural"),
    [
        ("Matrix, The", "The Matrix"),
        ("Misérables, Les", "Les Misérables"),
        ("Avventura, L' (Adventure, The)", "L'Avventura (The Adventure)"),
        ("Boot, Das (Boat, The)", "Das Boot (The Boat)"),
        ("Vitelloni, I", "I Vitelloni"),
        (
            "Amelie (Fabuleux destin d'Amélie Poulain, Le)",
            "Amelie (Le Fabuleux destin d'Amélie Poulain)",
        ),
        (
            "Pom Poko (a.k.a. Raccoon War, The) (Heisei tanuki gassen pompoko)",
            "Pom Poko (a.k.a. The Raccoon War) (Heisei tanuki gassen pompoko)",
        ),
        ("Good, the Bad and the Ugly, The", "The Good, the Bad and the Ugly"),
        ("M, The", "The M"),
        ("I, Tonya", "I, Tonya"),
        ("Lock, Stock & Two Smoking Barrels", "Lock, Stock & Two Smoking Barrels"),
        ("Monsters, Inc.", "Monsters, Inc."),
        ("Play It Again, Sam", "Play It Again, Sam"),
        ("", ""),
    ],
)
def test_display_title(raw: str, natural: str) -> None:
    assert display_title(raw) == natural
    assert display_title(natural) == natural


@pytest.mark.parametrize(
    "article",
    ["Il", "Lo", "Gli", "Der", "Die", "Ein", "Eine", "El", "Los", "Las", "Un", "Una", "Une"],
)
def test_articles_of_many_languages_move_to_the_front(article: str) -> None:
    assert display_title(f"Casa, {article}") == f"{article} Casa"


@pytest.mark.parametrize(
    "article",
    ["A", "An", "O", "Os", "As", "De", "Het", "Een", "Den", "Det", "En", "Ett", "La", "Le"],
)
def test_more_articles_move_to_the_front(article: str) -> None:
    assert display_title(f"House (Casa, {article})") == f"House ({article} Casa)"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The Matrix", "matrix"),
        ("Matrix, The", "matrix"),
        ("matrix, the", "matrix"),
        ("  MATRIX  ", "matrix"),
        ("Misérables, Les", "miserables"),
        ("L'Avventura", "avventura"),
        ("L\u2019Avventura", "avventura"),
        ("The The", "the"),
        ("The", "the"),
        ("The II", "ii"),
        ("Die Hard", "die hard"),
        ("I, Tonya", "i tonya"),
        ("Fast & Furious", "fast and furious"),
        ("Schindler's List", "schindlers list"),
        ("S.W.A.T.", "swat"),
        ("WALL\u00b7E", "wall e"),
        ("20,000 Leagues Under the Sea", "20000 leagues under the sea"),
        ("9½ Weeks", "9 1 2 weeks"),
        ("Straße", "strasse"),
        ("Øl, Łódź, Œuvre, Æon, İstanbul", "ol lodz oeuvre aeon istanbul"),
        ("Seven (a.k.a. Se7en)", "seven se7en"),
        ("Rocky II", "rocky 2"),
        ("Rocky V", "rocky 5"),
        ("Star Wars: Episode I - The Phantom Menace", "star wars episode 1 the phantom menace"),
        ("V for Vendetta", "v for vendetta"),
        ("Me Myself I", "me myself i"),
        ("Брат 2", "брат 2"),
        ("七人の侍", "七人の侍"),
        ("المصير", "المصير"),
        ("???", "???"),
        ("\U0001f600", "\U0001f600"),
        ("\U0001f600 Movie", "movie"),
        ("   ", ""),
        ("", ""),
    ],
)
def test_normalise(text: str, normal: str) -> None:
    assert normalise(text) == normal


def test_roman_numerals_can_be_left_alone() -> None:
    assert fold("Batman v", numerals=False) == "batman v"
    assert fold("Batman v") == "batman 5"


def test_alternative_names() -> None:
    title = "Dream of Light (a.k.a. The Quince Tree Sun) (El Sol del membrillo)"
    assert [normalise(name) for name in alternative_names(title)] == [
        "dream of light the quince tree sun el sol del membrillo",
        "dream of light",
        "quince tree sun",
        "sol del membrillo",
    ]
    assert alternative_names("(500) Days of Summer") == ["(500) Days of Summer"]


@pytest.mark.parametrize(
    ("query", "readings"),
    [
        ("matrix 1999", [("matrix 1999", 0), ("matrix", 1999)]),
        ("Matrix, The (1999)", [("the matrix", 1999)]),
        ("1999 matrix", [("1999 matrix", 0), ("matrix", 1999)]),
        ("2001", [("2001", 0)]),
        ("rocky v", [("rocky 5", 0), ("rocky v", 0)]),
        (" ", []),
    ],
)
def test_query_readings(query: str, readings: list[tuple[str, int]]) -> None:
    assert set(readings) <= set(query_readings(query))
    assert bool(readings) == bool(query_readings(query))


@given(st.text(max_size=80))
def test_any_text_can_be_normalised(text: str) -> None:
    normal = normalise(text)
    assert normal == " ".join(normal.split())
    assert bool(normal) == bool(text.strip())
    title, year = split_year(text)
    assert year == 0 or 1870 <= year <= 2100
    assert display_title(title).strip() == display_title(title)


@given(st.text(alphabet="bcdfgh ,'-", min_size=1, max_size=30), st.integers(1870, 2100))
def test_a_year_put_on_comes_off_again(title: str, year: int) -> None:
    stripped = title.strip()
    expected = (stripped, year) if stripped else (f"({year})", 0)
    assert split_year(f"{title} ({year})") == expected
