"""What reading a data set met: rows that were skipped, and counts for the console."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

from recsys.errors import DataError

SHOWN = 5
"""Skipped rows that are shown to people; all of them go to the rejects file."""


class Reject(NamedTuple):
    """A row that can't be used."""

    file: str
    line: int
    reason: str
    raw: str


class RejectLog:
    """Collects skipped rows; writes them all to a CSV file when one is asked for.

    The file appears under its name only when reading has ended, and only if rows were skipped.
    It is kept when reading fails for too many of them, as that is when it is needed.

    Parameters
    ----------
    target : Path or None
    """

    def __init__(self, target: Path | None = None) -> None:
        self.target = target
        self.first: list[Reject] = []
        self._part = None if target is None else target.with_name(f".{target.name}.part")
        self._file: IO[str] | None = None
        self._rows: Any = None

    def add(self, reject: Reject) -> None:
        """Record one row."""
        if len(self.first) < SHOWN:
            self.first.append(reject)
        if self._part is None:
            return
        try:
            if self._file is None:
                self._file = self._part.open("w", encoding="utf-8", newline="")
                self._rows = csv.writer(self._file)
                self._rows.writerow(Reject._fields)
            self._rows.writerow(reject)
        except OSError as error:
            raise self._unwritable(error) from None

    @property
    def written(self) -> Path | None:
        """The rejects file, if there will be one."""
        return self.target if self._file is not None else None

    def _unwritable(self, error: OSError) -> DataError:
        return DataError(
            f"The skipped rows can't be written to {self.target} ({error.strerror}); "
            "name another file for them."
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is None or self._part is None or self.target is None:
            return
        try:
            self._file.close()
            if kind is None or issubclass(kind, DataError):
                self._part.replace(self.target)
        except OSError as failure:
            if kind is None:
                raise self._unwritable(failure) from None
        finally:
            self._part.unlink(missing_ok=True)


@dataclass
class ReadReport:
    """Counts of one reading.

    Attributes
    ----------
    format : str
        Name of the format.
    rows, rejected : dict of str to int
        By file: rows met, and those of them that were skipped.
    first_rejects : list of Reject
        The first five.
    rejects_file : Path or None
        Where all skipped rows were written.
    duplicate_ratings : int
        Ratings that a later one of the same user and movie replaced.
    filtered_ratings : int
        Ratings left out by the minimum counts.
    duplicate_items : int
        Movie rows whose id was there before.
    placeholders : int
        Movies that were rated but not described.
    ignored_links : int
        Link rows that can't be read.
    untimed : int
        Ratings without a time among others with one.
    """

    format: str
    rows: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    first_rejects: list[Reject] = field(default_factory=list)
    rejects_file: Path | None = None
    duplicate_ratings: int = 0
    filtered_ratings: int = 0
    duplicate_items: int = 0
    placeholders: int = 0
    ignored_links: int = 0
    untimed: int = 0

    def lines(self) -> list[str]:
        """Sentences for the console."""
        files = ", ".join(f"{file} ({rows:,} rows)" for file, rows in self.rows.items())
        lines = [f"Read as {self.format}: {files}."]
        lines += [
            f"{file}: {count:,} of {self.rows[file]:,} rows can't be read and were skipped."
            for file, count in self.rejected.items()
            if count
        ]
        lines += [f"  {r.file} line {r.line:,}: {r.reason}" for r in self.first_rejects]
        if self.rejects_file is not None:
            lines.append(f"All skipped rows are in {self.rejects_file}.")
        notes = (
            (self.duplicate_ratings, "ratings were replaced by a later one of the same movie"),
            (self.filtered_ratings, "ratings were left out by the minimum counts"),
            (self.duplicate_items, "movie rows repeat an earlier id and were left out"),
            (self.placeholders, "rated movies are not described and are named by their id"),
            (self.ignored_links, "link rows can't be read and were left out"),
            (self.untimed, "ratings have no time and count as the oldest"),
        )
        return lines + [f"{count:,} {text}." for count, text in notes if count]
