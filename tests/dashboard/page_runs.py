"""Opening pages in process and reading what they show."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
HOME, USER, TASTE, COLD, SIMILAR, REPORT = PAGES = (
    "app.py",
    "pages/1_For_a_user.py",
    "pages/2_Taste_profile.py",
    "pages/3_Cold_start.py",
    "pages/4_Similar_movies.py",
    "pages/5_Model_report.py",
)
FILM_PAGES = PAGES[:-1]
"""Those that list films."""

BUSY = {
    HOME: {"taste": "1:5,3:4"},
    USER: {"user": "1"},
    TASTE: {"taste": "1:5,3:4"},
    COLD: {"seed": "5"},
    SIMILAR: {"film": "1"},
    REPORT: {"part": "Quality", "k": "5"},
}
"""An address of each page at which it shows everything it can."""


def open_page(page: str, **query: str) -> AppTest:
    """Run a page through app.py as a browser does that opens its address."""
    test = AppTest.from_file(str(ROOT / HOME), default_timeout=30)
    if page != HOME:
        test.switch_page(page)
    for name, value in query.items():
        test.query_params[name] = value
    return checked(test.run())


def checked(test: AppTest) -> AppTest:
    """Fail if the page shows a traceback."""
    assert [error.message for error in test.exception] == []
    return test


def films(test: AppTest) -> list[int]:
    """Item ids of all cards of the page, in their order."""
    # The links of the navigation have icons, and may carry a film along.
    cards = (link.proto for link in test.page_link if not link.proto.icon)
    queries = (parse_qs(card.query_string) for card in cards)
    return [int(query["film"][0]) for query in queries if "film" in query]


def notices(test: AppTest) -> str:
    """Everything the page says outside of its cards."""
    parts = [*test.info, *test.warning, *test.error, *test.caption, *test.code, *test.markdown]
    return "\n".join(str(part.value) for part in parts)


def html(test: AppTest) -> str:
    """Return all HTML of the page but the style sheet."""
    bodies = (part.proto.body for part in test.html)
    return "\n".join(body for body in bodies if not body.lstrip().startswith("<style"))
