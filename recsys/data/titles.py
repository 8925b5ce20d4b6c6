"""Film titles as text: year, natural word order, a form fit for comparing, and likeness."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

_ARTICLES = (
    "The|A|An|Le|La|Les|L['\u2019]|Il|Lo|I|Gli|Der|Die|Das|Ein|Eine|El|Los|Las|Un|Una|Une|O|Os|As"
    "|De|Het|Een|Den|Det|En|Ett|Um|Uma"
)
# Articles that do not tell names apart. Left out are common first words of titles: "Die Hard" is
# not "Hard", nor "I Am Sam" "Am Sam", nor "As Good as It Gets" "Good as It Gets".
_LEADING_ARTICLE = re.compile(
    "(?:the|an?|le|las?|les|l|il|lo|los|gli|der|das|eine?|el|un|un[ae]|het|een|den|det|ett|uma) "
)

_YEAR = r"(18[7-9][0-9]|19[0-9]{2}|20[0-9]{2}|2100)"  # other numbers belong to the title
_YEAR_AT_END = re.compile(
    rf"(?<=\S)\s*\(\s*{_YEAR}\s*(?:[-\u2010-\u2015]\s*(?:\d{{4}})?\s*)?\)\s*$"
)
_YEAR_WORD = re.compile(rf"\(\s*{_YEAR}\s*\)|^\s*{_YEAR}(?=\s)|(?<=\s){_YEAR}\s*$")
_SEGMENT = re.compile(
    # A segment ends at a parenthesis or at the end of the title; a.k.a. stays where it is.
    rf"(?P<aka>a\.?k\.?a\.?\s+)?(?P<name>[^()\s](?:[^()]*?[^()\s,])?),\s*"
    rf"(?P<article>{_ARTICLES})(?=\s*(?:[()]|$))"
)
_SEGMENT_ANY_CASE = re.compile(_SEGMENT.pattern, re.IGNORECASE)
_AKA = re.compile(r"\ba\.k\.a\b\.?|(?<=\()\s*aka\b", re.IGNORECASE)
_GROUP = re.compile(r"(?<=\S)\s*\(([^()]*)\)")  # not the number of "(500) Days of Summer"

_ELISION = re.compile(r"\b([cdjlmnst]|qu)'(?=\w)")
_INITIALS = re.compile(r"(?<=\b\w)\.(?=\w\b)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_VARIANTS = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u00b4`"), "'") | {0xBD: " 1/2"}

# Letters that do not decompose into a plain letter and an accent.
_LETTERS = {
    "\u00f8": "o", "\u0142": "l", "\u00e6": "ae", "\u0153": "oe", "\u0111": "d", "\u00f0": "d",
    "\u00fe": "th", "\u0131": "i", "\u0127": "h", "&": " and ", "'": "",
}  # fmt: skip

_ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv"]
_COUNTED = {"part", "episode", "chapter", "vol", "volume", "book"}

_EXACT = 100.0
_FUZZY = 92.0  # the ceiling of names that merely resemble the query
_PREFIX = 91.0  # the floor of names that begin with the query, and of those that contain it
_PHRASE = 85.0
_WRONG_NUMBER = 0.8  # what is left of a name without the number of the sequel asked for


class _Folding(dict[int, str]):
    """Translation table filled on demand: letters, digits and marks stay, the rest is a space."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if unicodedata.combining(char):
            kept = ""  # an accent, set apart from its letter by NFKD
        elif unicodedata.category(char)[0] in "LNM" and not 0xFE00 <= code <= 0xFE0F:
            kept = char  # vowel signs of Indic scripts are marks; variation selectors are noise
        else:
            kept = " "
        self[code] = kept
        return kept


_FOLDING = _Folding({ord(char): plain for char, plain in _LETTERS.items()})


def split_year(raw: str) -> tuple[str, int]:
    """Take the year off the end of a title.

    Parameters
    ----------
    raw : str
        A title as the catalogue writes it, such as ``"Matrix, The (1999)"`` or
        ``"Death Note (2006-2007)"``.

    Returns
    -------
    tuple of (str, int)
        The title without year and surrounding space, and the (first) year; 0 when there is none.
    """
    match = _YEAR_AT_END.search(raw)
    return (raw[: match.start()].strip(), int(match[1])) if match else (raw.strip(), 0)


def display_title(raw_without_year: str) -> str:
    """Put a title, and the other names in its parentheses, in natural word order.

    Parameters
    ----------
    raw_without_year : str
        Such as ``"Amelie (Fabuleux destin d'Amélie Poulain, Le)"``.

    Returns
    -------
    str
        Such as ``"Amelie (Le Fabuleux destin d'Amélie Poulain)"``.
    """
    return _SEGMENT.sub(_article_first, raw_without_year.strip())


def _article_first(match: re.Match[str]) -> str:
    gap = "" if match["article"][-1] in "'\u2019" else " "
    return f"{match['aka'] or ''}{match['article']}{gap}{match['name']}"


def alternative_names(title: str) -> list[str]:
    """List the names a film goes by.

    Parameters
    ----------
    title : str
        A display title without year, possibly with other names in parentheses.

    Returns
    -------
    list of str
        The whole title first, then what stands outside and inside its parentheses.
    """
    title = _AKA.sub(" ", title).strip()
    inside = [name for name in _GROUP.findall(title) if len(name.strip()) > 1]
    return list(dict.fromkeys([title, _GROUP.sub("", title), *inside]))


def has_original_title(title: str) -> bool:
    """Tell whether a display title gives the film's name in another language.

    Parameters
    ----------
    title : str
        Such as ``"Amelie (Le fabuleux destin d'Amélie Poulain)"``; names after "a.k.a." are
        mostly of the same language.
    """
    return any(not _AKA.search(f"({name}") for name in _GROUP.findall(title))


def fold(text: str, *, numerals: bool = True) -> str:
    """Reduce a name to plain lower-case words, its article in front.

    Parameters
    ----------
    text : str
        Any text.
    numerals : bool
        Write roman numerals as digits: "Rocky II" and "Rocky 2" become the same.

    Returns
    -------
    str
        Words set apart by single spaces, without case, accents or punctuation. Text that has
        nothing but punctuation is kept as it is, so that it can still be found.
    """
    text = _AKA.sub(" ", text.translate(_VARIANTS))
    text = _SEGMENT_ANY_CASE.sub(_article_first, text.strip())
    lower = unicodedata.normalize("NFKD", text.casefold())
    plain = _INITIALS.sub("", _THOUSANDS.sub("", _ELISION.sub(r"\1 ", lower)))
    words = unicodedata.normalize("NFC", plain.translate(_FOLDING).casefold()).split()
    if not words:
        return " ".join(lower.split()).encode("utf-8", "replace").decode("utf-8")
    if numerals:  # but not in place of a name's first word
        first = 2 if article_length(" ".join(words)) else 1
        words[first:] = [_arabic(words, place) for place in range(first, len(words))]
    return " ".join(words)


def _arabic(words: list[str], place: int) -> str:
    """Return one word, as digits when it is a roman numeral where those stand."""
    word = words[place]
    if word not in _ROMAN:
        return word
    # A single letter is a numeral after "part" and the like; V and X also close a title.
    counted = words[place - 1] in _COUNTED or (word in "vx" and place == len(words) - 1)
    return str(_ROMAN.index(word) + 1) if len(word) > 1 or counted else word


def article_length(folded: str) -> int:
    """Count the characters of a folded name's leading article and the space behind it.

    Parameters
    ----------
    folded : str
        The result of `fold`.

    Returns
    -------
    int
        0 when there is no article, or nothing else.
    """
    match = _LEADING_ARTICLE.match(folded)
    return match.end() if match else 0


def normalise(text: str) -> str:
    """Reduce a name to what identifies it: folded words without a leading article.

    Parameters
    ----------
    text : str
        Any text, such as ``"Misérables, Les"``.

    Returns
    -------
    str
        Such as ``"miserables"``; empty only for blank text.
    """
    folded = fold(text)
    return folded[article_length(folded) :]


def query_readings(query: str) -> list[tuple[str, int]]:
    """List the ways to read a query: as it stands, and with a year taken out of it.

    Parameters
    ----------
    query : str
        What someone typed, such as ``"matrix 1999"``.

    Returns
    -------
    list of (str, int)
        Folded text and year, 0 for none: ``[("matrix 1999", 0), ("matrix", 1999)]``.
    """
    texts = [(query, 0)]
    for match in _YEAR_WORD.finditer(query):
        rest = f"{query[: match.start()]} {query[match.end() :]}"
        texts.append((rest, int(match[1] or match[2] or match[3])))
    # "batman v" is a title being typed as much as the fifth part of one.
    readings = [(fold(text, numerals=n), year) for text, year in texts for n in (True, False)]
    return [reading for reading in dict.fromkeys(readings) if reading[0]]


def similarity(query: str, names: Sequence[str]) -> NDArray[np.float64]:
    """Score how well a query fits each of some names, wholly or as their beginning.

    Parameters
    ----------
    query : str
        Folded, not empty.
    names : sequence of str, length n
        Folded, at least one, none empty.

    Returns
    -------
    ndarray of float64, shape (n,)
        From 0 to 100, which stands for the same name.
    """
    body = query[article_length(query) :]
    bodies = [name[article_length(name) :] for name in names]
    solid, solid_body = query.replace(" ", ""), body.replace(" ", "")  # for "starwars"
    solids, solid_bodies = ([name.replace(" ", "") for name in n] for n in (names, bodies))

    whole = np.maximum(_closeness(solid, solids), _closeness(solid_body, solid_bodies))
    scores = np.maximum(0.97 * whole, 0.6 * _word_agreement(query.split(), names) + 0.4 * whole)
    if len(solid) > 3:
        for texts in (solids, solid_bodies):
            begun = _closeness(solid, [text[: len(solid)] for text in texts])
            np.maximum(scores, 0.88 * begun, out=scores)
    numbers = {word for word in query.split() if word.isdigit()}
    complete = [numbers <= set(name.split()) for name in names]
    scores *= np.where(complete, _FUZZY, _FUZZY * _WRONG_NUMBER)
    for place, (name, name_body) in enumerate(zip(names, bodies, strict=True)):
        if query in (name, name_body) or body == name_body:
            scores[place] = _EXACT
        elif name.startswith(query) or name_body.startswith(query):
            scores[place] = max(scores[place], _PREFIX)
        elif f" {query} " in f"{name} " or (" " in query and f" {query}" in name):
            scores[place] = max(scores[place], _PHRASE)
    return scores


def _word_agreement(query: Sequence[str], names: Sequence[str]) -> NDArray[np.float64]:
    """Score from 0 to 1 how many query words names have, and names query words, give or take."""
    split = [name.split() for name in names]
    places: dict[str, int] = {}
    ids = np.array([places.setdefault(word, len(places)) for name in split for word in name])
    starts = np.cumsum([0, *map(len, split)])[:-1]
    vocabulary = list(places)

    alike = np.array([_closeness(word, vocabulary) for word in query])
    begun = _closeness(query[-1], [word[: len(query[-1])] for word in vocabulary])
    np.maximum(alike[-1], 0.95 * begun, out=alike[-1])  # the last word may be unfinished
    alike[alike < 0.55] = 0
    for place, word in enumerate(query):
        if word.isdigit():  # 2 is not nearly 3
            alike[place] = [word == other for other in vocabulary]

    found = np.maximum.reduceat(alike[:, ids], starts, axis=1)
    weights = np.array([_word_weight(word) for word in query])
    covered = weights @ found / weights.sum()
    weights = np.array([_word_weight(word) for word in vocabulary])[ids]
    used = np.add.reduceat(weights * alike.max(axis=0)[ids], starts)
    agreement: NDArray[np.float64] = 0.75 * covered + 0.25 * used / np.add.reduceat(weights, starts)
    return agreement


def _word_weight(word: str) -> float:
    return 3.0 if word.isdigit() else float(len(word))


def _closeness(text: str, others: Sequence[str]) -> NDArray[np.float32]:
    """Return 1 less the share of letters to insert, drop, replace or swap."""
    row: NDArray[np.float32] = cdist([text], others, scorer=OSA.normalized_similarity)[0]
    return row
