"""Rows of movie files to a catalogue: titles, years, genres and the ids of other sites."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recsys.data.catalog import Catalog, genre_table
from recsys.data.cells import is_missing, whole_number
from recsys.data.formats import FLAG
from recsys.data.ids import IdMap
from recsys.data.report import ReadReport
from recsys.data.tables import Columns
from recsys.data.titles import display_title, split_year
from recsys.errors import DataError

_NO_GENRE = frozenset({"", "(no genres listed)", "n/a", "unknown", "none", "nan"})
_RENAMED = {"Children's": "Children"}
_MAX_GENRES = 1000
_YEAR = re.compile(r"(?<!\d)(?:18[7-9]|19\d|20\d)\d(?!\d)", re.ASCII)
_IMDB = re.compile(r"(?:tt)?(\d{1,12})(?:\.0*)?", re.ASCII)


def build_catalog(
    items: Columns,
    links: Columns,
    rated: NDArray[np.int64],
    report: ReadReport,
    *,
    imdb_items: bool = False,
) -> Catalog:
    """Build the catalogue of all described and all rated movies.

    The first row of an id counts. Movies that were rated but not described are named "Movie 123".

    Parameters
    ----------
    items, links : dict of str to array
        Columns of the movie file and of the file of other sites' ids.
    rated : int64[n]
        Distinct ids of rated movies.
    report : ReadReport
        Counts of duplicates, placeholders and unreadable links are set.
    imdb_items : bool
        Whether item ids are IMDb numbers.

    Raises
    ------
    DataError
        If the genres are no genres.
    """
    described, first = np.unique(items["item_id"], return_index=True)
    ids = np.union1d(described, rated)
    rows = np.full(ids.size, -1, dtype=np.int64)
    rows[np.searchsorted(ids, described)] = first
    report.duplicate_items = int(items["item_id"].size - described.size)
    report.placeholders = int((rows < 0).sum())

    def column(name: str) -> list[str]:
        if name not in items:
            return [""] * ids.size
        values = items[name]
        return [values[row] if row >= 0 else "" for row in rows]

    titles, years = [], []
    for item_id, raw, other in zip(ids, column("title"), column("year"), strict=True):
        title, year = _title(raw)
        found = _YEAR.search(other) if not year else None
        titles.append(title or f"Movie {item_id}")
        years.append(int(found[0]) if found else year)

    names, matrix = _genre_matrix([_genre_list(text) for text in column("genres")])
    flags = [name for name in items if name.startswith(FLAG)]
    if flags:
        columns = [column(name) for name in flags]
        names, matrix = genre_table(
            [
                _known(flags[j].removeprefix(FLAG) for j, cell in enumerate(row) if cell == "1")
                for row in zip(*columns, strict=True)
            ]
        )

    imdb = [_imdb(text) or "" for text in column("imdb_id")]
    if imdb_items:
        imdb = [_imdb(str(item_id)) or "" for item_id in ids]
    tmdb = [whole_number(text) or 0 for text in column("tmdb_id")]
    positions = {int(item_id): i for i, item_id in enumerate(ids)}
    for item_id, imdb_id, tmdb_id in _links(links, report):
        i = positions.get(item_id, -1)
        if i >= 0:
            imdb[i] = imdb[i] or imdb_id
            tmdb[i] = tmdb[i] or tmdb_id

    return Catalog(
        items=IdMap(ids, "item"),
        title=np.array(titles, dtype=np.object_),
        year=np.array(years, dtype=np.int16),
        genre_names=names,
        genre_matrix=matrix,
        imdb_id=np.array(imdb, dtype=np.object_),
        tmdb_id=np.array(tmdb, dtype=np.int64),
        poster_url=np.array([_url(text) for text in column("poster_url")], dtype=np.object_),
        rating_count=np.zeros(ids.size, dtype=np.int32),
        rating_mean=np.full(ids.size, np.nan, dtype=np.float32),
    )


def _title(raw: str) -> tuple[str, int]:
    """Split a raw title; control characters and line ends become spaces."""
    text = "".join(letter if letter.isprintable() else " " for letter in raw)
    title, year = split_year(" ".join(text.split()))
    return display_title(title), year


def _known(names: Iterator[str]) -> list[str]:
    return [_RENAMED.get(name, name) for name in names if name.casefold() not in _NO_GENRE]


def _genre_list(text: str) -> list[str]:
    separator = "|" if "|" in text else ","
    return _known(name.strip(" []'\"\t") for name in text.split(separator))


def _genre_matrix(genres: list[list[str]]) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    distinct = len({name for row in genres for name in row})
    if distinct > _MAX_GENRES:
        raise DataError(
            f"The genres column holds {distinct:,} different names, so it does not hold genres; "
            "name the right one with --columns genres=HEADING."
        )
    return genre_table(genres)


def _imdb(text: str) -> str | None:
    """Return an IMDb id, "" for none, None for something else."""
    text = text.strip()
    if is_missing(text):
        return ""
    match = _IMDB.fullmatch(text)
    return f"tt{int(match[1]):07d}" if match and int(match[1]) else None


def _links(links: Columns, report: ReadReport) -> Iterator[tuple[int, str, int]]:
    blank = [""] * (links["item_id"].size if links else 0)
    rows = zip(
        links.get("item_id", blank),
        links.get("imdb_id", blank),
        links.get("tmdb_id", blank),
        strict=True,
    )
    for item_id, imdb_text, tmdb_text in rows:
        imdb_id = _imdb(imdb_text)
        tmdb_id = 0 if is_missing(tmdb_text) else whole_number(tmdb_text)
        if imdb_id is None or tmdb_id is None:
            report.ignored_links += 1
        else:
            yield int(item_id), imdb_id, tmdb_id


def _url(text: str) -> str:
    web = text.lower().startswith(("http://", "https://"))
    return text if web and text.isprintable() and " " not in text else ""
