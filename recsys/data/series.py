"""Film series, found by what titles begin with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys.data.titles import alternative_names, article_length, fold

_BREAK = re.compile(r":\s|\s[-\u2010-\u2015]\s|\s/\s|,\s(?:Part|Episode|Chapter|Vol)")
_PART = "(?:the )?(?:part|episode|chapter|vol|volume|book|movie|no)"
_NUMBER = re.compile(rf"^(.+?) (?:{_PART} )?(?:\d+(?: .*)?|one|two|three|four|five)$")
_GOES_ON = re.compile(
    "^(.+?) (?:begins|forever|goes|meets|reloaded|resurrections?|returns|revolutions|rises"
    "|salvation|strikes|vs|versus|v)(?: .*)?$"
)
_HERO_AND = re.compile(r"^(\w{2,} \w{3,}) and (?:the|his|her) .+$")  # "Indiana Jones and the ..."

_SMALL_WORDS = frozenset(
    word
    for words in (
        "a an and are as at by for from in is it my no of on or our so the this to up vs we with",
        "you your de del der des die do du e el et la le les los un une und y",
    )
    for word in words.split()
)
"""Words that no name of a series ends with, of the languages most titles are in."""

_NO_NAMES = frozenset(("film", "movie", "untitled"))
"""Words that number films of no series."""

_LARGEST = 60
"""A beginning shared by more films is a phrase of the language, not a series."""


@dataclass(frozen=True)
class Series:
    """Films whose titles say that they belong together.

    Attributes
    ----------
    names : tuple of str
        As a title spells them, such as "Toy Story".
    item_index, series_index : int32[n]
        A film is in one series at most.
    """

    names: tuple[str, ...]
    item_index: NDArray[np.int32]
    series_index: NDArray[np.int32]


def find_series(titles: Sequence[str]) -> Series:
    """Find the films that share the name of a series, or their whole title.

    The name is what stands before a colon, a dash, a number, "and the" or words like "returns":
    "Star Wars: Episode IV", "Toy Story 2", "Harry Potter and the Goblet of Fire", "The Matrix
    Reloaded". A name of two words or more, such as "Mad Max", also takes in titles that go on
    otherwise ("Mad Max Beyond Thunderdome"). Films that share one word and nothing but it
    ("Crash") are not thought to belong together.

    Parameters
    ----------
    titles : sequence of str
        Display titles without the year.

    Returns
    -------
    Series
        Of two films at least.
    """
    full_names = [_main_name(title) for title in titles]
    candidates = [_stems(name) for name in full_names]
    bodies = [stems.pop(0) for stems in candidates]
    stems_of_all = {stem for stems in candidates for stem in stems}
    beginnings = Counter(prefix for name in bodies for prefix in _prefixes(name))
    for name, stems in zip(bodies, candidates, strict=True):
        stems.extend(
            prefix
            for prefix in _prefixes(name)
            if prefix in stems_of_all
            and prefix not in stems
            and _n_words(prefix) > 1
            and beginnings[prefix] <= _LARGEST
        )
    size = Counter(stem for stems in candidates for stem in stems)
    # The longest name that others share: "mission impossible" rather than "mission".
    chosen = [
        max((stem for stem in stems if 2 <= size[stem] <= _LARGEST), key=len, default="")
        for stems in candidates
    ]
    spellings: dict[str, set[str]] = {}
    for stem, name in zip(chosen, bodies, strict=True):
        spellings.setdefault(stem, set()).add(name)
    members: dict[str, list[int]] = {}
    for i, stem in enumerate(chosen):
        if stem and (len(spellings[stem]) > 1 or _n_words(stem) > 1):
            members.setdefault(stem, []).append(i)
    series = [(stem, found) for stem, found in sorted(members.items()) if len(found) > 1]
    pairs = [(i, j) for j, (_, found) in enumerate(series) for i in found]
    item, of_series = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
    names = tuple(_spelled(stem, [full_names[i] for i in found]) for stem, found in series)
    return Series(names, item.copy(), of_series.copy())


def _spelled(stem: str, titles: Sequence[str]) -> str:
    """Find the words that a title writes a name with."""
    for title in titles:
        words = title.split()
        for n in range(1, len(words) + 1):
            beginning = " ".join(words[:n])
            if _body(beginning) == stem:
                return beginning.rstrip(" ,:;.-")
    return stem


def _main_name(title: str) -> str:
    """Take off the other names in parentheses."""
    names = alternative_names(title)
    return names[1] if len(names) > 1 else names[0]


def _body(name: str) -> str:
    folded = fold(name)
    return folded[article_length(folded) :]


def _stems(name: str) -> list[str]:
    """Return the folded name, and the names of series it can stand for."""
    heads = [name] + [name[: match.start()] for match in _BREAK.finditer(name)]
    bodies = [_body(head) for head in heads]
    found = list(bodies)
    for body in bodies:
        found += [cut.sub(r"\1", body) for cut in (_NUMBER, _GOES_ON, _HERO_AND)]
    return [bodies[0], *(stem for stem in dict.fromkeys(found) if _is_name(stem))]


def _prefixes(name: str) -> list[str]:
    words = name.split()
    return [p for n in range(1, len(words)) if _is_name(p := " ".join(words[:n]))]


def _n_words(stem: str) -> int:
    """Count the words that say something."""
    return sum(word not in _SMALL_WORDS for word in stem.split())


def _is_name(stem: str) -> bool:
    """Tell a name from a number, a letter or a phrase that breaks off."""
    return (
        len(stem) > 2
        and stem not in _NO_NAMES
        and stem.rpartition(" ")[2] not in _SMALL_WORDS
        and any(char.isalpha() for char in stem)
    )
