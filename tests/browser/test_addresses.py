"""An address is the view: reloaded, shared, or opened first thing after a start."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Serve, Visit
from tests.browser.server import Server
from tests.browser.view import BUSY, HEADINGS, controls, same_titles, settled, titles

VIEWS = {
    "Home": ("/?taste=1:5,410:4&genre=Western", ["Western"]),
    "For a user": (
        "/For_a_user?user=12&alpha=0.25&any=Drama&any=Comedy&min_ratings=40",
        ["0.25", "Drama or Comedy; 40 ratings or more"],
    ),
    "Taste profile": (
        "/Taste_profile?taste=1:5,410:4&model=Content&none=Sci-Fi",
        ["Content", "no Sci-Fi"],
    ),
    "Cold start": (
        "/Cold_start?board=Most+rated&board_genre=Comedy&decade=1990s&seed=77",
        ["Most rated", "Comedy", "1990s"],
    ),
    "Similar movies": (
        "/Similar_movies?film=410&by=By+content&years=1990&years=2010",
        ["By content", "from 1990; to 2010"],
    ),
}
"""Every control that differs from its default, and what the page says then."""


@pytest.mark.parametrize("name", VIEWS)
def test_reloaded_and_shared(
    name: str, demo: Server, visit: Visit, another_browser: Callable[[], BrowserContext]
) -> None:
    path, expected = VIEWS[name]
    page = visit(demo.url + path)
    first, said = titles(page), controls(page)
    assert first
    for text in expected:
        assert any(text in value for value in said.values()), (text, said)

    page.reload()
    same_titles(page, first)
    assert controls(page) == said

    elsewhere = visit(page.url, another_browser())
    same_titles(elsewhere, first)
    assert controls(elsewhere) == said


def test_what_is_clicked_is_in_the_address(demo: Server, visit: Visit) -> None:
    page = visit(f"{demo.url}/Cold_start?seed=5")
    page.get_by_role("radio", name="Most rated").click()
    expect(page.get_by_role("heading", level=3, name="Most rated")).to_be_visible()
    page.get_by_role("button", name="Reshuffle").click()
    expect(page).not_to_have_url(re.compile(r"seed=5(&|$)"))
    settled(page)
    shown, said = titles(page), controls(page)
    page.reload()
    same_titles(page, shown)
    assert controls(page) == said


@pytest.mark.parametrize("name", BUSY)
def test_a_deep_link_right_after_a_start(
    name: str, serve: Serve, demo_artifacts: Path, visit: Visit
) -> None:
    server = serve(demo_artifacts)
    page = visit(server.url + BUSY[name])
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADINGS[name])
    assert len(titles(page)) >= 24
    server.stop()
