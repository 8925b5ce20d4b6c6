"""Small screens, dark screens, screen readers, and titles that are code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import hostile
from tests.browser.conftest import Visit
from tests.browser.server import Server
from tests.browser.view import BUSY, posters, titles


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone at night."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        color_scheme="dark",
    )
    yield context
    context.close()


def sideways(page: Page) -> int:
    """By how many pixels the page can be scrolled sideways."""
    over: int = page.evaluate(
        """() => Math.max(...[document.scrollingElement,
            document.querySelector('[data-testid=stMain]'),
            document.querySelector('[data-testid=stMainBlockContainer]'),
        ].map(e => e.scrollWidth - e.clientWidth))"""
    )
    return over


def brightness(page: Page, selector: str, what: str) -> float:
    """Mean of red, green and blue, 0 to 255."""
    color = page.locator(selector).first.evaluate(f"e => getComputedStyle(e).{what}")
    return sum(int(part) for part in color.split("(")[1].split(")")[0].split(",")[:3]) / 3


def assert_readable(page: Page, *, dark: bool) -> None:
    """Text stands out against the ground."""
    ground = brightness(page, "[data-testid=stApp]", "backgroundColor")
    assert (ground < 60) == dark
    for text in ("h1", ".facts p", ".facts .links a", '[data-testid="stPageLink"] p'):
        assert abs(brightness(page, text, "color") - ground) > 100, text


@pytest.mark.parametrize("name", BUSY)
def test_a_phone_at_night_scrolls_down_only(
    name: str, demo: Server, visit: Visit, phone: BrowserContext
) -> None:
    page = visit(demo.url + BUSY[name], phone)
    posters(page, at_least=4)
    assert page.evaluate("innerWidth") == 390
    assert sideways(page) <= 0
    assert_readable(page, dark=True)
    links = page.locator(".st-key-navigation").get_by_role("link")
    for link in links.all():
        box = link.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390


UNNAMED = """() => [...document.querySelectorAll(
    'input:not([type=hidden]), select, textarea, button, a[href], [role=radio], [role=slider]'
)].filter(e => {
    const label = e.getAttribute('aria-label') || e.innerText?.trim() || e.title
        || (e.getAttribute('aria-labelledby') || '').split(' ').map(
            id => document.getElementById(id)?.innerText ?? '').join('').trim()
        || [...(e.labels || [])].map(l => l.innerText).join('').trim()
        || e.querySelector('img[alt]:not([alt=""])');
    return !label && !e.closest('[aria-hidden=true]');
}).map(e => e.outerHTML.slice(0, 300))"""


@pytest.mark.parametrize("name", BUSY)
def test_everything_has_a_name_by_day(name: str, demo: Server, visit: Visit) -> None:
    page = visit(demo.url + BUSY[name])
    assert page.locator("img:not([alt])").count() == 0
    assert page.locator('img.drawn[alt=""]').count() == 0
    if page.get_by_role("button", name="Filters").count():
        page.get_by_role("button", name="Filters").click()
        expect(page.get_by_role("combobox", name="None of these genres")).to_be_visible()
        expect(page.get_by_role("spinbutton", name="At least so many ratings")).to_be_visible()
    assert page.evaluate(UNNAMED) == []
    assert page.locator("h1").count() == 1
    assert_readable(page, dark=False)


def same(shown: str, title: str) -> bool:
    """Tell whether a title is shown as it is, to its last character or a long one's beginning."""

    def bare(text: str) -> str:
        # Joiners and direction marks do not print; a family emoji may come apart at them.
        return "".join(c for c in text if c.isprintable() and c != " ")

    text, whole = bare(shown), bare(title.removesuffix("(2005)"))  # its year is apart
    if not whole:
        return text.startswith("Movie")
    return text == whole or (text.endswith("…") and whole.startswith(text[:-1]))


@pytest.mark.parametrize(
    "path", ["/", "/Taste_profile", "/Cold_start?seed=1", "/For_a_user?user=1"]
)
def test_hostile_titles_are_text(path: str, hostile_server: Server, visit: Visit) -> None:
    page = visit(hostile_server.url + path)
    shown = titles(page)
    assert len(shown) >= 8
    assert page.evaluate("window.__pwned === undefined")
    # No title became a heading, a list or a link.
    expect(page.locator('[class*="st-key-card_"] h1, [class*="st-key-card_"] li p')).to_have_count(
        0
    )
    foreign = '[href*="e.vil"], [src*="e.vil"], [href^="javascript"], [src="x"], script:not([src])'
    assert page.locator(".stMainBlockContainer").locator(foreign).count() == 0
    for title in shown:
        assert any(same(title, whole) for whole in hostile.TITLES), title
    assert sideways(page) <= 0


def test_every_hostile_title_as_the_chosen_film(
    hostile_server: Server, visit: Visit, phone: BrowserContext
) -> None:
    for item_id in (1, 4, 9, 11, 17):
        page = visit(f"{hostile_server.url}/Similar_movies?film={item_id}&taste=1:5", phone)
        assert page.evaluate("window.__pwned === undefined")
        heading = page.get_by_role("heading", level=2).inner_text()
        assert same(heading, hostile.TITLES[item_id - 1]), heading
        assert sideways(page) <= 0
        page.goto("about:blank")
