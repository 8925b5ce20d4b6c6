"""A small catalogue of titles that are code in some language or other."""

from __future__ import annotations

import csv
from pathlib import Path

TITLES = (
    "<script>window.__pwned=1</script>",
    "<img src=x onerror='window.__pwned=2'>",
    '"><svg onload=window.__pwned=3>',
    "[x](http://e.vil) **b** :red[x] $x$ # h",
    "[y](javascript:window.__pwned=4) ![z](http://e.vil/z.png)",
    ":material/delete: :smile: <b>bold</b> &lt;i&gt; `code` ~~gone~~",
    "🎬 Émoji 👩‍👩‍👧 Film",
    "L" + "ong " * 124 + "end",
    "W" * 500,
    "שלום עולם",
    "\u202ereversed\u202c",
    "9. (2005)",
    "1. First",
    "- Dash",
    "# Heading",
    r"back\slash \* \n C:\films",
    "",
    "   ",
    "{{ braces }} ${x} %s %(y)s {0}",
    "http://e.vil/link www.e.vil me@e.vil",
)


def write(folder: Path, *, timestamps: bool = True, n_users: int = 12) -> Path:
    """Write the catalogue and ratings of it in MovieLens' form."""
    folder.mkdir(parents=True, exist_ok=True)
    genres = ("Action|<i>Odd</i>", "Comedy", "Drama|:red[Odd]")
    with (folder / "movies.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("movieId", "title", "genres"))
        rows.writerows((n, t, genres[n % 3]) for n, t in enumerate(TITLES, 1))
    with (folder / "ratings.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("userId", "movieId", "rating", "timestamp")[: 3 + timestamps])
        for user in range(1, n_users + 1):
            for movie in range(1, len(TITLES) + 1):
                if (user * movie + movie) % 3 == 0 or movie <= 2:
                    row = (user, movie, 1 + (user + movie) % 5, 10**9 + user * 1000 + movie)
                    rows.writerow(row[: 3 + timestamps])
    with (folder / "tags.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("userId", "movieId", "tag", "timestamp")[: 3 + timestamps])
        for user in (1, 2, 3):
            for movie in range(1, len(TITLES) + 1):
                row = (user, movie, "<u>tag</u> **of** :red[many]", 10**9)
                rows.writerow(row[: 3 + timestamps])
    return folder
