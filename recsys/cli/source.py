"""Where the commands that learn take their ratings from, as one types it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recsys.errors import DataError, InvalidRequestError

if TYPE_CHECKING:
    from recsys.data.dataset import Dataset
    from recsys.data.report import ReadReport

_DEMO = "demo"
_ROOT = Path(__file__).parents[2]

DatasetOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="A bundled or downloaded data set.", show_default="demo"),
]
DataOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="A folder of your own data, instead.")
]
MinUserRatingsOption = Annotated[
    int, typer.Option(min=1, metavar="N", help="Leave out users of fewer ratings.")
]
MinMovieRatingsOption = Annotated[
    int, typer.Option(min=0, metavar="N", help="Leave out movies of fewer ratings.")
]
MaxRejectsOption = Annotated[
    float, typer.Option(metavar="SHARE", help="Share of unreadable rows to put up with.")
]
ScaleOption = Annotated[
    str | None,
    typer.Option(
        metavar="LOW:HIGH", help="The ratings' scale, such as 1:10.", show_default="found"
    ),
]
RatingsFileOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="CSV of ratings, of any name.")
]
ItemsFileOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="CSV of movies, of any name.")
]
ColumnsOption = Annotated[
    str | None,
    typer.Option(metavar="OURS=YOURS,...", help="Headings, such as user_id=who,item_id=film."),
]
NameOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Name of the data, shown to people.")
]


@dataclass(frozen=True)
class Source:
    """The options above, by the same names."""

    dataset: str | None = None
    data: Path | None = None
    min_user_ratings: int = 1
    min_movie_ratings: int = 0
    max_rejects: float = 0.05
    scale: str | None = None
    ratings_file: Path | None = None
    items_file: Path | None = None
    columns: str | None = None
    name: str | None = None

    @property
    def label(self) -> str:
        """Name of the data, shown to people."""
        return self.name or Path(os.path.realpath(self._folder())).name or "data"

    def read(self, rejects: Path | None = None) -> tuple[Dataset, ReadReport]:
        """Read the data.

        Parameters
        ----------
        rejects : Path, optional
            Folder for a file of skipped rows.

        Raises
        ------
        DataError, InvalidRequestError
        """
        from recsys.data.readers import ReadOptions, read_dataset

        label = self.label
        file_label = re.sub(r"[^\w.-]+", "_", label)[:100]
        options = ReadOptions(
            name=label,
            min_user_ratings=self.min_user_ratings,
            min_item_ratings=self.min_movie_ratings,
            max_reject_share=self.max_rejects,
            scale=_scale(self.scale),
            ratings_file=self.ratings_file,
            items_file=self.items_file,
            columns=_columns(self.columns),
            rejects_file=rejects and rejects / f"rejects-{file_label}.csv",
        )
        return read_dataset(self._folder(), options)

    def _folder(self) -> Path:
        if self.dataset is not None and self.data is not None:
            raise InvalidRequestError("Give either --dataset or --data, not both.")
        if self.data is not None:
            return self.data
        if self.ratings_file is not None and self.dataset is None:
            return self.ratings_file.parent
        return _dataset_folder(self.dataset or _DEMO)


def _dataset_folder(name: str) -> Path:
    from recsys.settings import settings

    # A name, not a path: `--data` takes those.
    if not name or Path(name).name != name or name == "..":
        raise InvalidRequestError(f"'{name}' is not the name of a data set; use --data for a path.")
    bundled = _ROOT / "data" / _DEMO
    folder = bundled if name == _DEMO else settings().data / name
    if folder.is_dir():
        return folder
    from recsys.data.download import DATASETS

    if name in DATASETS:
        raise DataError(
            f"The data set {name} is not in {folder.parent}: "
            f"run `python scripts/download_data.py {name}` first."
        )
    raise DataError(
        f"There is no data set '{name}' in {folder.parent}: choose {_DEMO} or, after "
        f"`python scripts/download_data.py NAME`, one of {', '.join(DATASETS)}; "
        "--data takes any folder."
    )


def _scale(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        low, high = map(float, text.split(":"))
    except ValueError:
        raise InvalidRequestError(
            f"The scale '{text}' is not of the form LOW:HIGH, such as 1:10."
        ) from None
    return low, high


def _columns(text: str | None) -> dict[str, str]:
    pairs = {}
    for part in (text or "").split(","):
        ours, separator, yours = part.partition("=")
        if separator and ours.strip() and yours.strip():
            pairs[ours.strip()] = yours.strip()
        elif part.strip():
            raise InvalidRequestError(
                f"'{part}' in --columns is not of the form OURS=YOURS, such as user_id=who."
            )
    return pairs
