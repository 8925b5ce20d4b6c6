"""Titles and tags are text, whatever characters they hold."""

from __future__ import annotations

import math
import re
import unicodedata
from html import escape

_LINK = re.compile(r"(?<=http)(?=s?://)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&=@/\"'^])")


def plain(text: str) -> str:
    """Fold white space and drop control and direction-changing characters."""
    kept = "".join(
        character
        for character in text
        if character in "\n\t"
        or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
        # Joiners build emoji and letters of some scripts.
        or character in "\u200c\u200d"
    )
    return " ".join(kept.split())


def as_markdown(text: str) -> str:
    """Escape text for a label that Streamlit reads as Markdown.

    Bare addresses become links in spite of escapes, so an invisible joiner takes them apart.
    """
    return _SPECIAL.sub(r"\\\1", _LINK.sub("\u2060", plain(text)))


def as_html(text: str) -> str:
    """Escape text for ``st.html``; the direction of its script stays its own."""
    return f"<bdi>{escape(plain(text))}</bdi>"


def predicted_text(rating: float, deviation: float, highest: float) -> str:
    """Word a predicted rating on its own scale.

    Parameters
    ----------
    rating : float
    deviation : float
        NaN when the model does not tell how sure it is.
    highest : float
        The scale's highest rating; only those of five stars are shown as stars.
    """
    digits = 1 if highest <= 10 else 0
    spread = "" if math.isnan(deviation) else f" ± {deviation:.{digits}f}"
    if highest == 5:
        return f"predicted {rating:.{digits}f}★{spread}"
    return f"predicted {rating:.{digits}f}{spread} of {highest:g}"


def shorten(text: str, limit: int = 90) -> str:
    """Cut a text that would fill the screen."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
