"""A folder of rating files in, a validated dataset out; the format is found from the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recsys.data.cells import NO_TIME
from recsys.data.dataset import Dataset, build_dataset
from recsys.data.detect import Located, locate
from recsys.data.formats import MAPPABLE, Scale, TableFormat
from recsys.data.item_table import build_catalog
from recsys.data.report import ReadReport, RejectLog
from recsys.data.tables import Columns, Table
from recsys.data.tag_tables import genome_tags, user_tags
from recsys.errors import DataError, InvalidRequestError

SIMULATED = "SIMULATED"
"""Name of an empty file that marks a folder of ratings no person gave."""

_SCALES: tuple[Scale, ...] = ((0.5, 5.0), (0.0, 10.0), (0.0, 100.0))
_SCALE_SHARE = 0.95
_MILLISECONDS = 10**11  # as seconds it is the year 5138, as milliseconds 1973


@dataclass(frozen=True)
class ReadOptions:
    """How to read a data set.

    Attributes
    ----------
    name : str or None
        Shown to people; the folder's name when None.
    min_user_ratings, min_item_ratings : int
        Users and movies with fewer ratings are left out.
    max_reject_share : float
        Largest share of a file's rows that may be unreadable.
    scale : (float, float) or None
        Lowest and highest rating; found from the data when None.
    rejects_file : Path or None
        CSV file that all skipped rows are written to.
    ratings_file, items_file : Path or None
        Two CSV files of any name, instead of a folder of known files.
    columns : mapping of str to str
        Our column names to the files' headings, where they are unusual.

    Raises
    ------
    InvalidRequestError
        If an option is out of range or they contradict each other.
    """

    name: str | None = None
    min_user_ratings: int = 1
    min_item_ratings: int = 0
    max_reject_share: float = 0.05
    scale: Scale | None = None
    rejects_file: Path | None = None
    ratings_file: Path | None = None
    items_file: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.max_reject_share <= 1:
            raise InvalidRequestError("The share of rows that may be skipped must be from 0 to 1.")
        if self.scale is not None and not -np.inf < self.scale[0] < self.scale[1] < np.inf:
            raise InvalidRequestError("A rating scale needs a lowest and a larger highest number.")
        if (self.ratings_file is None) != (self.items_file is None):
            raise InvalidRequestError(
                "Two files are needed: give both --ratings-file and --items-file."
            )
        unknown = sorted(set(self.columns) - set(MAPPABLE))
        if unknown:
            raise InvalidRequestError(
                f"There is no column {unknown[0]!r} to name with --columns; it takes "
                f"{', '.join(MAPPABLE)}."
            )


_DEFAULTS = ReadOptions()


def read_dataset(folder: Path, options: ReadOptions = _DEFAULTS) -> tuple[Dataset, ReadReport]:
    """Read a data set of any known format.

    Unreadable rows are skipped and reported. Ratings without a time among others with one are
    kept and count as the oldest; if none has a time, the dataset has none.

    Parameters
    ----------
    folder : Path
        Holds the files, itself or in its one sub-folder that does. With ``ratings_file`` it only
        gives the name.
    options : ReadOptions

    Returns
    -------
    dataset : Dataset
    report : ReadReport

    Raises
    ------
    DataError
        If files are missing, unreadable, or have too many unreadable rows.
    """
    located = locate(Path(folder), options.ratings_file, options.items_file)
    with RejectLog(options.rejects_file) as log:
        dataset, report = _Reading(located, options, log).run()
    report.first_rejects = log.first
    report.rejects_file = log.written
    return dataset, report


class _Reading:
    """One reading of one data set."""

    def __init__(self, located: Located, options: ReadOptions, log: RejectLog) -> None:
        self.located = located
        self.form = located.form
        self.options = options
        self.log = log
        self.report = ReadReport(located.form.name)

    def run(self) -> tuple[Dataset, ReadReport]:
        options, report, form = self.options, self.report, self.form
        items_table = self._open(form.items)
        ratings_table = self._open(form.ratings)
        self._check_mapping(items_table, ratings_table)
        items = self._read(items_table)
        ratings, scale = self._ratings(ratings_table)
        links = self._optional(form.links, lenient=True)
        catalog = build_catalog(
            items,
            links,
            np.asarray(pd.unique(ratings["item_id"])),
            report,
            imdb_items=form.imdb_items,
        )
        tags = self._optional(form.tags)
        scores = self._optional(form.genome_scores)
        names = self._optional(form.genome_tags) if scores else {}
        dataset = build_dataset(
            options.name or self.located.name,
            catalog,
            user_id=ratings["user_id"],
            item_id=ratings["item_id"],
            rating=ratings["rating"],
            timestamp=self._times(ratings.get("timestamp")),
            scale=scale,
            tags=user_tags(tags, catalog.items) if tags else None,
            genome=genome_tags(scores, names, catalog.items) if scores and names else None,
            simulated=(self.located.folder / SIMULATED).exists(),
            min_user_ratings=options.min_user_ratings,
            min_item_ratings=options.min_item_ratings,
        )
        lost = ratings["rating"].size - dataset.n_ratings
        report.duplicate_ratings = lost
        if lost and (options.min_user_ratings > 1 or options.min_item_ratings > 0):
            pairs = pd.DataFrame({name: ratings[name] for name in ("user_id", "item_id")})
            report.duplicate_ratings = int(pairs.duplicated().sum())
            report.filtered_ratings = lost - report.duplicate_ratings
        return dataset, report

    def _open(self, form: TableFormat) -> Table:
        return Table(self.located.path(form.file), form, self.options.columns)

    def _check_mapping(self, *tables: Table) -> None:
        """Refuse a heading given for a column that is in none of the files."""
        for name, heading in self.options.columns.items():
            if not any(heading.strip() in table.headings for table in tables):
                files = " and ".join(table.path.name for table in tables)
                raise DataError(
                    f"--columns says {name}={heading}, but there is no such heading in {files}; "
                    "check its spelling."
                )

    def _read(
        self,
        table: Table,
        *,
        bounds: Scale | None = None,
        share: float | None = None,
    ) -> Columns:
        columns = table.read(self.log, bounds=bounds)
        self.report.rows[table.path.name] = table.rows
        self.report.rejected[table.path.name] = table.rejected
        table.check(self.options.max_reject_share if share is None else share)
        return columns

    def _ratings(self, table: Table) -> tuple[Columns, Scale]:
        """Read the ratings; a second time only if some are outside of the scale found."""
        scale = self.options.scale or self.form.scale
        if scale is None:
            columns = table.read()
            if table.rows > table.rejected:
                scale = _infer_scale(columns["rating"])
                low, high = columns["rating"].min(), columns["rating"].max()
                if not table.rejected and scale[0] <= low and high <= scale[1]:
                    self.report.rows[table.path.name] = table.rows
                    self.report.rejected[table.path.name] = 0
                    return columns, scale
            del columns
        columns = self._read(table, bounds=scale)
        if scale is None or columns["rating"].size == 0:
            raise DataError(f"{table.path.name} holds no readable rating; check the file.")
        return columns, scale

    def _optional(self, form: TableFormat | None, *, lenient: bool = False) -> Columns:
        """Read a file that need not be there, nor hold any row; {} without it."""
        if form is None or not self.located.has(form.file):
            return {}
        table = Table(self.located.path(form.file), form)
        if lenient:
            # Links only decorate, so that no number of bad rows is a reason to stop.
            columns = table.read()
            self.report.rows[table.path.name] = table.rows
            self.report.ignored_links += table.rejected
            return columns
        bounds = (0.0, 1.0) if "relevance" in form.required else None
        columns = table.read(self.log, bounds=bounds)
        self.report.rows[table.path.name] = table.rows
        self.report.rejected[table.path.name] = table.rejected
        if table.rows:
            table.check(self.options.max_reject_share)
        return columns

    def _times(self, times: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
        """Seconds since 1970, whatever fraction of them the file counts; None without any."""
        if times is None:
            return None
        absent = times == NO_TIME
        if absent.all():
            return None
        known = times[~absent] if absent.any() else times
        middle = float(np.median(known))
        while middle > _MILLISECONDS:
            times, middle = np.where(absent, NO_TIME, times // 1000), middle / 1000
        self.report.untimed = int(absent.sum())
        return np.where(absent, 0, times) if self.report.untimed else times


def _infer_scale(rating: NDArray[np.float32]) -> Scale:
    """Return the first usual scale that nearly all ratings are within, else their range."""
    for low, high in _SCALES:
        if ((rating >= low) & (rating <= high)).mean() >= _SCALE_SHARE:
            return low, high
    low, high = float(rating.min()), float(rating.max())
    return (low, high) if low < high else (low - 1, high + 1)
