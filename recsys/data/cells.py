"""Text of one cell to a value, or a reason why not: the careful half of the table reader."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime

from recsys.data.formats import KINDS, Scale

MAX_ID = 2**63 - 1
MISSING = frozenset({"", "nan", "na", "n/a", "nat", "null", "none", "\\n"})
"""Texts that stand for an absent value, in lower case."""
NO_TIME = -1
"""Stands for a rating without a time."""

_WHOLE = re.compile(r"\+?0*(\d{1,19})(?:\.0*)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)


def shown(text: str) -> str:
    """Text of a cell, short and safe to print."""
    return repr(text if len(text) <= 30 else text[:27] + "...")


def is_missing(text: str) -> bool:
    """Whether a cell is empty or says so."""
    return text.strip().casefold() in MISSING


def whole_number(text: str) -> int | None:
    """Return a whole number from 0 to 2**63 - 1; "862.0" counts as one, None if it is not."""
    match = _WHOLE.fullmatch(text.strip())
    value = int(match[1]) if match else -1
    return value if 0 <= value <= MAX_ID else None


def converter(name: str, bounds: Scale | None = None) -> Callable[[str], int | float | str]:
    """Return the function that turns cells of a column into values.

    Parameters
    ----------
    name : str
        One of our columns.
    bounds : (float, float), optional
        Lowest and highest number allowed.

    Returns
    -------
    callable
        Raises ``ValueError`` with a reason for people.
    """
    kind = KINDS.get(name, "text")
    label = name.replace("_", " ")

    def read_id(text: str) -> int:
        value = whole_number(text)
        if value is None:
            problem = "is empty" if is_missing(text) else f"{shown(text)} is not a whole number"
            raise ValueError(f"{label} {problem}; ids must be whole numbers from 0 to 2^63-1")
        return value

    def read_number(text: str) -> float:
        text = text.strip()
        if is_missing(text):
            raise ValueError(f"{label} is empty")
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        # The columns are float32, whose largest value is much smaller than a float's.
        if not abs(value) < 3e38:
            raise ValueError(f"{label} {shown(text)} is not a number")
        if bounds is not None and not bounds[0] <= value <= bounds[1]:
            raise ValueError(f"{label} {value:g} is outside of {bounds[0]:g} to {bounds[1]:g}")
        return value

    def read_time(text: str) -> int:
        text = text.strip()
        if is_missing(text):
            return NO_TIME
        try:
            if _NUMBER.fullmatch(text):
                value = int(text) if text.isdecimal() and len(text) < 20 else int(float(text))
            else:
                moment = datetime.fromisoformat(text)
                value = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
        except (ValueError, OverflowError):
            value = -1
        if not 0 <= value <= MAX_ID:
            raise ValueError(
                f"{label} {shown(text)} is neither seconds since 1970 nor a date like 2024-05-31"
            )
        return value

    if kind == "id":
        return read_id
    if kind == "number":
        return read_number
    if kind == "time":
        return read_time
    return str.strip
