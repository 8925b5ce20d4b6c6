"""A visit: look around, rate, search, compare."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.server import Server
from tests.browser.view import (
    HEADINGS,
    address,
    card,
    go,
    other_titles,
    posters,
    same_titles,
    settled,
    titles,
)


def test_home_shows_thirty_posters(demo: Server, visit: Visit) -> None:
    page = visit(demo.url)
    posters(page, at_least=30)
    assert len(titles(page)) == 36
    alt = page.locator("img.drawn").first.get_attribute("alt")
    assert alt and alt.startswith("Poster of ")
    assert page.locator("img.photo").count() == 0


def test_the_six_views_by_the_navigation(demo: Server, visit: Visit) -> None:
    page = visit(demo.url)
    for name in [*list(HEADINGS)[1:], "Home"]:
        go(page, name)
        current = page.locator(".st-key-navigation").get_by_role("link", name=name)
        assert current.evaluate("e => getComputedStyle(e.querySelector('p')).fontWeight") >= "600"
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADINGS["Model report"])


def rate(page: Page, title: str, stars: int) -> None:
    """Tap stars below a film of the wall."""
    name = f"{stars} out of 5 stars"
    card(page, title).get_by_role("radio", name=name).click()
    settled(page)


def test_rating_on_the_taste_profile(demo: Server, visit: Visit) -> None:
    page = visit(f"{demo.url}/Taste_profile")
    start = titles(page)
    lists = [start[24:]]
    rated = start[:3]
    shown = start
    for count, (title, stars) in enumerate(zip(rated, (5, 4, 2), strict=True), 1):
        rate(page, title, stars)
        expect(page.get_by_role("heading", name=f"Your ratings ({count})")).to_be_visible()
        shown = other_titles(page, shown)
        assert title not in shown
        lists.append(shown[24:])
    assert len({tuple(listed) for listed in lists}) == 4
    assert all("because you rated" in text for text in page.locator("ul.why").all_inner_texts()[:1])

    ratings = page.locator(".st-key-ratings")
    assert [text.split(" (")[0] for text in ratings.locator("p > strong").all_inner_texts()] == (
        rated[::-1]
    )
    ratings.get_by_role("button", name="Remove").first.click()
    expect(page.get_by_role("heading", name="Your ratings (2)")).to_be_visible()
    two = other_titles(page, shown)
    assert two[24:] == lists[2]
    page.get_by_role("button", name="Undo").click()
    same_titles(page, shown)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("heading", name="Your ratings (0)")).to_be_visible()
    same_titles(page, start)
    expect(page).not_to_have_url(re.compile("taste="))
    page.get_by_role("button", name="Undo").click()
    same_titles(page, shown)
    expect(page).to_have_url(re.compile("taste="))


def test_the_model_toggle_changes_the_list(demo: Server, visit: Visit) -> None:
    page = visit(f"{demo.url}/For_a_user?user=12")
    hybrid = titles(page)
    page.get_by_role("radio", name="ALS").click()
    als = other_titles(page, hybrid)
    expect(page.get_by_label("Alpha: share of taste")).to_have_count(0)
    page.get_by_role("radio", name="Content").click()
    content = other_titles(page, als)
    assert content != hybrid
    page.get_by_role("radio", name="Hybrid").click()
    same_titles(page, hybrid)


def test_alpha_by_keyboard(demo: Server, visit: Visit) -> None:
    page = visit(f"{demo.url}/For_a_user?user=12")
    before = titles(page)
    slider = page.get_by_role("slider", name="Alpha: share of taste")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_value("0")
    lowest = other_titles(page, before)
    expect(page).to_have_url(re.compile("alpha=0"))
    page.keyboard.press("End")
    expect(slider).to_have_value("1")
    other_titles(page, lowest)
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_value("0.95")


def test_filters_narrow_the_list(demo: Server, visit: Visit) -> None:
    page = visit(f"{demo.url}/For_a_user?user=12")
    before = titles(page)
    page.get_by_role("button", name="Filters").click()
    genres = page.get_by_role("combobox", name="Any of these genres")
    genres.fill("Western")
    page.get_by_role("option", name="Western").click()
    page.keyboard.press("Escape")
    western = other_titles(page, before)
    named = page.locator('[class*="st-key-card_"] .genres').all_inner_texts()
    assert named
    assert all("Western" in text for text in named)
    least = page.get_by_role("spinbutton", name="At least so many ratings")
    if not least.is_visible():
        page.get_by_role("button", name="Filters").click()
    least.fill("1000000")
    least.press("Enter")
    assert other_titles(page, western) == []
    expect(page.get_by_text("No film passes these filters")).to_be_visible()


def test_a_card_leads_to_similar_films_in_the_same_session(demo: Server, visit: Visit) -> None:
    page = visit(f"{demo.url}/Taste_profile?taste=1:5,410:4")
    title = titles(page)[-1]
    card(page, title).locator(".poster").click(force=True)  # the link lies over it
    expect(page.get_by_role("heading", level=1)).to_have_text("Similar movies")
    expect(page.get_by_role("heading", level=2, name=title)).to_be_visible()
    settled(page)
    assert len(titles(page)) == 24
    go(page, "Taste profile")
    expect(page.get_by_role("heading", name="Your ratings (2)")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/Taste_profile", "/Similar_movies"])
def test_live_search_by_keyboard_only(path: str, demo: Server, visit: Visit) -> None:
    page = visit(demo.url + path)
    box = page.get_by_role("searchbox")
    box.focus()
    page.keyboard.type("teh matrx", delay=20)
    hit = page.get_by_role("button", name="The Matrix (1999)")
    expect(hit).to_be_visible()
    assert (
        page.locator(".st-key-hits")
        .get_by_role("button")
        .first.inner_text()
        .endswith("The Matrix (1999)")
    )
    page.keyboard.press("Tab")
    expect(hit).to_be_focused()
    page.keyboard.press("Enter")
    if path == "/Taste_profile":
        chosen = page.locator(".st-key-chosen_film")
        expect(chosen).to_contain_text("The Matrix (1999)")
        settled(page)
        chosen.get_by_role("radio", name="5 out of 5 stars").click()
        expect(page.get_by_role("heading", name="Your ratings (1)")).to_be_visible()
    else:
        expect(page.get_by_role("heading", level=2, name="The Matrix (1999)")).to_be_visible()
        expect(page).to_have_url(re.compile("/Similar_movies\\?.*film=410"))
    settled(page)
    expect(page.get_by_role("searchbox")).to_have_value("")
    assert "q=" not in address(page)


def test_a_search_without_a_hit_says_so(demo: Server, visit: Visit) -> None:
    page = visit(demo.url)
    page.get_by_role("searchbox").press_sequentially("zzzzqqqqxxxx")
    expect(page.get_by_text("No title is near that")).to_be_visible()
