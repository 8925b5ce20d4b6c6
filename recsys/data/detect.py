"""Which of the known formats a folder holds."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recsys.data.formats import (
    FORMATS,
    KNOWN,
    ML_1M,
    ML_10M,
    MOVIETWEETINGS,
    DatasetFormat,
    named_files,
)
from recsys.errors import DataError

_SAMPLE = 1 << 18  # bytes of a file that tell its kind


@dataclass(frozen=True)
class Located:
    """A data set's files.

    Attributes
    ----------
    folder : Path
    name : str
        For people.
    form : DatasetFormat
    """

    folder: Path
    name: str
    form: DatasetFormat

    def path(self, file: str) -> Path:
        """Full path of one of the files."""
        return self.folder / file

    def has(self, file: str) -> bool:
        """Whether an optional file is there."""
        return self.path(file).is_file()


def locate(folder: Path, ratings_file: Path | None, items_file: Path | None) -> Located:
    """Find the files of a data set, and their format.

    Parameters
    ----------
    folder : Path
        Holds the files, or has one sub-folder that does.
    ratings_file, items_file : Path or None
        Two files of any name to use instead.

    Raises
    ------
    DataError
        If there is no such folder, or it holds nothing known.
    """
    if ratings_file is not None and items_file is not None:
        # Joined to the folder of the ratings, absolute paths stay what they are.
        form = named_files(os.path.realpath(ratings_file), os.path.realpath(items_file))
        parent = Path(os.path.realpath(ratings_file)).parent
        return Located(parent, _name(folder) or parent.name, form)
    try:
        if not folder.exists():
            raise DataError(
                f"There is no folder {folder}; give one with rating files, or fetch one with "
                "scripts/download_data.py."
            )
        if not folder.is_dir():
            raise DataError(f"{folder} is a file; give the folder that holds the rating files.")
        inside = sorted(path for path in folder.iterdir() if path.is_dir())
        held = {folder: _files(folder)}
    except OSError as error:
        raise DataError(
            f"The folder {folder} can't be read ({error.strerror}); check its permissions."
        ) from None
    for path in inside:
        with suppress(OSError):  # a sub-folder that can't be read is not the one meant
            held[path] = _files(path)

    complete = [
        (path, form)
        for path in held
        for form in FORMATS
        if {form.ratings.file, form.items.file} <= held[path]
    ]
    own = [(path, form) for path, form in complete if path == folder]
    choices = own or complete
    names = sorted({path.name for path, _ in choices})
    if len(names) > 1:
        raise DataError(
            f"{folder} holds several data sets ({', '.join(names[:5])}); give the folder of one."
        )
    if choices:
        path, form = choices[0]
        return Located(path, _name(folder), _by_content(path, form))
    for path, files in held.items():
        for form in FORMATS:
            pair = (form.ratings.file, form.items.file)
            for file, other in (pair, pair[::-1]):
                if file in files:
                    raise DataError(
                        f"{path} needs {other} beside {file}; add it, or name two files with "
                        "--ratings-file and --items-file."
                    )
    raise DataError(f"{folder} holds no known rating files; known are: {KNOWN}.")


def _name(folder: Path) -> str:
    # Path.resolve() fails on links that lead in a circle; the check that follows names them.
    return Path(os.path.realpath(folder)).name


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def _by_content(folder: Path, form: DatasetFormat) -> DatasetFormat:
    """Tell apart the formats that share the names of MovieLens 1M."""
    if form is not ML_1M:
        return form
    item_ids = _column(folder / form.items.file, 0)
    ratings = _column(folder / form.ratings.file, 2)
    numbers = [int(text) for text in ratings if text.isascii() and text.isdecimal()]
    padded = sum(len(text) >= 7 for text in item_ids)
    if 2 * padded > len(item_ids) or 20 * sum(n > 5 for n in numbers) > len(ratings):
        return MOVIETWEETINGS
    if (folder / "tags.dat").is_file() or any("." in text for text in ratings):
        return ML_10M
    return form


def _column(path: Path, position: int) -> list[str]:
    """One column of the first lines of a ``::`` file."""
    try:
        with path.open("rb") as file:
            lines = file.read(_SAMPLE).decode("latin-1").splitlines()
    except OSError as error:
        raise DataError(
            f"{path} can't be opened ({error.strerror}); check its permissions."
        ) from None
    rows = (line.split("::") for line in lines)
    return [row[position].strip() for row in rows if len(row) > position]
