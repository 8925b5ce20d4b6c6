"""The commands that answer with a list of films."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from recsys.cli.input import check_user, find_film, label, load, parse_rating, read_ids
from recsys.cli.options import (
    AllGenresOption,
    ArtifactsOption,
    Format,
    FormatOption,
    FromYearOption,
    GenreOption,
    KOption,
    MinRatingsOption,
    NotGenreOption,
    ToYearOption,
    filters_of,
)
from recsys.cli.output import (
    SIMULATED,
    Row,
    console,
    history_rows,
    note,
    rows_of,
    stages,
    write_rows,
)
from recsys.errors import InvalidRequestError

if TYPE_CHECKING:
    from recsys.data.profile import Profile
    from recsys.serving.recommender import Recommender
    from recsys.serving.results import Recommendations

LIST_COLUMNS = ("rank", "item_id", "title", "score")
RECOMMEND_COLUMNS = ("user_id", *LIST_COLUMNS)
SEARCH_COLUMNS = ("rank", "item_id", "title", "year", "score")
HISTORY_COLUMNS = ("user_id", "item_id", "title", "rating", "date")


def recommend(
    artifacts: ArtifactsOption,
    user: Annotated[int | None, typer.Option(metavar="ID", help="For a known user.")] = None,
    users_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="For many known users: one id per line, no reasons."),
    ] = None,
    rate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TITLE=RATING",
            help='For somebody new: "Alien=4.5" or "id:1214=4.5"; may be repeated.',
        ),
    ] = None,
    k: KOption = 10,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="popularity, content, als, item_item, biased_als, svd or hybrid.",
            show_default="the best one trained",
        ),
    ] = None,
    alpha: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Share of collaborative filtering in the hybrid, 0 to 1.",
            show_default="as trained",
        ),
    ] = None,
    genre: GenreOption = None,
    all_genres: AllGenresOption = None,
    not_genre: NotGenreOption = None,
    from_year: FromYearOption = None,
    to_year: ToYearOption = None,
    min_ratings: MinRatingsOption = 0,
    form: FormatOption = "table",
) -> None:
    """Recommend films to a user, to many users, or to somebody new.

    Example: python -m recsys recommend --user 1 --genre Comedy --from-year 1990
    """
    if sum((user is not None, users_file is not None, bool(rate))) != 1:
        raise InvalidRequestError(
            "Say whom to recommend to: give one of --user, --users-file and --rate."
        )
    ids = read_ids(users_file) if users_file else []
    recommender = load(artifacts)
    options: dict[str, Any] = {
        "model": model,
        "alpha": alpha,
        "filters": filters_of(genre, all_genres, not_genre, from_year, to_year, min_ratings),
    }
    if users_file:
        _recommend_many(recommender, ids, k, form, options)
    else:
        if user is None:
            profile = _rated(recommender, rate or [])
        else:
            profile = recommender.user_profile(check_user(user))
        listed = recommender.for_profile(profile, k, explain=form != "csv", **options)
        rows = rows_of(recommender, listed, user_id=user, profile=profile, with_user=True)
        whom = "your ratings" if user is None else f"user {user}"
        write_rows(rows, RECOMMEND_COLUMNS, form, f"For {whom}, by {listed.model}")
        wanted = model or recommender.default_model
        if listed.model != wanted:
            note(f"The model '{wanted}' has nothing to go by here; {listed.model} answers instead.")
        _note_length(listed, k)
    _note_simulated(recommender, form)


def _recommend_many(
    recommender: Recommender, ids: list[int], k: int, form: Format, options: dict[str, Any]
) -> None:
    wanted = options["model"] or recommender.default_model
    others = 0

    def lists() -> Iterator[tuple[int, Recommendations]]:
        nonlocal others
        found = recommender.for_users(ids, k, **options)
        # Bars and rows would write over each other on the same screen.
        screen = console(stderr=True)
        with stages(screen, quiet=sys.stdout.isatty()) as stage, stage("Recommending") as progress:
            for done, entry in enumerate(found, 1):
                others += entry[1].model != wanted
                progress(done, len(ids))
                yield entry

    def rows() -> Iterator[Row]:
        for user_id, listed in lists():
            yield from rows_of(recommender, listed, user_id=user_id, with_user=True)

    if form == "table":
        for user_id, listed in lists():
            some = rows_of(recommender, listed, user_id=user_id)
            write_rows(some, RECOMMEND_COLUMNS, form, f"For user {user_id}, by {listed.model}")
    else:
        write_rows(rows(), RECOMMEND_COLUMNS, form, "")
    if others:
        note(f"For {others:,} users '{wanted}' has nothing to go by; popularity answers instead.")


def similar(
    title: Annotated[str, typer.Argument(metavar="TITLE_OR_ID", help="A title, an id or id:ID.")],
    artifacts: ArtifactsOption,
    by: Annotated[
        Literal["taste", "content", "both"],
        typer.Option(help="Liked by the same people, alike in genres and tags, or both."),
    ] = "both",
    k: KOption = 10,
    genre: GenreOption = None,
    all_genres: AllGenresOption = None,
    not_genre: NotGenreOption = None,
    from_year: FromYearOption = None,
    to_year: ToYearOption = None,
    min_ratings: MinRatingsOption = 0,
    form: FormatOption = "table",
) -> None:
    """List films like one.

    Example: python -m recsys similar "Blade Runner" --by content
    """
    recommender = load(artifacts)
    item_id = find_film(recommender, title)
    filters = filters_of(genre, all_genres, not_genre, from_year, to_year, min_ratings)
    listed = recommender.similar(item_id, k, by=by, filters=filters, explain=form != "csv")
    heading = f"Like {label(recommender, item_id)}, by {by}"
    if form != "table":
        note(heading + f" (id {item_id}).")
    write_rows(rows_of(recommender, listed), LIST_COLUMNS, form, heading)
    if listed.model == "popularity":
        note("Nothing is known to compare this film by; the popular ones are listed instead.")
    _note_length(listed, k)
    _note_simulated(recommender, form)


def popular(
    artifacts: ArtifactsOption,
    board: Annotated[
        Literal["top_rated", "most_rated", "trending"], typer.Option(help="What counts.")
    ] = "top_rated",
    k: KOption = 10,
    genre: GenreOption = None,
    all_genres: AllGenresOption = None,
    not_genre: NotGenreOption = None,
    from_year: FromYearOption = None,
    to_year: ToYearOption = None,
    min_ratings: MinRatingsOption = 0,
    form: FormatOption = "table",
) -> None:
    """List the films that are popular with everybody.

    Example: python -m recsys popular --board trending -k 20
    """
    recommender = load(artifacts)
    filters = filters_of(genre, all_genres, not_genre, from_year, to_year, min_ratings)
    listed = recommender.popular(k, board=board, filters=filters)
    heading = board.replace("_", " ").capitalize()
    write_rows(rows_of(recommender, listed), LIST_COLUMNS, form, heading)
    _note_length(listed, k)
    _note_simulated(recommender, form)


def search(
    query: Annotated[list[str], typer.Argument(help="A title, or what you remember of it.")],
    artifacts: ArtifactsOption,
    k: KOption = 10,
    form: FormatOption = "table",
) -> None:
    """Find films by title; spelling mistakes are forgiven.

    Example: python -m recsys search teh matrx 1999
    """
    _check_length(k)
    recommender = load(artifacts)
    text = " ".join(query)
    listed = recommender.search(text, k)
    write_rows(rows_of(recommender, listed), SEARCH_COLUMNS, form, f"Titles like '{text}'")
    if not len(listed):
        note("No title is near: try fewer words or another spelling.")


def history(
    artifacts: ArtifactsOption,
    user: Annotated[
        int | None,
        typer.Argument(metavar="[USER]", help="Id of a known user."),
    ] = None,
    user_option: Annotated[
        int | None,
        typer.Option("--user", metavar="ID", help="The same, as an option."),
    ] = None,
    k: Annotated[
        int | None,
        typer.Option("--k", "-k", metavar="N", help="Only the latest.", show_default="all"),
    ] = None,
    form: FormatOption = "table",
) -> None:
    """List what a user has rated, the latest first.

    Example: python -m recsys history 1 -k 20
    """
    if (user is None) == (user_option is None):
        raise InvalidRequestError("Say whose history: give one user id, such as `history 1`.")
    given = user if user is not None else user_option
    assert given is not None
    wanted = check_user(given)
    if k is not None:
        _check_length(k)
    recommender = load(artifacts)
    rows = history_rows(recommender, wanted, k)
    write_rows(rows, HISTORY_COLUMNS, form, f"Rated by user {wanted}")
    _note_simulated(recommender, form)


def _rated(recommender: Recommender, texts: list[str]) -> Profile:
    ratings: dict[int, float] = {}
    for text in texts:
        item_id, stars = parse_rating(recommender, text)
        if item_id in ratings:
            raise InvalidRequestError(
                f"{label(recommender, item_id)} is rated twice; rate each film once."
            )
        ratings[item_id] = stars
    # Titles are matched loosely: show what was understood.
    told = ", ".join(f"{label(recommender, i)} {stars:g}" for i, stars in ratings.items())
    note(f"Rated: {told}.")
    return recommender.profile(ratings)


def _check_length(k: int) -> None:
    if k < 1:
        raise InvalidRequestError(f"k is the length of the list and must be 1 or more, not {k}.")


def _note_length(listed: Recommendations, k: int) -> None:
    if len(listed) < k:
        note(f"Only {len(listed)} films pass; there are no more to list.")


def _note_simulated(recommender: Recommender, form: Format) -> None:
    if not recommender.manifest.dataset.simulated:
        return
    if form == "table":
        print(SIMULATED)
    else:
        note(SIMULATED)
