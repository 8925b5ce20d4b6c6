"""How the commands print: tables for people, CSV and JSON for programs.

Titles and names come from files, so they are printed as text, never as markup, and no control
character of theirs reaches a terminal.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys.cli.options import Format
from recsys.errors import InvalidRequestError

if TYPE_CHECKING:
    from rich.console import Console

    from recsys.data.profile import Profile
    from recsys.models.base import Progress
    from recsys.serving.recommender import Recommender
    from recsys.serving.results import Recommendations

Row = dict[str, Any]
"""One entry of a list, as JSON shows it; CSV shows some of it, a table arranges it."""

SIMULATED = "The ratings behind this are simulated: no person gave them."
_PIPE_WIDTH = 120  # for tables that go to a file, where there is no window to fit


def plain(text: object) -> str:
    """Text of one line, without characters that would steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in str(text))


def console(*, stderr: bool = False) -> Console:
    """Console that prints text as it is."""
    from rich.console import Console

    made = Console(stderr=stderr, markup=False, emoji=False, highlight=False)
    if not made.is_terminal:
        made = Console(stderr=stderr, markup=False, emoji=False, highlight=False, width=_PIPE_WIDTH)
    return made


def check_outputs(*files: Path | None) -> None:
    """Make sure, before a long work, that what it finds can be written.

    Raises
    ------
    InvalidRequestError
    """
    for file in files:
        if file is None:
            continue
        if not file.absolute().parent.is_dir():
            raise InvalidRequestError(f"There is no folder {file.parent} for {file.name}: make it.")
        if file.is_dir() or not os.access(file.absolute().parent, os.W_OK):
            raise InvalidRequestError(f"{file} can't be written: name a file in a folder of yours.")


def note(text: str) -> None:
    """Tell a person something that is not part of the answer."""
    print(plain(text), file=sys.stderr)


def rows_of(
    recommender: Recommender,
    listed: Recommendations,
    *,
    user_id: int | None = None,
    profile: Profile | None = None,
    with_user: bool = False,
) -> Iterator[Row]:
    """Describe a list, best first.

    Parameters
    ----------
    recommender : Recommender
    listed : Recommendations
    user_id : int, optional
        Whom the list is for.
    profile : Profile, optional
        Gives the stars behind "because you rated", and the person whose ratings are predicted.
    with_user : bool
        Whether rows say whom they are for, also when that is nobody known.
    """
    from recsys.serving.explanations import reasons

    catalog = recommender.catalog
    predicted = None
    if profile is not None and recommender.predicts_ratings:
        predicted = recommender.predict_rating(profile, listed.item_ids).rating
    for place, item in enumerate(recommender.items.find(listed.item_ids)):
        row: Row = {"user_id": user_id} if with_user else {}
        year = int(catalog.year[item])
        row |= {
            "rank": place + 1,
            "item_id": int(listed.item_ids[place]),
            "title": str(catalog.title[item]),
            "year": year or None,
            "genres": list(catalog.genres(int(item))),
            "score": round(float(listed.scores[place]), 6),
        }
        if predicted is not None:
            row["predicted"] = round(float(predicted[place]), 2)
        if listed.contributions:
            row["reasons"] = [
                {"text": reason.text, "value": round(reason.value, 6)}
                for reason in reasons(listed.contributions[place], catalog, profile)
            ]
        yield row


def history_rows(recommender: Recommender, user_id: int, k: int | None) -> list[Row]:
    """Describe what a user has rated, the latest first."""
    found = recommender.history(user_id)
    catalog = recommender.catalog
    index = recommender.items.find(found.item_ids[:k])
    return [
        {
            "user_id": user_id,
            "item_id": int(found.item_ids[place]),
            "title": str(catalog.title[item]),
            "year": int(catalog.year[item]) or None,
            "genres": list(catalog.genres(int(item))),
            "rating": round(float(found.ratings[place]), 6),
            "date": None if found.timestamps is None else _date(int(found.timestamps[place])),
        }
        for place, item in enumerate(index)
    ]


def _date(seconds: int) -> str | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (OverflowError, OSError, ValueError):  # beyond the year 9999
        return None


def write_rows(rows: Iterable[Row], columns: Sequence[str], form: Format, heading: str) -> None:
    """Print rows to standard output; nothing is printed before the first row is there."""
    if form == "csv":
        _write_csv(rows, columns)
    elif form == "json":
        _write_json(rows)
    else:
        print_table(console(), rows, heading)


def csv_line(values: Iterable[object]) -> str:
    """One record of a CSV file."""
    buffer = io.StringIO()
    # With this line end the module quotes lone carriage returns too, which "\n" alone doesn't.
    csv.writer(buffer, lineterminator="\r\n").writerow(values)
    return buffer.getvalue()[:-2] + "\n"


def _write_csv(rows: Iterable[Row], columns: Sequence[str]) -> None:
    text = csv_line(columns)
    for row in rows:
        # csv writes None as an empty field and floats by their shortest digits.
        sys.stdout.write(text + csv_line(row[column] for column in columns))
        text = ""
    sys.stdout.write(text)


def _write_json(rows: Iterable[Row]) -> None:
    start = "[\n"
    for row in rows:
        sys.stdout.write(start + json.dumps(row, ensure_ascii=False))
        start = ",\n"
    sys.stdout.write("[]\n" if start == "[\n" else "\n]\n")


_HEADINGS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "rank": ("#", str),
    "item_id": ("Id", str),
    "genres": ("Genres", ", ".join),
    "rating": ("Rating", "{:g}".format),
    "date": ("Date", str),
    "score": ("Score", "{:.3f}".format),
    "predicted": ("Predicted", "{:.1f}".format),
    "reasons": ("Why", lambda found: _why(found)),
}


def _why(found: list[dict[str, Any]]) -> str:
    from recsys.serving.explanations import Reason, summary

    return summary([Reason(**reason) for reason in found])


def print_table(target: Console, rows: Iterable[Row], heading: str) -> None:
    """Print rows for people."""
    from rich import box
    from rich.table import Table

    found = list(rows)
    target.print(plain(heading), style="bold")
    if not found:
        target.print("  Nothing: no film passes.")
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    shown = [name for name in _HEADINGS if name in found[0]]
    for name in shown:
        number = name in ("rank", "item_id", "rating", "score", "predicted")
        table.add_column(_HEADINGS[name][0], justify="right" if number else "left", no_wrap=number)
        if name == "item_id":
            table.add_column("Film", min_width=20)
    for row in found:
        cells = []
        for name in shown:
            value = row[name]
            cells.append("" if value is None else plain(_HEADINGS[name][1](value)))
            if name == "item_id":
                year = row.get("year")
                cells.append(plain(f"{row['title']} ({year})" if year else row["title"]))
        table.add_row(*cells)
    target.print(table)
    target.print()


Stage = Callable[[str], AbstractContextManager["Progress"]]


@contextmanager
def stages(target: Console, *, quiet: bool = False) -> Iterator[Stage]:
    """Show a progress bar for each stage of a work; a line for each where nobody watches.

    Parameters
    ----------
    target : Console
    quiet : bool
        Show nothing.
    """
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    if quiet or not target.is_terminal:

        @contextmanager
        def line(name: str) -> Iterator[Progress]:
            start = time.monotonic()
            yield lambda done, total: None
            if not quiet:
                target.print(f"{plain(name)}: {time.monotonic() - start:.1f} s", soft_wrap=True)

        yield line
        return

    bars = Bars(
        TextColumn("{task.description:<28}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=target,
    )

    @contextmanager
    def bar(name: str) -> Iterator[Progress]:
        task = bars.add_task(plain(name), total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
        bars.update(task, completed=1, total=1)
        bars.stop_task(task)

    with bars:
        yield bar
