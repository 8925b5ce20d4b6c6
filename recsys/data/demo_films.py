"""The films of the demo data, as listed in ``demo_films.csv`` beside this module."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Film", "films"]

_FILMS = Path(__file__).with_name("demo_films.csv")
_ARTICLES = ("The ", "A ", "An ")


@dataclass(frozen=True)
class Film:
    """One line of ``demo_films.csv``.

    Attributes
    ----------
    title : str
        In natural word order.
    year : int
    genres, keywords : tuple of str
    director, franchise, country : str
        Empty when there is none.
    popularity : int
        From 1, seen by few, to 5.
    imdb_id, tmdb_id : str
        Empty when not verified.
    """

    title: str
    year: int
    genres: tuple[str, ...]
    director: str
    franchise: str
    country: str
    keywords: tuple[str, ...]
    popularity: int
    imdb_id: str
    tmdb_id: str

    @property
    def catalogue_title(self) -> str:
        """The title as MovieLens writes it, such as ``Matrix, The (1999)``."""
        name, bracket, rest = self.title.partition(" (")
        for article in _ARTICLES:
            if name.startswith(article):
                name = f"{name.removeprefix(article)}, {article.strip()}"
                break
        return f"{name}{bracket}{rest} ({self.year})"

    @property
    def tokens(self) -> dict[str, str]:
        """What describes the film, each token with its kind."""
        found = dict.fromkeys(self.keywords, "theme") | dict.fromkeys(self.genres, "genre")
        found |= {f"{self.year // 10 * 10}s": "decade", self.country: "land"}
        found |= dict.fromkeys(self.director.split("|"), "maker")
        return found | ({f"series {self.franchise}": "series"} if self.franchise else {})


def films() -> list[Film]:
    """Read the films.

    Returns
    -------
    list of Film
        In the order of their ids, which count from 1.
    """
    with _FILMS.open(encoding="utf-8", newline="") as file:
        return [
            Film(
                title=row["title"],
                year=int(row["year"]),
                genres=tuple(row["genres"].split("|")),
                director=row["director"],
                franchise=row["franchise"],
                country=row["country"],
                keywords=tuple(row["keywords"].split("|")),
                popularity=int(row["popularity"]),
                imdb_id=row["imdb_id"],
                tmdb_id=row["tmdb_id"],
            )
            for row in csv.DictReader(file)
        ]
