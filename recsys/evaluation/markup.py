"""Elements of a page, whose text can't become anything but text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import Element, fromstring, tostring

Content = Element | str

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(name: str, /, *content: Content, **attributes: str) -> Element:
    """Make an element.

    Parameters
    ----------
    name : str
    *content : Element or str
        In order; text is escaped when the page is written.
    **attributes : str
        ``class_`` is written "class", ``aria_label`` "aria-label".
    """
    made = Element(
        name, {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    )
    for one in content:
        if isinstance(one, Element):
            made.append(one)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + one
        else:
            made.text = (made.text or "") + one
    return made


def page(root: Element) -> str:
    """Write an HTML document."""
    return f"<!doctype html>\n{tostring(root, encoding='unicode', method='html')}\n"


def printable(value: Any) -> Any:
    """Replace the characters that XML can't hold, such as control characters.

    Parameters
    ----------
    value : str, or mappings, lists and tuples of them
        Anything else is returned as it is.
    """
    if isinstance(value, str):
        return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {printable(key): printable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [printable(one) for one in value]
    return value


def drawing(svg: str, label: str, prefix: str) -> Element:
    """Put an SVG file into a page.

    What it tells screen readers of its parts gives way to one label, and its ids get a prefix:
    those of several drawings would be the same.

    Parameters
    ----------
    svg : str
        A whole file, of one chart.
    label : str
        What there is to see.
    prefix : str
        Of letters and digits; another one for each drawing of the page.
    """
    root = fromstring(svg)
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
        node.attrib = dict(_attributes(node, prefix))
    root.attrib |= {"role": "img", "aria-label": label}
    return root


def _attributes(node: Element, prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in node.attrib.items():
        name = key.rpartition("}")[2]
        if name == "id":
            yield name, f"{prefix}-{value}"
        elif name == "href":
            yield name, value.replace("#", f"#{prefix}-", 1)
        elif not name.startswith("aria-") and name not in ("role", "class", "pointer-events"):
            yield name, value.replace("url(#", f"url(#{prefix}-")


def table(caption: str, headings: Sequence[Content], rows: Sequence[Sequence[Content]]) -> Element:
    """Make a table that scrolls in its own box; the first cell of a row names it."""
    head = element("tr", *(element("th", one, scope="col") for one in headings))
    body = (
        element("tr", element("th", row[0], scope="row"), *(element("td", one) for one in row[1:]))
        for row in rows
    )
    made = element(
        "table",
        element("caption", caption),
        element("thead", head),
        element("tbody", *body),
    )
    # With a place in the order of keys, so that it can be scrolled without a mouse.
    return element("div", made, class_="scroll", role="region", aria_label=caption, tabindex="0")


def folded(summary: str, *content: Content) -> Element:
    """Make a part that is opened when wanted, and always is in print."""
    return element("details", element("summary", summary), *content)
