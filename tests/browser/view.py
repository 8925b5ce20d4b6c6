"""What a person sees of a page, and waiting until it is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Response, TimeoutError, expect

PATHS = {
    "Home": "/",
    "For a user": "/For_a_user",
    "Taste profile": "/Taste_profile",
    "Cold start": "/Cold_start",
    "Similar movies": "/Similar_movies",
    "Model report": "/Model_report",
}
HEADINGS = {**{name: name for name in PATHS}, "Home": "Find a film for tonight"}
BUSY = {
    "Home": "/?taste=1:5,410:4",
    "For a user": "/For_a_user?user=12",
    "Taste profile": "/Taste_profile?taste=1:5,410:4",
    "Cold start": "/Cold_start?seed=5",
    "Similar movies": "/Similar_movies?film=410",
}
"""An address of each page of the demo at which it shows everything it can."""

_CARDS = "[...document.querySelectorAll('[class*=\"st-key-card_\"]')]"
_TITLES = f"{_CARDS}.map(card => card.querySelector('[data-testid=stPageLink] p').innerText)"
_POSTERS = """[...document.querySelectorAll('img.drawn')].filter(
    image => image.complete && image.naturalWidth > 0 && image.alt && image.clientWidth > 0
).length"""
_SETTLED = f"""document.querySelector('[data-testid=stApp]')?.dataset.testScriptState
    === 'notRunning' && !document.querySelector('[data-stale=true], [data-testid=stSkeleton]')
    && !!document.querySelector('.notice')
    && {_CARDS}.every(card => card.querySelector('[data-testid=stPageLink] p'))"""


def settled(page: Page) -> Page:
    """Wait until the page is whole."""
    try:
        page.wait_for_function(_SETTLED)
    except TimeoutError as error:
        said = page.locator("body").inner_text()
        raise AssertionError(f"{page.url} did not become whole; it says:\n{said}") from error
    return page


def titles(page: Page) -> list[str]:
    """Titles of all cards, in their order."""
    shown: list[str] = page.evaluate(_TITLES)
    return shown


def other_titles(page: Page, before: list[str]) -> list[str]:
    """Wait until the cards are others, or in another order."""
    page.wait_for_function(
        f"before => {_SETTLED} && JSON.stringify({_TITLES}) !== JSON.stringify(before)", arg=before
    )
    return titles(page)


def same_titles(page: Page, expected: list[str]) -> None:
    """Wait until exactly these cards are shown."""
    page.wait_for_function(
        f"expected => {_SETTLED} && JSON.stringify({_TITLES}) === JSON.stringify(expected)",
        arg=expected,
    )


def posters(page: Page, at_least: int) -> None:
    """Wait until so many drawn posters with an alternative text are painted."""
    page.wait_for_function(f"wanted => {_POSTERS} >= wanted", arg=at_least)


def go(page: Page, name: str) -> None:
    """Follow the navigation to a page."""
    page.locator(".st-key-navigation").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADINGS[name])
    settled(page)


def address(page: Page) -> str:
    """Path and query of the page."""
    parts = urlsplit(page.url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def card(page: Page, title: str) -> Locator:
    """The first card of a film."""
    link = page.get_by_role("link", name=title, exact=True)
    return page.locator('[class*="st-key-card_"]').filter(has=link).first


def controls(page: Page) -> dict[str, str]:
    """What every control says, by its label."""
    said: dict[str, str] = page.evaluate(
        """() => Object.fromEntries([
            ...[...document.querySelectorAll('input')].map(
                e => [e.getAttribute('aria-label') || e.id, e.value]),
            ...[...document.querySelectorAll('[role=radiogroup]')].map(
                (e, n) => [`group ${n} ${e.getAttribute('aria-label')}`,
                    e.querySelector('[aria-checked=true]')?.innerText ?? '']),
            ...[...document.querySelectorAll('[data-testid=stSelectbox]')].map(
                (e, n) => [`select ${n}`, e.innerText]),
            ...[...document.querySelectorAll('[data-testid=stCaptionContainer]')].map(
                (e, n) => [`caption ${n}`, e.innerText]),
        ].filter(([label]) => !label.startsWith('react-aria')))"""
    )
    return said


@dataclass
class Witness:
    """Listens to what a page prints and asks for."""

    allowed: tuple[str, ...] = ()
    """Beginnings of addresses that may fail or be elsewhere."""
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Begin to listen."""
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("response", self._answered)
        page.on(
            "console",
            lambda message: (
                self.errors.append(message.text)
                if message.type == "error" and not message.text.startswith("Failed to load res")
                else None
            ),
        )

    def _answered(self, response: Response) -> None:
        # Streamlit looks for its own server below the page first, then finds it at the root.
        probe = response.url.endswith(("/_stcore/health", "/_stcore/host-config"))
        if response.status >= 400 and not probe and not response.url.startswith(self.allowed):
            self.errors.append(f"{response.status} {response.url}")

    def outside(self) -> list[str]:
        """Requests that left this machine."""
        return [
            url
            for url in self.requests
            if urlsplit(url).hostname not in ("127.0.0.1", None)
            and urlsplit(url).scheme in ("http", "https", "ws", "wss")
            and not url.startswith(self.allowed)
        ]
