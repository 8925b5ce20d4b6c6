"""One table file to typed columns, fast where the file is sound, row by row where it is not.

A file is read in blocks of whole lines. A block goes through the pandas C parser; only when that
fails or finds anything odd is the block read again line by line, so that each bad row gets its
line number and reason. Both ways give the same values.
"""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recsys.data.blocks import BOM, decode, first_line, records, whole_lines
from recsys.data.cells import converter
from recsys.data.formats import KINDS, Kind, Scale, TableFormat
from recsys.data.report import Reject, RejectLog
from recsys.errors import DataError

Columns = dict[str, NDArray[Any]]

_BLOCK_BYTES = 1 << 23
_FILLER = b"\x1f"  # stands for separators of two characters, which the C parser can't take
_DTYPES: Mapping[Kind, type] = {
    "id": np.int64,
    "number": np.float32,
    "time": np.int64,
    "text": np.object_,
}


class Table:
    """A file opened for one or more passes.

    Parameters
    ----------
    path : Path
    form : TableFormat
    mapping : mapping of str to str, optional
        Our column names to the headings a person gave.

    Attributes
    ----------
    headings : list of str
        Empty for a file without a heading line.
    positions : dict of str to int
        Wanted columns that the file has.
    rows, rejected : int
        Rows met in the last pass, and those of them that were skipped.

    Raises
    ------
    DataError
        If the file can't be opened, is empty, is not text or lacks a required column.
    """

    def __init__(
        self, path: Path, form: TableFormat, mapping: Mapping[str, str] | None = None
    ) -> None:
        self.path = path
        self.form = form
        self.rows = 0
        self.rejected = 0
        self._first: Reject | None = None
        with self._open() as file:
            self._skipped_lines, start = first_line(file)
        self._check_text(start)
        line = decode(start)
        self._separator = form.separator or max(",;\t|", key=line.count)
        if form.names is not None:
            self._skipped_lines = 0
            self._width = len(form.names)
            self.headings = []
            self.positions = {name: i for i, name in enumerate(form.names) if name}
            return
        try:
            headings = [field.strip() for field in self._split(line)]
        except csv.Error:
            headings = [line]
        self.headings = headings
        self._width = len(headings)
        self.positions = form.positions(headings, mapping or {})
        taken: dict[int, str] = {}
        for name in (name for name in form.required if name in KINDS and name in self.positions):
            if (other := taken.setdefault(self.positions[name], name)) != name:
                heading = headings[self.positions[name]]
                raise DataError(
                    f"{path.name}: the heading {heading} can't stand for {other} and {name}; "
                    "name another with --columns."
                )
        missing = [name for name in form.required if name not in self.positions]
        if missing:
            found = ", ".join(headings[:12])[:200]
            found = "".join(letter if letter.isprintable() else "?" for letter in found)
            raise DataError(
                f"{path.name} has no column for {', '.join(missing)} (found: {found}); name "
                f"the headings with --columns, such as {missing[0]}=HEADING."
            )

    def read(
        self,
        log: RejectLog | None = None,
        *,
        bounds: Scale | None = None,
    ) -> Columns:
        """Read the wanted columns of all sound rows.

        Parameters
        ----------
        log : RejectLog, optional
            Told of every row that is skipped.
        bounds : (float, float), optional
            Numbers outside of them make a row unsound.

        Returns
        -------
        dict of str to array
        """
        # The arrays are made for the whole file once it is known how long a row is, so that
        # nothing is held twice; the part that stays unused never takes memory.
        whole: Columns = {name: np.empty(0, self._dtype(name)) for name in self.positions}
        room = filled = 0
        for columns, done in self._blocks(log or RejectLog(), bounds):
            end = filled + len(next(iter(columns.values())))
            if end > room:
                room = end if done >= 1 else int(1.05 * end / done) + 1
                whole = {name: _with_room(column, room, filled) for name, column in whole.items()}
            for name, column in columns.items():
                whole[name][filled:end] = column
            filled = end
        return {name: column[:filled] for name, column in whole.items()}

    def check(self, max_reject_share: float) -> None:
        """Refuse a file of which too many rows were skipped, or that has none.

        Raises
        ------
        DataError
        """
        if self.rows == 0:
            raise DataError(f"{self.path.name} holds no rows; give a file with data in it.")
        if self._first is None or self.rejected <= max_reject_share * self.rows:
            return
        accept = math.ceil(self.rejected / self.rows * 20) / 20
        advice = (
            f"correct the file, or accept as many with --max-rejects {accept:g}"
            if accept < 1
            else "correct the file, or name the right columns with --columns"
        )
        raise DataError(
            f"{self.path.name}: {self.rejected:,} of {self.rows:,} rows can't be read, the first "
            f"in line {self._first.line:,} ({self._first.reason}); {advice}."
        )

    def _dtype(self, name: str) -> type:
        return _DTYPES[KINDS.get(name, "text")]

    def _open(self) -> IO[bytes]:
        try:
            return self.path.open("rb")
        except OSError as error:
            raise DataError(
                f"{self.path} can't be opened ({error.strerror}); check its name and permissions."
            ) from None

    def _check_text(self, start: bytes) -> None:
        if not start.strip():
            raise DataError(f"{self.path.name} is empty; give a file with data in it.")
        controls = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in start)
        if b"\0" in start or controls > 0.1 * len(start):
            raise DataError(
                f"{self.path.name} is not a text file; unpack it or save it as UTF-8 text."
            )

    def _blocks(self, log: RejectLog, bounds: Scale | None) -> Iterator[tuple[Columns, float]]:
        """Yield sound rows block by block, and the share of the file that was read."""
        self.rows = self.rejected = 0
        self._first = None
        line = 1 + self._skipped_lines
        try:
            with self._open() as file:
                size = os.fstat(file.fileno()).st_size
                for _ in range(self._skipped_lines):
                    file.readline()
                step = -1 if self.form.multiline else _BLOCK_BYTES
                for block in whole_lines(file, step):
                    data = block.removeprefix(BOM) if line == 1 else block
                    columns = self._fast(data.rstrip(b"\r\n"), bounds)
                    if columns is None:
                        columns = self._careful(data, line, log, bounds)
                    yield columns, file.tell() / max(1, size)
                    line += block.count(b"\n")
        except OSError as error:
            raise DataError(
                f"{self.path.name} can't be read to its end ({error.strerror}); copy it again."
            ) from None

    def _fast(self, block: bytes, bounds: Scale | None) -> Columns | None:
        """Parse a block in which every line is one sound row; None if any is not."""
        separator = self._separator.encode()
        if b"\0" in block or (self.form.quoted and b'"' in block):
            return None
        if len(set(self.positions.values())) < len(self.positions):  # a column read as two kinds
            return None
        if len(separator) > 1:
            if _FILLER in block:
                return None
            block, separator = block.replace(separator, _FILLER), _FILLER
        lines = block.count(b"\n") + 1
        found = np.count_nonzero(np.frombuffer(block, np.uint8) == separator[0])
        if found != lines * (self._width - 1):
            return None
        dtypes: dict[int, Any] = {
            i: self._dtype(name) for name, i in self.positions.items() if name in KINDS
        }
        try:
            with np.errstate(all="ignore"):
                frame = pd.read_csv(
                    io.BytesIO(block),
                    sep=separator.decode(),
                    header=None,
                    names=list(range(self._width)),
                    dtype={i: dtypes.get(i, str) for i in range(self._width)},
                    na_filter=False,
                    quoting=csv.QUOTE_NONE,
                    engine="c",
                    low_memory=False,
                )
        except (ValueError, OverflowError):  # pandas' own parser errors are ValueErrors
            return None
        if len(frame) != lines or not isinstance(frame.index, pd.RangeIndex):
            return None
        columns: Columns = {}
        first_row = block[: block.find(b"\n")] if lines > 1 else block
        cells = first_row.rstrip(b"\r").split(separator)
        for name, i in self.positions.items():
            kind = KINDS.get(name, "text")
            column = frame[i].to_numpy(dtype=self._dtype(name))
            if kind == "text":
                columns[name] = np.array([text.strip() for text in column], dtype=np.object_)
                continue
            if kind == "number":
                low, high = bounds or (-math.inf, math.inf)
            else:
                low, high = 0, math.inf
            if not (column.min() >= low and column.max() <= high and np.isfinite(column).all()):
                return None
            try:  # the parser takes a column of nothing but "True" for ones
                converter(name)(decode(cells[i]))
            except ValueError:
                return None
            columns[name] = column
        self.rows += lines
        return columns

    def _careful(self, block: bytes, line: int, log: RejectLog, bounds: Scale | None) -> Columns:
        """Parse a block row by row, naming each row that has to be skipped."""
        readers = [(i, converter(name, bounds)) for name, i in self.positions.items()]
        sound: list[list[Any]] = []
        for number, text in records(block, line, multiline=self.form.multiline):
            self.rows += 1
            try:
                if "\0" in text:
                    raise ValueError("the line holds a NUL byte")
                cells = self._split(text)
                while len(cells) > self._width and not cells[-1].strip():
                    cells.pop()
                if len(cells) != self._width:
                    problem = f"{len(cells)} fields where {self._width} are expected"
                    open_quote = self.form.quoted and text.count('"') % 2
                    raise ValueError(problem + ("; a quote is not closed" if open_quote else ""))
                sound.append([read(cells[i]) for i, read in readers])
            except (ValueError, csv.Error) as error:
                reject = Reject(self.path.name, number, str(error), text)
                self._first = self._first or reject
                self.rejected += 1
                log.add(reject)
        values = zip(*sound, strict=True) if sound else [()] * len(readers)
        return {
            name: np.array(column, dtype=self._dtype(name))
            for name, column in zip(self.positions, values, strict=True)
        }

    def _split(self, text: str) -> list[str]:
        if not self.form.quoted or '"' not in text:
            return text.split(self._separator)
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=self._separator), [])


def _with_room(column: NDArray[Any], room: int, filled: int) -> NDArray[Any]:
    larger = np.empty(room, column.dtype)
    larger[:filled] = column[:filled]
    return larger
