"""What people type - folders, films, ratings, users - and what it stands for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recsys.cli.options import MAX_ID
from recsys.errors import DataError, InvalidRequestError, UnknownUserError

if TYPE_CHECKING:
    from recsys.serving.recommender import Recommender


def load(artifacts: Path) -> Recommender:
    """Load the live version."""
    from recsys.serving.recommender import Recommender

    return Recommender.load(artifacts)


def check_user(user_id: int) -> int:
    """Return the id if there can be such a user at all.

    Raises
    ------
    UnknownUserError
        If the number is too large for an id.
    """
    if abs(user_id) > MAX_ID:
        raise UnknownUserError(f"There is no user {user_id}: ids have at most 19 digits.")
    return user_id


def label(recommender: Recommender, item_id: int) -> str:
    """Title with the year."""
    return recommender.catalog.label(int(recommender.items.index([item_id])[0]))


def find_film(recommender: Recommender, text: str) -> int:
    """Item id of what a person typed: an id, or a title.

    Films are called "1917", too, so that a bare number that is no id is looked up as a title;
    "id:1917" is an id in any case.
    """
    text = text.strip()
    number = text.removeprefix("id:").strip()
    if number.isascii() and number.isdecimal():
        item_id = int(number)
        if item_id <= MAX_ID and item_id in recommender.items:
            return item_id
        if text.startswith("id:"):
            recommender.items.index([item_id])
    elif text.startswith("id:"):
        raise InvalidRequestError(f"'{text}' names no id: write id: and a number, such as id:1.")
    return recommender.find_title(text)


def parse_rating(recommender: Recommender, text: str) -> tuple[int, float]:
    """Split "TITLE=RATING" and find the film.

    Raises
    ------
    InvalidRequestError
        If there is no number after the last equals sign.
    UnknownItemError
        If no film is near the title.
    DataError
        If the rating is outside of the scale.
    """
    title, _, number = text.rpartition("=")
    try:
        stars = float(number)
    except ValueError:
        stars = float("nan")
    if not title.strip() or stars != stars:
        raise InvalidRequestError(f"'{text}' is not of the form TITLE=RATING, such as Alien=4.5.")
    item_id = find_film(recommender, title)
    recommender.profile({item_id: stars})
    return item_id, stars


def read_ids(path: Path) -> list[int]:
    """Distinct user ids of a file, one per line; a heading in the first line is skipped.

    Raises
    ------
    DataError
        If the file can't be read, or a line is no user id.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise DataError(f"{path} can't be read ({error.strerror}); check its name.") from None
    except UnicodeDecodeError:
        raise DataError(f"{path} is not a text file; give one user id per line.") from None
    ids: dict[int, None] = {}
    first = True
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.isascii() and text.isdecimal() and int(text) <= MAX_ID:
            ids[int(text)] = None
        elif text and not (first and not text[0].isdecimal()):
            raise DataError(f"{path} line {number}: '{text[:30]}' is not a user id.")
        first = first and not text
    if not ids:
        raise DataError(f"{path} holds no user id; give one per line.")
    return list(ids)
