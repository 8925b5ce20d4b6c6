"""Genre palettes of the drawn posters, and the little colour arithmetic they need.

A palette's `ink` is the colour of the panel behind the title and `text` the colour of the title.
Those two never vary, so that the contrast of a title can be checked once per genre; the other
colours are shifted a little from film to film.
"""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass, replace

READABLE = 4.5
"""Contrast ratio that WCAG 2 level AA asks of text."""


@dataclass(frozen=True)
class Palette:
    """The colours of one poster, each as `#rrggbb`.

    Parameters
    ----------
    sky, glow
        The two ends of the background.
    main, accent
        The strong colours of the motif.
    ink, text
        The panel behind the title, and the title.
    """

    sky: str
    glow: str
    main: str
    accent: str
    ink: str
    text: str


# Most telling genre first. MovieLens lists genres by the alphabet, so its first one says little:
# a Western that is also a drama and an adventure should still look like a Western.
PALETTES: dict[str, Palette] = {
    "Film-Noir": Palette("#0e0f12", "#33363b", "#e6dfcd", "#c9a45c", "#08090b", "#f4efe2"),
    "Western": Palette("#ec7b31", "#fcd690", "#a8401f", "#fff1c9", "#47140c", "#ffedcd"),
    "Musical": Palette("#b5125a", "#ff7d5a", "#5f1180", "#ffd64f", "#350848", "#fff2e4"),
    "Horror": Palette("#14040a", "#8f1119", "#060204", "#f0e3c4", "#060204", "#f8e9dd"),
    "Documentary": Palette("#ded7c6", "#f7f3e9", "#27393b", "#e2703a", "#f1ece0", "#1b2728"),
    "War": Palette("#98885a", "#ecdca9", "#4d5424", "#bb3f25", "#20230f", "#f5edd3"),
    "Animation": Palette("#4d33cf", "#9a76ff", "#ff6a8d", "#ffd25e", "#23146e", "#ffffff"),
    "Sci-Fi": Palette("#040a22", "#1c4f93", "#ff7a59", "#74e4ff", "#030713", "#ecf7ff"),
    "Fantasy": Palette("#2a1a63", "#c06fb8", "#150d38", "#ffdc92", "#150d38", "#fbf1ff"),
    "Children": Palette("#6ec6ee", "#dff5ff", "#ff665a", "#ffc531", "#fffaf0", "#17365c"),
    "Mystery": Palette("#0c2b34", "#2b7272", "#051820", "#f5c65a", "#05161c", "#ebf6f0"),
    "Adventure": Palette("#f0ac45", "#fbe7b6", "#2b7377", "#d64f2a", "#0f323c", "#fdf4de"),
    "Action": Palette("#d92b17", "#ff9a1f", "#1c1319", "#ffd744", "#170f14", "#fff5e2"),
    "Crime": Palette("#242a31", "#4a5560", "#d8c18a", "#d63d2c", "#13161a", "#f4ebd7"),
    "Thriller": Palette("#0d1b30", "#27527a", "#e8392c", "#f6f0e4", "#080f1b", "#f3f6fa"),
    "Romance": Palette("#f7c9c4", "#fff3ee", "#dd4663", "#f59a76", "#fdebe6", "#571030"),
    "Comedy": Palette("#ffd23f", "#ffe99c", "#ee4f3c", "#1d8f94", "#fff4d3", "#2d1b3d"),
    "Drama": Palette("#dd8a67", "#fbe0c6", "#8d3348", "#f6d264", "#341024", "#fdefe2"),
    "IMAX": Palette("#00213d", "#0a83c4", "#bfe9ff", "#ffb84d", "#00111f", "#eef9ff"),
    "unknown": Palette("#3a475a", "#8294a8", "#b7c5d2", "#f1b276", "#1a222d", "#f1f5f9"),
}
# How many degrees a film's colours may be turned from its genre's, each way: further for genres
# with many films, and not into colours that would tell of another genre.
_TURNS = {
    "Drama": (-80.0, 24.0),
    "Comedy": (-24.0, 8.0),
    "Romance": (-45.0, 30.0),
    "Thriller": (-35.0, 60.0),
    "Crime": (-60.0, 60.0),
    "Sci-Fi": (-30.0, 50.0),
    "Mystery": (-25.0, 70.0),
    "Children": (-30.0, 14.0),
    "Animation": (-40.0, 30.0),
    "Western": (-18.0, 8.0),
    "Adventure": (-28.0, 10.0),
}
_TURN = (-18.0, 18.0)
_ALIASES = {"children's": "Children", "sci fi": "Sci-Fi", "science fiction": "Sci-Fi"}
_BY_NAME = {name.casefold(): name for name in PALETTES} | _ALIASES


def ranked_genres(genres: Sequence[str]) -> list[str]:
    """Return the genres that have a palette, most telling first.

    Parameters
    ----------
    genres
        Genre names in any order and any case; those nobody knows are left out.

    Returns
    -------
    list of str
        Names as in `PALETTES`, each once; `["unknown"]` when there is none.
    """
    known = {_BY_NAME.get(genre.strip().casefold(), "unknown") for genre in genres}
    return [name for name in PALETTES if name in known and name != "unknown"] or ["unknown"]


def _channels(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _hex(red: float, green: float, blue: float) -> str:
    return "#" + "".join(f"{round(255 * min(max(c, 0), 1)):02x}" for c in (red, green, blue))


def mix(first: str, second: str, share: float) -> str:
    """Return `first` with `share` (0 to 1) of `second` in it."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    red, green, blue = (a + (b - a) * share for a, b in pairs)
    return _hex(red, green, blue)


def shift_hue(color: str, degrees: float) -> str:
    """Return `color` turned on the colour wheel, as light and as strong as before."""
    hue, light, strength = colorsys.rgb_to_hls(*_channels(color))
    return _hex(*colorsys.hls_to_rgb((hue + degrees / 360) % 1, light, strength))


def tint(color: str, towards: str, most: float) -> str:
    """Turn the hue of `color` towards another's by at most `most` degrees; mixing makes mud."""
    here, there = (colorsys.rgb_to_hls(*_channels(c))[0] for c in (color, towards))
    way = ((there - here + 0.5) % 1 - 0.5) * 360
    return shift_hue(color, min(max(way, -most), most))


def contrast(first: str, second: str) -> float:
    """Return the WCAG 2 contrast ratio of two colours, 1 to 21."""
    lights = []
    for color in (first, second):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
                  for c in _channels(color)]  # fmt: skip
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def readable(color: str, palette: Palette) -> str:
    """Return `color`, moved towards the text colour until it can be read on the panel."""
    for step in range(10):
        candidate = mix(color, palette.text, step / 10)
        if contrast(candidate, palette.ink) >= READABLE:
            return candidate
    return palette.text


def film_palette(ranked: Sequence[str], turn: float) -> Palette:
    """Return the palette of one film.

    Parameters
    ----------
    ranked
        The film's genres as `ranked_genres` gives them: the first sets the palette, the second
        tints its accent and, more faintly, its background.
    turn
        From 0 to 1: where the film is in the range of hues its genre has.
    """
    base = PALETTES[ranked[0]]
    low, high = _TURNS.get(ranked[0], _TURN)
    degrees = low + (high - low) * turn
    second = PALETTES[ranked[1]] if len(ranked) > 1 else None
    if second is not None:
        base = replace(
            base,
            sky=tint(base.sky, second.sky, 14),
            glow=tint(base.glow, second.glow, 14),
            accent=tint(base.accent, second.main, 30),
        )
    return replace(
        base,
        sky=shift_hue(base.sky, degrees),
        glow=shift_hue(base.glow, degrees),
        main=shift_hue(base.main, degrees / 3),
    )
