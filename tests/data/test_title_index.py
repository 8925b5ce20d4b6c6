"""Searching a catalogue for what people type."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.title_index import MAX_QUERY_LENGTH, TitleIndex
from recsys.data.titles import display_title, normalise, split_year

# A title as the catalogue writes it, and its number of ratings.
FILMS = [
    ("Matrix, The (1999)", 900),
    ("Matrix Reloaded, The (2003)", 300),
    ("Matrix, The (2031)", 1),
    ("Star Wars: Episode IV - A New Hope (1977)", 950),
    ("Star Wars: Episode V - The Empire Strikes Back (1980)", 800),
    ("Terminator, The (1984)", 500),
    ("Terminator 2: Judgment Day (1991)", 700),
    ("Terminator 3: Rise of the Machines (2003)", 100),
    ("Rocky (1976)", 250),
    ("Rocky II (1979)", 90),
    ("Rocky III (1982)", 80),
    ("Rocky V (1990)", 30),
    ("Interstellar (2014)", 600),
    ("Interstate 60 (2002)", 20),
    ("Godfather, The (1972)", 990),
    ("Godfather: Part II, The (1974)", 650),
    ("Godzilla (1998)", 90),
    ("Seven (a.k.a. Se7en) (1995)", 700),
    ("Seven Samurai (Shichinin no samurai) (1954)", 200),
    ("Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)", 400),
    ("Misérables, Les (1998)", 40),
    ("Misérables, Les (2012)", 60),
    ("Up (2009)", 500),
    ("Up in the Air (2009)", 150),
    ("M (1931)", 120),
    ("It (2017)", 100),
    ("X-Men (2000)", 400),
    ("Malcolm X (1992)", 50),
    ("2001: A Space Odyssey (1968)", 450),
    ("1917 (2019)", 80),
    ("2012 (2009)", 70),
    ("Death Race 2000 (1975)", 10),
    ("Death Race (2008)", 60),
    ("Blade Runner (1982)", 500),
    ("Fast & Furious (2009)", 60),
    ("Batman v Superman: Dawn of Justice (2016)", 60),
    ("Batman (1989)", 600),
    ("Jaws (1975)", 350),
    ("WALL\u00b7E (2008)", 400),
    ("???? (2010)", 1),
    ("Брат (1997)", 15),
    ("七人の侍 (1954)", 3),
    ("I, Tonya (2017)", 30),
]


def _index(films: list[tuple[str, int]]) -> TitleIndex:
    parts = [split_year(raw) for raw, _ in films]
    return TitleIndex.build(
        [display_title(title) for title, _ in parts],
        np.array([year for _, year in parts], dtype=np.int16),
        np.array([count for _, count in films], dtype=np.int32),
    )


INDEX = _index(FILMS)


def _found(query: str, k: int = 10) -> list[str]:
    items, scores = INDEX.search(query, k)
    assert items.dtype == np.int32
    assert scores.dtype == np.float32
    assert (np.diff(scores) <= 0).all()
    return [FILMS[item][0] for item in items]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        # articles, case, accents, signs
        ("the matrix", "Matrix, The (1999)"),
        ("Matrix, The", "Matrix, The (1999)"),
        ("MATRIX", "Matrix, The (1999)"),
        ("a matrix", "Matrix, The (1999)"),
        ("les misérables", "Misérables, Les (2012)"),
        ("miserables", "Misérables, Les (2012)"),
        ("fast and furious", "Fast & Furious (2009)"),
        ("fast & furious", "Fast & Furious (2009)"),
        ("i tonya", "I, Tonya (2017)"),
        ("walle", "WALL\u00b7E (2008)"),
        # years
        ("matrix 1999", "Matrix, The (1999)"),
        ("matrix 2031", "Matrix, The (2031)"),
        ("Matrix, The (2031)", "Matrix, The (2031)"),
        ("les miserables 1998", "Misérables, Les (1998)"),
        ("1998 les miserables", "Misérables, Les (1998)"),
        ("2001", "2001: A Space Odyssey (1968)"),
        ("2001 a space odyssey 1968", "2001: A Space Odyssey (1968)"),
        ("1917", "1917 (2019)"),
        ("2012", "2012 (2009)"),
        ("death race 2000", "Death Race 2000 (1975)"),
        ("death race 2008", "Death Race (2008)"),
        # typos
        ("teh matrx", "Matrix, The (1999)"),
        ("matirx", "Matrix, The (1999)"),
        ("mattrix", "Matrix, The (1999)"),
        ("jwas", "Jaws (1975)"),
        ("interstelar", "Interstellar (2014)"),
        ("the godfahter", "Godfather, The (1972)"),
        ("starwars", "Star Wars: Episode IV - A New Hope (1977)"),
        ("bladerunner", "Blade Runner (1982)"),
        ("inter stellar", "Interstellar (2014)"),
        # typing
        ("inters", "Interstellar (2014)"),
        ("god", "Godfather, The (1972)"),
        ("the god", "Godfather, The (1972)"),
        ("star", "Star Wars: Episode IV - A New Hope (1977)"),
        ("batman v", "Batman v Superman: Dawn of Justice (2016)"),
        ("empire str", "Star Wars: Episode V - The Empire Strikes Back (1980)"),
        # other names and parts of names
        ("se7en", "Seven (a.k.a. Se7en) (1995)"),
        ("seven", "Seven (a.k.a. Se7en) (1995)"),
        ("Seven (a.k.a. Se7en) (1995)", "Seven (a.k.a. Se7en) (1995)"),
        ("fabuleux destin", "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)"),
        ("shichinin no samurai", "Seven Samurai (Shichinin no samurai) (1954)"),
        ("space odyssey", "2001: A Space Odyssey (1968)"),
        # sequels
        ("terminator 2", "Terminator 2: Judgment Day (1991)"),
        ("terminator", "Terminator, The (1984)"),
        ("termnator 3", "Terminator 3: Rise of the Machines (2003)"),
        ("rocky 2", "Rocky II (1979)"),
        ("Rocky II", "Rocky II (1979)"),
        ("rocky 5", "Rocky V (1990)"),
        ("rocky iii", "Rocky III (1982)"),
        ("the godfater 2", "Godfather: Part II, The (1974)"),
        ("star wars episode 5", "Star Wars: Episode V - The Empire Strikes Back (1980)"),
        # one or two characters
        ("up", "Up (2009)"),
        ("m", "M (1931)"),
        ("it", "It (2017)"),
        ("x", "X-Men (2000)"),
        # other scripts, and none
        ("брат", "Брат (1997)"),
        ("七人", "七人の侍 (1954)"),
        ("????", "???? (2010)"),
    ],
)
def test_first_result(query: str, first: str) -> None:
    assert _found(query)[0] == first


@pytest.mark.parametrize("query", ["", "   ", "qqqqzzzzxxxx", "\U0001f600", "xylophone quasar"])
def test_nothing_is_found(query: str) -> None:
    items, scores = INDEX.search(query)
    assert items.shape == scores.shape == (0,)
    assert items.dtype == np.int32
    assert scores.dtype == np.float32


def test_k_limits_the_results() -> None:
    assert len(_found("rocky", 3)) == 3
    assert _found("rocky", 3) == _found("rocky", 10)[:3]
    assert _found("rocky", 0) == []


def test_each_film_is_found_once() -> None:
    assert _found("seven").count("Seven (a.k.a. Se7en) (1995)") == 1


def test_equal_names_rank_by_popularity_then_position() -> None:
    index = _index([("Heat (1986)", 5), ("Heat (1995)", 90), ("Heat (1972)", 5)])
    assert index.search("heat")[0].tolist() == [1, 0, 2]


def test_long_queries_are_cut() -> None:
    text = "the matrix " * 100
    items, scores = INDEX.search(text)
    cut_items, cut_scores = INDEX.search(text[:MAX_QUERY_LENGTH])
    assert items.tolist() == cut_items.tolist()
    assert scores.tolist() == cut_scores.tolist()


def test_an_empty_catalogue_has_nothing() -> None:
    index = TitleIndex.build([], np.empty(0, dtype=np.int16), np.empty(0, dtype=np.int32))
    assert index.search("matrix")[0].tolist() == []


def test_a_blank_title_does_no_harm() -> None:
    index = _index([("", 5), ("Heat", 0), ("\ud800", 1)])
    assert index.search("heat")[0].tolist() == [1]


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="length"):
        TitleIndex.build(["Up"], np.empty(0, dtype=np.int16), np.empty(0, dtype=np.int32))


def test_saved_arrays_give_the_same_results(tmp_path: Path) -> None:
    for name, array in INDEX.arrays().items():
        np.save(tmp_path / f"{name}.npy", array)
    mapped: dict[str, Any] = {
        path.stem: np.load(path, mmap_mode="r") for path in tmp_path.glob("*.npy")
    }
    again = TitleIndex.from_arrays(mapped)
    for query in ["matrix", "teh matrx", "god", "x", "les miserables 1998", "zzzzqqqq"]:
        items, scores = INDEX.search(query)
        mapped_items, mapped_scores = again.search(query)
        assert items.tolist() == mapped_items.tolist()
        assert scores.tolist() == mapped_scores.tolist()


def test_a_missing_array_is_an_error() -> None:
    arrays = INDEX.arrays()
    del arrays["gram_keys"]
    with pytest.raises(KeyError):
        TitleIndex.from_arrays(arrays)


@given(st.text(max_size=400) | st.text(alphabet="the matrix()019,'.iv", max_size=60))
@settings(deadline=None)
def test_search_never_raises(query: str) -> None:
    items, scores = INDEX.search(query)
    assert len(items) == len(scores) <= 10
    assert np.isfinite(scores).all()


_WORDS = st.sampled_from(
    ["alien", "red", "2", "ii", "v", "x", "war", "d'amour", "été", "&", "1984", "part", "up", "侍"]
)
_TITLES = st.builds(
    lambda words, article: " ".join(words) + article,
    st.lists(_WORDS, min_size=1, max_size=4),
    st.sampled_from(["", "", ", The", ", Les"]),
)


@given(
    st.lists(
        st.tuples(_TITLES, st.integers(0, 2030), st.integers(0, 10_000)),
        min_size=1,
        max_size=20,
        unique_by=lambda film: normalise(film[0]),
    )
)
@settings(deadline=None)
def test_a_unique_name_finds_itself_first(films: list[tuple[str, int, int]]) -> None:
    titles = [display_title(title) for title, _, _ in films]
    index = TitleIndex.build(
        titles,
        np.array([year for _, year, _ in films], dtype=np.int16),
        np.array([count for _, _, count in films], dtype=np.int32),
    )
    again = TitleIndex.from_arrays(index.arrays())
    for item, title in enumerate(titles):
        for query in (title, normalise(title)):
            items, scores = index.search(query)
            assert items[0] == item
            assert scores[0] >= 100
            assert again.search(query)[0].tolist() == items.tolist()


@pytest.mark.real_data
def test_typos_on_real_titles(real_data: Path) -> None:
    with (real_data / "ratings.csv").open(encoding="utf-8", newline="") as file:
        counts = Counter(row["movieId"] for row in csv.DictReader(file))
    with (real_data / "movies.csv").open(encoding="utf-8", newline="") as file:
        films = [(row["title"], counts[row["movieId"]]) for row in csv.DictReader(file)]
    with Path(__file__).with_name("title_queries.csv").open(encoding="utf-8", newline="") as file:
        queries = list(csv.DictReader(file))
    assert len(queries) == 30

    index = _index(films)
    first = {row["query"]: index.search(row["query"], 1)[0].tolist() for row in queries}
    wanted = {row["query"]: f"{row['title']} ({row['year']})" for row in queries}
    missed = [
        query for query, items in first.items() if [films[i][0] for i in items] != [wanted[query]]
    ]
    assert len(missed) <= 3, missed
