"""Made-up ratings, films and tags in the files of MovieLens 25M."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow.csv import CSVWriter, WriteOptions

from benchmarks.people import GENRES, Films, People, seconds
from benchmarks.shapes import Shape
from recsys.data.readers import SIMULATED

_BLOCK = 1_000_000
_STARS = pa.array([f"{half / 2:.1f}" for half in range(1, 11)])
_DEMO = Path(__file__).parents[1] / "data" / "demo"


def _write(path: Path, blocks: Iterator[Mapping[str, Any]]) -> None:
    """Write columns, some rows at a time, without quotes."""
    tables = (pa.table(dict(block)) for block in blocks)
    first = next(tables)
    options = WriteOptions(include_header=False, quoting_style="none")
    with path.open("wb") as file:
        file.write((",".join(first.column_names) + "\n").encode())
        with CSVWriter(file, first.schema, write_options=options) as writer:
            writer.write_table(first)
            for table in tables:
                writer.write_table(table)


def write_ratings(
    folder: Path,
    films: Films,
    user_index: NDArray[np.int32],
    item_index: NDArray[np.int32],
    code: NDArray[np.uint8],
    timestamp: NDArray[np.int64],
) -> None:
    """Write ``ratings.csv``, and the mark of ratings no person gave."""

    def blocks() -> Iterator[dict[str, Any]]:
        for start in range(0, code.size, _BLOCK):
            rows = slice(start, start + _BLOCK)
            yield {
                "userId": user_index[rows] + 1,
                "movieId": films.item_id[item_index[rows]],
                "rating": _STARS.take(pa.array(code[rows])),
                "timestamp": timestamp[rows],
            }

    _write(folder / "ratings.csv", blocks())
    (folder / SIMULATED).write_text("The ratings and tags in this folder are made up.\n")


def _words() -> list[str]:
    """Words of real titles, to make others of."""
    with (_DEMO / "movies.csv").open(encoding="utf-8", newline="") as file:
        titles = [row["title"].rpartition(" (")[0] for row in csv.DictReader(file)]
    return [word for title in titles for word in title.replace(",", "").split()]


def write_films(rng: np.random.Generator, shape: Shape, films: Films, folder: Path) -> None:
    """Write ``movies.csv`` and ``links.csv``: the rated films, and others that nobody rated."""
    words = _words()
    unused = np.setdiff1d(np.arange(1, shape.largest_item_id + 1), films.item_id)
    more = rng.choice(unused, shape.n_listed - shape.n_items, replace=False)
    ids = np.concatenate([films.item_id, more])
    years = np.concatenate([films.year, rng.choice(films.year, more.size)])
    genres = np.concatenate([films.genres, films.genres[rng.integers(0, shape.n_items, more.size)]])
    n_words = rng.choice([1, 2, 3, 4, 5], ids.size, p=[0.2, 0.3, 0.25, 0.15, 0.1])
    drawn = rng.integers(0, len(words), int(n_words.sum()))
    ends = np.cumsum(n_words)
    with (
        (folder / "movies.csv").open("w", encoding="utf-8", newline="") as movies,
        (folder / "links.csv").open("w", encoding="utf-8", newline="") as links,
    ):
        movie_rows = csv.writer(movies, lineterminator="\n")
        link_rows = csv.writer(links, lineterminator="\n")
        movie_rows.writerow(("movieId", "title", "genres"))
        link_rows.writerow(("movieId", "imdbId", "tmdbId"))
        for i in np.argsort(ids):
            title = " ".join(words[w] for w in drawn[ends[i] - n_words[i] : ends[i]])
            kinds = "|".join(GENRES[g] for g in np.flatnonzero(genres[i]))
            movie_rows.writerow((ids[i], f"{title} ({years[i]})", kinds))
            link_rows.writerow((ids[i], f"{ids[i] * 37 % 9_999_999:07d}", ids[i] * 3))


def _names(n: int) -> pa.Array:
    """So many different tags: words, then pairs of words."""
    words = sorted({word.casefold() for word in _words() if word.isalnum()})
    pairs = (f"{a} {b}" for shift in range(1, len(words)) for a, b in _shifted(words, shift))
    found = words[:n]
    while len(found) < n:
        found.append(next(pairs))
    return pa.array(found)


def _shifted(words: list[str], shift: int) -> Iterator[tuple[str, str]]:
    yield from zip(words, words[shift:] + words[:shift], strict=True)


def write_tags(
    rng: np.random.Generator,
    shape: Shape,
    people: People,
    films: Films,
    count: NDArray[np.int64],
    folder: Path,
) -> None:
    """Write ``tags.csv``: a few people give most tags, and films alike in traits share them."""
    n = shape.n_tags
    n_names = max(20, n // 15)
    names = _names(n_names)
    taggers = rng.choice(shape.n_users, max(1, shape.n_users // 11), replace=False)
    zeal = np.cumsum(rng.lognormal(0, 2, taggers.size))
    user = np.sort(taggers[np.searchsorted(zeal, rng.random(n) * zeal[-1])])
    reach = np.cumsum(count)
    item = np.searchsorted(reach, rng.random(n) * reach[-1], side="right")
    kind = np.argmax(np.abs(films.traits), axis=1)
    rank = np.exp(rng.random(n) * np.log(n_names)).astype(np.int64) - 1  # Zipf's law
    own = rng.random(n) < 0.6
    tag = np.where(own, (rank + kind[item] * 1_009) % n_names, rank)
    order = np.lexsort((item, user))
    user, item, tag = user[order], item[order], tag[order]
    opened = np.maximum(people.start[user], seconds(films.year)[item])
    end = np.maximum(people.end[user], opened)
    block = {
        "userId": user + 1,
        "movieId": films.item_id[item],
        "tag": names.take(pa.array(tag)),
        "timestamp": opened + (rng.random(n) * (end - opened)).astype(np.int64),
    }
    _write(folder / "tags.csv", iter([block]))


def write_genome(
    rng: np.random.Generator,
    shape: Shape,
    films: Films,
    count: NDArray[np.int64],
    folder: Path,
) -> None:
    """Write ``genome-tags.csv`` and ``genome-scores.csv``: every tag of the best-known films."""
    names = _names(shape.n_genome_tags)
    tag_id = np.arange(1, shape.n_genome_tags + 1)
    _write(folder / "genome-tags.csv", iter([{"tagId": tag_id, "tag": names}]))
    chosen = np.sort(np.argsort(-count, kind="stable")[: shape.n_genome_items])
    meaning = rng.normal(0, 1, (films.traits.shape[1], shape.n_genome_tags)).astype(np.float32)
    meaning *= rng.random(meaning.shape) < 0.2
    meaning /= np.linalg.norm(meaning, axis=0).clip(1e-6)

    usual = rng.normal(-2.6, 0.8, shape.n_genome_tags)

    def blocks() -> Iterator[dict[str, Any]]:
        for start in range(0, chosen.size, 500):
            some = chosen[start : start + 500]
            logit = 1.25 * films.traits[some] @ meaning + usual
            relevance = np.rint(4_000 / (1 + np.exp(-logit))).ravel() * 0.00025
            yield {
                "movieId": np.repeat(films.item_id[some], shape.n_genome_tags),
                "tagId": np.tile(tag_id, some.size),
                "relevance": relevance,
            }

    _write(folder / "genome-scores.csv", blocks())
