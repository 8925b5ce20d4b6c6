"""The file formats that can be read, each as a description; nothing here opens a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["id", "number", "time", "text"]
Scale = tuple[float, float]

KINDS: Mapping[str, Kind] = {
    "user_id": "id",
    "item_id": "id",
    "tag_id": "id",
    "rating": "number",
    "relevance": "number",
    "timestamp": "time",
}
"""What each of our columns holds; all others hold text."""

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "user_id": ("userid", "user"),
    "item_id": ("itemid", "movieid", "filmid", "id"),
    "tag_id": ("tagid",),
    "rating": ("rating", "score"),
    "relevance": ("relevance",),
    "timestamp": ("timestamp", "time", "ratedat"),
    "title": ("title", "movietitle", "name"),
    "genres": ("genres", "genre"),
    "year": ("year", "releaseyear", "releasedate"),
    "imdb_id": ("imdbid",),
    "tmdb_id": ("tmdbid",),
    "poster_url": ("posterurl", "poster", "imgurl", "imageurl", "posterpath"),
    "tag": ("tag",),
}
"""Headings taken for a column, best first, in lower case and without anything but letters."""

FLAG = "genre:"
"""Prefix of columns that hold 1 when the movie has the genre named after it."""

MAPPABLE = (
    *("user_id", "item_id", "rating", "timestamp", "title", "genres", "year"),
    *("imdb_id", "tmdb_id", "poster_url"),
)
"""Columns whose heading a person may name."""


@dataclass(frozen=True)
class TableFormat:
    """One file of a data set.

    Attributes
    ----------
    file : str
    required, optional : tuple of str
        Our names of the columns to read.
    separator : str
        Empty when it has to be found from the heading line.
    names : tuple of str or None
        Our names of all columns of a file without a heading line, "" for those not read.
    quoted : bool
        Whether ``"`` encloses fields.
    multiline : bool
        Whether enclosed fields may hold line ends.
    """

    file: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    separator: str = ""
    names: tuple[str, ...] | None = None
    quoted: bool = True
    multiline: bool = False

    @property
    def wanted(self) -> tuple[str, ...]:
        """All columns to read."""
        return self.required + self.optional

    def positions(self, headings: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
        """Find the wanted columns among a file's headings.

        Parameters
        ----------
        headings : sequence of str
        mapping : mapping of str to str
            Our name to the heading a person gave for it; wins over the usual headings.

        Returns
        -------
        dict of str to int
            Those found, as positions.
        """
        plain = [_plain(heading) for heading in headings]
        found: dict[str, int] = {}
        for name in self.wanted:
            given = mapping.get(name, "").strip()
            if given and given in headings:
                found[name] = headings.index(given)
                continue
            for heading in HEADINGS.get(name, ()):
                if heading in plain:
                    found[name] = plain.index(heading)
                    break
        return found


@dataclass(frozen=True)
class DatasetFormat:
    """The files of a data set, and what their numbers mean.

    Attributes
    ----------
    name : str
        Shown to people.
    ratings, items : TableFormat
        Required files.
    links, tags, genome_scores, genome_tags : TableFormat or None
        Read when they are there.
    scale : (float, float) or None
        None when it has to be found from the ratings.
    imdb_items : bool
        Whether item ids are IMDb numbers.
    """

    name: str
    ratings: TableFormat
    items: TableFormat
    links: TableFormat | None = None
    tags: TableFormat | None = None
    genome_scores: TableFormat | None = None
    genome_tags: TableFormat | None = None
    scale: Scale | None = None
    imdb_items: bool = False


def _plain(heading: str) -> str:
    return "".join(letter for letter in heading.casefold() if letter.isalnum())


_RATING = ("user_id", "item_id", "rating")
_RATING_TIME = (*_RATING, "timestamp")
_ITEM_EXTRAS = ("genres", "year", "imdb_id", "tmdb_id", "poster_url")
_GENRES_100K = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"),
    *("Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery"),
    *("Romance", "Sci-Fi", "Thriller", "War", "Western"),
)


def _bare(file: str, separator: str, *names: str) -> TableFormat:
    """Describe a file without headings and without quotes."""
    required = tuple(name for name in names if name)
    return TableFormat(file, required, separator=separator, names=names, quoted=False)


CSV = DatasetFormat(
    "MovieLens CSV",
    ratings=TableFormat("ratings.csv", _RATING, ("timestamp",)),
    items=TableFormat("movies.csv", ("item_id", "title"), _ITEM_EXTRAS, multiline=True),
    links=TableFormat("links.csv", ("item_id",), ("imdb_id", "tmdb_id")),
    tags=TableFormat("tags.csv", ("user_id", "item_id", "tag")),
    genome_scores=TableFormat("genome-scores.csv", ("item_id", "tag_id", "relevance")),
    genome_tags=TableFormat("genome-tags.csv", ("tag_id", "tag")),
)
"""MovieLens latest, 20M, 25M and 32M, and CSV folders of the same two files with other headings."""

ML_100K = DatasetFormat(
    "MovieLens 100K",
    ratings=_bare("u.data", "\t", *_RATING_TIME),
    items=_bare(
        *("u.item", "|", "item_id", "title", "year", "", ""),
        *(FLAG + genre for genre in _GENRES_100K),
    ),
    scale=(1, 5),
)

ML_1M = DatasetFormat(
    "MovieLens 1M",
    ratings=_bare("ratings.dat", "::", *_RATING_TIME),
    items=_bare("movies.dat", "::", "item_id", "title", "genres"),
    scale=(1, 5),
)

ML_10M = replace(
    ML_1M,
    name="MovieLens 10M",
    tags=_bare("tags.dat", "::", "user_id", "item_id", "tag", ""),
    scale=(0.5, 5),
)

MOVIETWEETINGS = replace(ML_1M, name="MovieTweetings", scale=(0, 10), imdb_items=True)

FORMATS = (CSV, ML_100K, ML_1M)
"""One format per pair of file names; the three kinds of ``.dat`` differ by content alone."""

KNOWN = "; ".join(
    (
        "MovieLens CSV (ratings.csv, movies.csv)",
        "MovieLens 100K (u.data, u.item)",
        "MovieLens 1M and 10M, MovieTweetings (ratings.dat, movies.dat)",
    )
)
"""The formats, in a sentence."""


def named_files(ratings: str, items: str) -> DatasetFormat:
    """Describe two CSV files of any name."""
    return DatasetFormat(
        "CSV files",
        ratings=replace(CSV.ratings, file=ratings),
        items=replace(CSV.items, file=items),
    )
