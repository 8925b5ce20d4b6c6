"""Tags as people write them: one spelling of each, and nothing that is not about the film."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from recsys.data.titles import fold

_LONGEST = 50  # characters; longer "tags" are remarks

_LETTER = re.compile(r"[^\W\d_]")
_ABOUT_THE_VIEWER = re.compile(
    # Where a copy is or was, and what somebody means to do with it.
    r"\b(?:netflix|dvds?|vhs|blu ?rays?|betamax|tivo|queue|rental|rented|download(?:ed)?|wish ?list"
    r"|watch ?list|not available|my (?:collection|movies|list))\b"
    r"|^(?:(?:i )?(?:have |already |not )*(?:seen|watched|own|owned|unwatched|unseen)"
    r"|(?:want|need|have|movies?) to (?:see|watch|buy|own)|to (?:see|watch|buy|rent)|must see"
    r"|(?:see|watch|rent|buy)(?: again| it| this| soon)?|rewatch|library|check ?out"
    r"|(?:seen|watched|saw) (?:(?:at|in|on|it|with|more|again)\b|\d).*)$"
)


def clean_tag(raw: str) -> str:
    """Fold a tag's case and white space; "" for what is no tag."""
    tag = " ".join(raw.casefold().split())
    return tag if len(tag) <= _LONGEST and tag.isprintable() else ""


def tag_key(tag: str) -> str:
    """Reduce a tag to its letters and digits, alike for "sci-fi", "Sci Fi" and "scifi"."""
    return fold(tag, numerals=False).replace(" ", "")


def is_about_film(tag: str) -> bool:
    """Tell a tag of a film from a note of a viewer's, such as "in netflix queue", or a number."""
    return bool(_LETTER.search(tag)) and not _ABOUT_THE_VIEWER.search(fold(tag, numerals=False))


def vocabulary(
    tags: Sequence[str], counts: Iterable[int] | None = None
) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Bring tags together that differ in nothing but punctuation, accents or a plural's "s".

    Parameters
    ----------
    tags : sequence of str, length n
        Cleaned; "" for none.
    counts : iterable of int, optional
        How often each is used; the most used spelling stands for all.

    Returns
    -------
    names : tuple of str
        Sorted.
    code : int64[n]
        Position of each tag's name, -1 for "".
    """
    keys = [tag_key(tag) if tag else "" for tag in tags]
    known = set(keys)
    keys = [_singular(key, known) for key in keys]
    uses: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for tag, key, count in zip(tags, keys, counts or [1] * len(tags), strict=True):
        if key:
            uses[key][tag] += count
    name_of = {
        key: min(spellings, key=lambda tag: (-spellings[tag], len(tag), tag))
        for key, spellings in uses.items()
    }
    names = tuple(sorted(name_of.values()))
    place = {name: j for j, name in enumerate(names)}
    return names, np.array([place[name_of[key]] if key else -1 for key in keys], dtype=np.int64)


def _singular(key: str, known: set[str]) -> str:
    """Drop a plural's "s" where the tag without it is in use too."""
    single = key[:-1]
    is_plural = len(key) > 4 and key.endswith("s") and not key.endswith("ss")
    return single if is_plural and single in known else key
