"""Posters drawn as SVG, for every film whose real poster is not at hand.

A poster is made of nothing but the film's title, year and genres, and is the same on every
machine and every day. No text in it is taken as markup, whatever a title holds.
"""

import base64
import hashlib
import random
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from recsys.serving.poster_art import motif
from recsys.serving.poster_colors import film_palette, ranked_genres, readable
from recsys.serving.poster_shapes import HEIGHT, WIDTH, Scene

_MARGIN = 22
_LINE_WIDTH = WIDTH - 2 * _MARGIN
_MAX_LINES = 5
_MAX_TITLE_HEIGHT = 152
_SIZES = range(56, 20, -1)
_LINE_HEIGHT = 1.06
# One is a trade mark, the other says nothing.
_UNLABELLED = ("IMAX", "unknown")

# Advance widths of a bold Arial in 1/100 em; serif and narrow faces are a share of them.
_WIDTHS = {
    char: width
    for width, chars in (
        (24, "'"),
        (28, " ,./I\\ijl|"),
        (33, "!()-:;[]`ft"),
        (39, "*r{}"),
        (47, '"'),
        (50, "z"),
        (56, "#$0123456789J_aceksvxy"),
        (58, "+<=>^~"),
        (61, "?FLTZbdghnopqu"),
        (67, "EPSVXY"),
        (72, "&ABCDHKNRU"),
        (78, "GOQw"),
        (84, "M"),
        (89, "%m"),
        (95, "W@"),
    )
    for char in chars
}
# A word with the space before it; long compounds may also be broken after their hyphen.
_WORD = re.compile(r"( ?)((?:[^ -]|-(?![^\W\d_]{3})|(?<![^\W\d_]{3})-)+-?|-)")
# Overrides of the reading direction would turn the rest of the poster round, too.
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class _Face:
    """A style of lettering: the fonts, how wide they run, and how the title is set."""

    fonts: str
    share: float
    capitals: bool = False
    centred: bool = False


_NARROW = _Face(
    "'Arial Narrow','Liberation Sans Narrow','Roboto Condensed',Arial,sans-serif", 0.82, True
)
_SERIF = _Face("'Times New Roman','Liberation Serif',Tinos,serif", 0.92, centred=True)
_PLAIN = _Face("Arial,'Helvetica Neue','Liberation Sans',Arimo,sans-serif", 1.0)
_FACES = {
    **dict.fromkeys(("Action", "Crime", "Horror", "Sci-Fi", "Thriller", "War", "IMAX"), _NARROW),
    **dict.fromkeys(
        ("Drama", "Fantasy", "Film-Noir", "Mystery", "Romance", "Western", "Adventure"), _SERIF
    ),
}


def _clean(text: str) -> str:
    """Drop what XML forbids or what does not print, and make each run of spaces one space."""
    kept = (
        " " if char.isspace() else char
        for char in text
        if char.isspace()
        or not (
            unicodedata.category(char) in ("Cc", "Cs")
            or char in "\ufffe\uffff"
            or char in _DIRECTION_MARKS
        )
    )
    return re.sub(r" +", " ", "".join(kept)).strip()


def _text_width(text: str, share: float) -> float:
    """Estimate how wide `text` runs, in em."""
    total = 0.0
    for char in text:
        if char in _WIDTHS:
            total += _WIDTHS[char] / 100 * share
        elif unicodedata.category(char) in ("Mn", "Me", "Cf"):
            continue
        elif unicodedata.east_asian_width(char) in "WF" or unicodedata.category(char) == "So":
            total += 1.15
        else:
            total += 0.68 * share
    return total


def _cut(word: str, limit: float, share: float) -> str:
    """Return the longest beginning of `word` that is no wider than `limit` em."""
    width = 0.0
    for end, char in enumerate(word):
        width += _text_width(char, share)
        if width > limit and end:
            return word[:end]
    return word


def _wrap(text: str, limit: float, share: float) -> tuple[list[str], bool]:
    """Break `text` into lines of at most `limit` em; also tell whether a word had to be cut."""
    lines: list[str] = []
    line, broken = "", False
    for space, word in _WORD.findall(text):
        joined = f"{line}{space}{word}"
        if _text_width(joined, share) <= limit:
            line = joined
            continue
        if line:
            lines.append(line)
        rest = word
        while _text_width(rest, share) > limit:
            piece = _cut(rest, limit, share)
            if piece == rest:
                break
            broken = True
            lines.append(piece)
            rest = rest[len(piece) :]
        line = rest
    return [*lines, line], broken


def _fit(text: str, share: float) -> tuple[int, list[str]]:
    """Find the largest type at which the title fits, and its lines; cut what never fits."""
    size, lines = _SIZES[-1], [text]
    for size in _SIZES:
        lines, broken = _wrap(text, _LINE_WIDTH / size, share)
        fits = len(lines) <= _MAX_LINES and len(lines) * size * _LINE_HEIGHT <= _MAX_TITLE_HEIGHT
        if fits and not broken:
            # The same number of lines, but of more even length: no last line of one short word.
            for narrower in range(_LINE_WIDTH, _LINE_WIDTH // 2, -6):
                evened, broken = _wrap(text, narrower / size, share)
                if len(evened) > len(lines) or broken:
                    break
                best = evened
            return size, best
    if len(lines) > _MAX_LINES:
        room = _LINE_WIDTH / size - 1
        lines = [*lines[: _MAX_LINES - 1], _cut(lines[_MAX_LINES - 1], room, share).rstrip() + "…"]
    return size, lines


def _title_svg(lines: Sequence[str], size: int, first: float, face: _Face, color: str) -> str:
    x, anchor = (WIDTH // 2, "middle") if face.centred else (_MARGIN, "start")
    out = [
        f'<g font-family="{face.fonts}" font-weight="700" font-size="{size}" fill="{color}" '
        f'text-anchor="{anchor}">'
    ]
    for i, line in enumerate(lines):
        # Where all widths are known, the browser is told to keep to them: a viewer without the
        # first fonts of the list then gets slightly squeezed letters instead of a cut-off title.
        known = all(char in _WIDTHS for char in line) and len(line) > 1
        length = f"{_text_width(line, face.share) * size:.0f}"
        keep = f' textLength="{length}" lengthAdjust="spacingAndGlyphs"' if known else ""
        y = first + i * size * _LINE_HEIGHT
        out.append(f'<text x="{x}" y="{y:.0f}"{keep}>{escape(line)}</text>')
    return "".join(out) + "</g>"


def svg_poster(title: str, year: int, genres: Sequence[str]) -> str:
    """Draw the poster of one film.

    Parameters
    ----------
    title
        Any text at all. Long titles are set smaller, over up to five lines, then cut.
    year
        0 when it is not known.
    genres
        MovieLens genre names. The most telling one, not the first, decides motif and colours (a
        Western drama looks like a Western); the next one tints the accent.

    Returns
    -------
    str
        A whole SVG document of 300 by 450 units, the same for the same arguments everywhere.
    """
    title = _clean(title) or "Untitled"
    shown_year = str(year) if 1 <= year <= 9999 else ""
    digest = hashlib.sha256(f"{title}\n{shown_year}".encode()).digest()
    rng = random.Random(int.from_bytes(digest[:8], "big"))
    ranked = ranked_genres(genres)
    palette = film_palette(ranked, rng.random())

    face = _FACES.get(ranked[0], _PLAIN)
    size, lines = _fit(title.upper() if face.capitals else title, face.share)
    last = 392
    first = last - (len(lines) - 1) * size * _LINE_HEIGHT
    base = first - size * 0.78 - 20

    # Unique names, because pages that show many posters inline share one set of ids.
    sky, fade = f"s{digest.hex()[:10]}", f"f{digest.hex()[:10]}"
    scene = Scene(palette, base, rng)
    art = motif(ranked[0], scene)
    label = " · ".join(name for name in ranked[:2] if name not in _UNLABELLED).upper()
    caption = readable(palette.accent, palette)
    full = f"{title[:120]} ({shown_year})" if shown_year else title[:120]
    year_x = WIDTH - _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img"><title>{escape(full)}</title>'
        f'<defs><linearGradient id="{sky}" x2="0" y2="1"><stop stop-color="{palette.sky}"/>'
        f'<stop offset=".7" stop-color="{palette.glow}"/></linearGradient>'
        f'<linearGradient id="{fade}" x2="0" y2="1">'
        f'<stop stop-color="{palette.ink}" stop-opacity="0"/>'
        f'<stop offset="1" stop-color="{palette.ink}"/></linearGradient></defs>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#{sky})"/>{art}'
        f'<rect y="{base - 60:.0f}" width="{WIDTH}" height="61" fill="url(#{fade})"/>'
        f'<rect y="{base:.0f}" width="{WIDTH}" height="{HEIGHT}" fill="{palette.ink}"/>'
        + _title_svg(lines, size, first, face, palette.text)
        + f'<path d="M{_MARGIN} 407h{_LINE_WIDTH}" stroke="{caption}" opacity=".5"/>'
        f'<g font-family="{_PLAIN.fonts}" font-weight="700" fill="{caption}">'
        f'<text x="{_MARGIN}" y="429" font-size="12" letter-spacing="1.4">{escape(label)}</text>'
        f'<text x="{year_x}" y="429" font-size="14" text-anchor="end">{shown_year}</text>'
        "</g></svg>"
    )


def svg_data_uri(svg: str) -> str:
    """Return an SVG document as an address that `<img>` and `st.image` can show.

    Base64 rather than percent-encoding: it needs no further escaping in an HTML attribute or a
    CSS `url()`.
    """
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")
