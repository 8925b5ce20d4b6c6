"""The bundled demo data: complete, plausible, and exactly what its generator makes."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recsys.data.demo import generate
from recsys.data.demo_films import Film, films
from recsys.data.demo_tastes import EXAMPLES, TASTES, matches

BUNDLED = Path(__file__).parents[2] / "data" / "demo"
FILES = ("README.md", "SIMULATED", "links.csv", "movies.csv", "ratings.csv", "tags.csv")
GENRES = {
    *("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama"),
    *("Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller"),
    *("War", "Western"),
}

Rows = list[dict[str, str]]


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def year_of(title: str) -> int:
    return int(title[-5:-1])


@pytest.fixture(scope="module")
def movies() -> Rows:
    return read(BUNDLED / "movies.csv")


@pytest.fixture(scope="module")
def ratings() -> Rows:
    return read(BUNDLED / "ratings.csv")


@pytest.fixture(scope="module")
def tags() -> Rows:
    return read(BUNDLED / "tags.csv")


@pytest.fixture(scope="module")
def catalogue() -> list[Film]:
    return films()


def film(title: str) -> Film:
    return Film(title, 1999, ("Drama",), "", "", "USA", ("space",), 3, "", "")


def test_bundled_files_are_what_the_generator_makes(tmp_path: Path) -> None:
    generate(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (BUNDLED / name).read_bytes(), name


def test_another_seed_makes_other_people_but_the_same_films(tmp_path: Path) -> None:
    generate(tmp_path, seed=7, n_users=120, n_ratings=8_000)
    assert (tmp_path / "movies.csv").read_bytes() == (BUNDLED / "movies.csv").read_bytes()
    ratings = read(tmp_path / "ratings.csv")
    assert len(ratings) == len({(row["userId"], row["movieId"]) for row in ratings}) == 8_000
    assert len({row["userId"] for row in ratings}) == 120
    assert ratings[:50] != read(BUNDLED / "ratings.csv")[:50]


@pytest.mark.parametrize(("n_users", "n_ratings"), [(800, 10_000), (120, 60_000), (5, 8_000)])
def test_impossible_sizes_are_refused_before_anything_is_written(
    tmp_path: Path, n_users: int, n_ratings: int
) -> None:
    folder = tmp_path / "new"
    with pytest.raises(ValueError, match="can't be shared"):
        generate(folder, n_users=n_users, n_ratings=n_ratings)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("The Matrix", "Matrix, The (1999)"),
        ("A Prophet", "Prophet, A (1999)"),
        ("Amelie (Le fabuleux destin)", "Amelie (Le fabuleux destin) (1999)"),
        ("Theatre of Blood", "Theatre of Blood (1999)"),
        ("(500) Days of Summer", "(500) Days of Summer (1999)"),
    ],
)
def test_titles_are_written_as_movielens_does(title: str, expected: str) -> None:
    assert film(title).catalogue_title == expected


def test_there_are_films_of_all_times_genres_and_many_countries(catalogue: list[Film]) -> None:
    assert len(catalogue) >= 500
    assert {f.year // 10 * 10 for f in catalogue} >= set(range(1920, 2021, 10))
    assert {genre for f in catalogue for genre in f.genres} == GENRES
    assert len({f.country for f in catalogue}) >= 12


def test_every_film_is_described(catalogue: list[Film]) -> None:
    for f in catalogue:
        assert f.director, f.title
        assert 3 <= len(f.keywords) <= 7, f.title
        assert len(set(f.keywords)) == len(f.keywords), f.title
        assert 1 <= f.popularity <= 5, f.title
    used = Counter(keyword for f in catalogue for keyword in f.keywords)
    assert min(used.values()) >= 2, "a keyword that only one film has makes nothing alike"


def test_tastes_are_about_films_that_are_listed(catalogue: list[Film]) -> None:
    tokens = {token for f in catalogue for token in f.tokens}
    for name, taste in TASTES.items():
        wanted = {t.removeprefix("-") for films_ in taste.films for t in films_.split("+")}
        assert wanted <= tokens, name
        assert sum(matches(f.tokens, taste.films) for f in catalogue) >= 10, name
    titles = {f.title for f in catalogue}
    for example in EXAMPLES.values():
        assert {example.taste, example.second} <= set(TASTES)
        assert set(example.favourites) <= titles


def test_no_film_and_no_id_is_listed_twice(catalogue: list[Film]) -> None:
    assert len({(f.title, f.year) for f in catalogue}) == len(catalogue)
    for ids in ([f.imdb_id for f in catalogue], [f.tmdb_id for f in catalogue]):
        known = [value for value in ids if value]
        assert len(known) > 500
        assert len(set(known)) == len(known)
    assert all(bool(f.imdb_id) == bool(f.tmdb_id) for f in catalogue)
    assert all(re.fullmatch(r"\d{7,8}|", f.imdb_id) for f in catalogue)


def test_ratings_are_on_the_scale_and_plausible(ratings: Rows) -> None:
    assert len(ratings) == 60_000
    assert len({(row["userId"], row["movieId"]) for row in ratings}) == 60_000
    stars = Counter(float(row["rating"]) for row in ratings)
    assert set(stars) == {half / 2 for half in range(1, 11)}
    assert 3.4 < sum(value * n for value, n in stars.items()) / 60_000 < 3.8
    whole = sum(n for value, n in stars.items() if value.is_integer())
    assert whole > 60_000 / 2, "people give whole stars more often than half stars"


def test_everyone_rates_enough_and_every_film_is_rated(movies: Rows, ratings: Rows) -> None:
    people = Counter(row["userId"] for row in ratings)
    assert set(people) == {str(user) for user in range(1, 801)}
    assert min(people.values()) >= 20
    assert max(people.values()) <= 400
    seen = Counter(row["movieId"] for row in ratings)
    assert set(seen) == {row["movieId"] for row in movies}
    assert min(seen.values()) >= 5


def test_nobody_rates_a_film_before_its_year(movies: Rows, ratings: Rows) -> None:
    released = {row["movieId"]: year_of(row["title"]) for row in movies}
    for row in ratings:
        year = datetime.fromtimestamp(int(row["timestamp"]), UTC).year
        assert max(2005, released[row["movieId"]]) <= year <= 2024, row


def test_tags_are_put_on_films_by_those_who_rated_them(
    catalogue: list[Film], ratings: Rows, tags: Rows
) -> None:
    assert 3_000 <= len(tags) <= 5_000
    rated = {(row["userId"], row["movieId"]) for row in ratings}
    assert all((row["userId"], row["movieId"]) in rated for row in tags)
    uses = Counter((int(row["movieId"]), row["tag"]) for row in tags)
    assert set(uses) == {(n, k) for n, f in enumerate(catalogue, 1) for k in f.keywords}
    assert max(uses.values()) <= 6


def test_the_folder_is_small_and_says_that_it_is_simulated() -> None:
    assert sum(path.stat().st_size for path in BUNDLED.iterdir()) < 3_000_000
    text = (BUNDLED / "README.md").read_text(encoding="utf-8")
    assert "simulated" in text
    assert "No real person" in text
    assert "python -m recsys.data.demo" in text


def test_a_devotee_is_easy_to_recognise(catalogue: list[Film], ratings: Rows) -> None:
    watched = [catalogue[int(row["movieId"]) - 1] for row in ratings if row["userId"] == "12"]
    assert sum("Sci-Fi" in f.genres for f in watched) > len(watched) / 2


def _words(title: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    return re.findall(r"[a-z0-9]+", plain)


@pytest.mark.real_data
def test_ids_are_those_of_movielens(catalogue: list[Film], real_data: Path) -> None:
    titles = {row["movieId"]: row["title"] for row in read(real_data / "movies.csv")}
    links = {
        (row["imdbId"], row["tmdbId"]): titles[row["movieId"]]
        for row in read(real_data / "links.csv")
    }
    spelled_out = {"12 Monkeys": "twelve", "8½": "8", "Un Chien Andalou": "chien"}
    for f in catalogue:
        if f.imdb_id:
            title = links[f.imdb_id, f.tmdb_id]
            name = re.sub(r"^(The|A|An) ", "", f.title)
            first = spelled_out.get(f.title, (_words(name) or [""])[0])
            together = "".join(_words(title))
            assert first in together, (f.title, title)
            found = re.search(r"\((\d{4})\)\s*$", title)
            assert found is None or abs(int(found[1]) - f.year) <= 1, (f.title, title)
