"""The report of the models: by its address, by tapping, on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Visit
from tests.browser.server import Server
from tests.browser.test_looks import UNNAMED, sideways
from tests.browser.view import settled

PARTS = {"Quality": (7, 3), "Data": (4, 0), "Version": (0, 2)}
"""Charts of each part, and tables that are seen without a tap."""


def drawn_charts(page: Page, n_charts: int) -> None:
    """Wait until so many charts are painted, each with an alternative text."""
    charts = page.locator('[data-testid="stVegaLiteChart"]')
    expect(charts.locator("canvas, svg.marks")).to_have_count(n_charts)
    for chart in charts.all():
        said = chart.evaluate(
            "e => [e, ...e.querySelectorAll('[aria-label]')]"
            ".map(part => part.getAttribute('aria-label') || '').join(' ')"
        )
        assert re.search(r"\d", said)


@pytest.mark.parametrize("part", PARTS)
def test_every_part_opens_by_its_address(part: str, demo: Server, visit: Visit) -> None:
    page = visit(f"{demo.url}/Model_report?part={part}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Model report")
    expect(page.get_by_role("radio", name=part)).to_be_checked()
    n_charts, n_tables = PARTS[part]
    drawn_charts(page, n_charts)
    expect(page.locator("table:visible")).to_have_count(n_tables)
    assert page.evaluate(UNNAMED) == []


def test_what_is_tapped_is_in_the_address(
    demo: Server, visit: Visit, another_browser: Callable[[], BrowserContext]
) -> None:
    page = visit(f"{demo.url}/Model_report")
    page.get_by_role("radio", name="20").click()
    expect(page.get_by_role("heading", name="NDCG@20 by model")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]k=20(&|$)"))
    elsewhere = visit(settled(page).url, another_browser())
    expect(elsewhere.get_by_role("heading", name="NDCG@20 by model")).to_be_visible()
    page.get_by_role("radio", name="Data").click()
    expect(page.get_by_role("heading", name="Long tail")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]part=Data(&|$)"))


def test_a_definition_is_one_tap_away(demo: Server, visit: Visit) -> None:
    page = visit(f"{demo.url}/Model_report")
    page.get_by_role("button", name="What they mean").first.click()
    expect(page.get_by_text("One divided by the rank of the first film")).to_be_visible()


@pytest.mark.parametrize("part", PARTS)
def test_a_phone_scrolls_down_only(
    part: str, demo: Server, visit: Visit, another_browser: Callable[[], BrowserContext]
) -> None:
    page = visit(f"{demo.url}/Model_report?part={part}", another_browser())
    page.set_viewport_size({"width": 390, "height": 844})
    drawn_charts(page, PARTS[part][0])
    # Charts are drawn again a moment after the window has become narrow.
    page.wait_for_function(
        """() => [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')].every(chart => {
            const box = chart.getBoundingClientRect();
            return box.left >= 0 && box.right <= 390;
        })"""
    )
    assert sideways(page) <= 0
