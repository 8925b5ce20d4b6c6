"""Demo data in MovieLens form: real films, and simulated people who rate and tag them.

The films are read from ``demo_films.csv`` beside this module. The people are made up: each has
a taste (a kind of film, a few favourite films, likings for makers, series, times and themes),
which decides both what they watch and how they rate it.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from recsys.data.demo_films import Film, films
from recsys.data.demo_people import FILM_MIN, USER_MAX, USER_MIN, Ints, date, meet, rate, watch
from recsys.data.demo_tastes import EXAMPLES

__all__ = ["generate"]

_FOLDER = Path(__file__).parents[2] / "data" / "demo"

_README = """# Demo data

{films} real films with simulated ratings and tags, in the csv form of MovieLens.

- **Ratings and tags are simulated** by `recsys/data/demo.py`. No real person made them, and
  none is described by them.
- **Film titles, years and ids are facts.** IMDb and TMDB ids were looked up by title and year
  in `links.csv` of MovieLens (GroupLens, University of Minnesota); an id that could not be
  found there is left blank.
- Genres and keywords were written for this data set, in `recsys/data/demo_films.csv`.

To make the files again, byte for byte:

    python -m recsys.data.demo

`--seed N` makes other people, `--output DIR` writes elsewhere.
"""


def generate(folder: Path, *, seed: int = 42, n_users: int = 800, n_ratings: int = 60_000) -> None:
    """Write the demo data set.

    Parameters
    ----------
    folder : Path
        Made if missing. Files of the same names are replaced.
    seed : int
        The same seed gives the same bytes.
    n_users, n_ratings : int
        How many people, and how many ratings altogether.

    Raises
    ------
    ValueError
        If so many ratings can't be shared out with 20 to 400 for each person and at least 5
        for each film.
    """
    catalogue = films()
    fewest = max(USER_MIN * n_users, 2 * FILM_MIN * len(catalogue))
    most = n_users * min(USER_MAX, len(catalogue)) // 2
    if n_users < max(EXAMPLES) or not fewest <= n_ratings <= most:
        raise ValueError(
            f"{n_ratings} ratings can't be shared among {n_users} people: "
            f"ask for {fewest} to {most} ratings, and {max(EXAMPLES)} people or more."
        )
    rng = np.random.default_rng(seed)
    people = meet(rng, catalogue, n_users, n_ratings)
    seen = watch(rng, catalogue, people)
    users, items = np.nonzero(seen)
    stars = rate(rng, catalogue, people.taste, seen)
    times = date(rng, catalogue, people, users, items)
    order = np.lexsort((items, times, users))
    ratings = (
        (users[i] + 1, items[i] + 1, f"{stars[users[i], items[i]]:.1f}", times[i]) for i in order
    )
    numbered = list(enumerate(catalogue, start=1))

    folder.mkdir(parents=True, exist_ok=True)
    _write_csv(
        folder / "movies.csv",
        ("movieId", "title", "genres"),
        ((n, film.catalogue_title, "|".join(film.genres)) for n, film in numbered),
    )
    _write_csv(
        folder / "links.csv",
        ("movieId", "imdbId", "tmdbId"),
        ((n, film.imdb_id, film.tmdb_id) for n, film in numbered),
    )
    _write_csv(folder / "ratings.csv", ("userId", "movieId", "rating", "timestamp"), ratings)
    tags = _tags(rng, catalogue, users, items, times)
    _write_csv(folder / "tags.csv", ("userId", "movieId", "tag", "timestamp"), tags)
    # Readers look for this file to label the ratings wherever they are shown.
    _write(folder / "SIMULATED", "The ratings and tags in this folder are simulated.\n")
    _write(folder / "README.md", _README.format(films=len(catalogue)))


def _tags(
    rng: np.random.Generator,
    catalogue: Sequence[Film],
    users: Ints,
    items: Ints,
    times: Ints,
) -> list[tuple[int, int, str, int]]:
    """Let a few of those who rated a film put its keywords on it."""
    zeal = rng.lognormal(0.0, 1.2, int(users.max()) + 1)
    rows = []
    for item, film in enumerate(catalogue):
        raters = np.flatnonzero(items == item)
        chance = zeal[users[raters]] / zeal[users[raters]].sum()
        for keyword in film.keywords:
            size = min(6, len(raters), 1 + int(rng.poisson(0.12 * (film.popularity - 1))))
            for i in rng.choice(raters, size=size, replace=False, p=chance):
                at = int(times[i]) + int(rng.integers(5, 300))
                rows.append((int(users[i]) + 1, item + 1, keyword, at))
    return sorted(rows)


def _write_csv(path: Path, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heading)
        writer.writerows(rows)
    part.replace(path)


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)


def main() -> None:
    """Write the demo data set from the command line."""
    parser = argparse.ArgumentParser(prog="python -m recsys.data.demo", description=main.__doc__)
    parser.add_argument("--output", type=Path, default=_FOLDER, help="folder to write to")
    parser.add_argument("--seed", type=int, default=42, help="another seed makes other people")
    arguments = parser.parse_args()
    generate(arguments.output, seed=arguments.seed)


if __name__ == "__main__":
    main()
