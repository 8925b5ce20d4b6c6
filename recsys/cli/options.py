"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from recsys.ranking.filters import Filters

MAX_ID = 2**63 - 1


def default_artifacts() -> Path:
    """Folder of the settings: RECSYS_ARTIFACTS, or "artifacts"."""
    from recsys.settings import settings

    return settings().artifacts


Format = Literal["table", "csv", "json"]

ArtifactsOption = Annotated[
    Path,
    typer.Option(
        "--artifacts",
        metavar="DIR",
        default_factory=default_artifacts,
        show_default="$RECSYS_ARTIFACTS, or artifacts",
        help="Folder of the trained versions.",
    ),
]
FormatOption = Annotated[
    Format, typer.Option("--format", "-f", help="A table for people, the others for programs.")
]
KOption = Annotated[int, typer.Option("--k", "-k", metavar="N", help="Length of the list.")]
SeedOption = Annotated[
    int, typer.Option(min=0, max=2**32 - 1, metavar="N", help="Seed of all chance.")
]
ThreadsOption = Annotated[
    int, typer.Option(min=0, max=1024, metavar="N", help="Threads, 0 for all cores.")
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Settings of the models, as `tune` writes them.", show_default="usual"
    ),
]
GenreOption = Annotated[
    list[str] | None,
    typer.Option("--genre", metavar="GENRE", help="Any of these genres; may be repeated."),
]
AllGenresOption = Annotated[
    list[str] | None,
    typer.Option("--all-genres", metavar="GENRE", help="Every one of these; may be repeated."),
]
NotGenreOption = Annotated[
    list[str] | None,
    typer.Option("--not-genre", metavar="GENRE", help="None of these; may be repeated."),
]
FromYearOption = Annotated[
    int | None, typer.Option("--from-year", metavar="YEAR", help="Released then or later.")
]
ToYearOption = Annotated[
    int | None, typer.Option("--to-year", metavar="YEAR", help="Released then or earlier.")
]
MinRatingsOption = Annotated[
    int, typer.Option("--min-ratings", metavar="N", help="Rated by so many people or more.")
]


def filters_of(
    genre: list[str] | None,
    all_genres: list[str] | None,
    not_genre: list[str] | None,
    from_year: int | None,
    to_year: int | None,
    min_ratings: int,
) -> Filters:
    """Turn the filter options into filters."""
    from recsys.ranking.filters import Filters

    return Filters(
        any_genres=tuple(genre or ()),
        all_genres=tuple(all_genres or ()),
        no_genres=tuple(not_genre or ()),
        min_year=from_year,
        max_year=to_year,
        min_ratings=min_ratings,
    )
