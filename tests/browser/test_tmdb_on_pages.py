"""Real posters where TMDB gives them; drawn ones, in time, wherever it does not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Serve, Visit
from tests.browser.images import Images
from tests.browser.server import Server, free_port
from tests.browser.view import BUSY, Witness, posters, settled, titles
from tests.fake_tmdb import FakeTmdb

TOKEN = "eyJhbGciOiJIUzI1NiJ9.a-token-nobody-may-see.0123456789"
SECONDS = 3.0
"""So long may thirty posters take, whatever TMDB does."""
_PHOTOS = """[...document.querySelectorAll('img.photo')].filter(
    image => image.complete && image.naturalWidth > 0).length"""


@pytest.fixture(scope="module")
def images() -> Iterator[Images]:
    images = Images()
    yield images
    images.stop()


@pytest.fixture(scope="module")
def tmdb() -> Iterator[FakeTmdb]:
    with FakeTmdb() as fake:
        yield fake


@pytest.fixture(scope="module")
def with_photos(serve: Serve, demo_artifacts: Path, tmdb: FakeTmdb, images: Images) -> Server:
    """The dashboard beside a TMDB that works."""
    return serve(
        demo_artifacts,
        TMDB_TOKEN=TOKEN,
        TMDB_BASE_URL=tmdb.url,
        TMDB_IMAGE_BASE_URL=images.url,
    )


@pytest.fixture(autouse=True)
def logo(witness: Witness, images: Images) -> None:
    """TMDB's logo comes from TMDB, when there is a token; lost pictures are a part of the tests."""
    witness.allowed = ("https://www.themoviedb.org/assets/", images.url)


def assert_secret(html: str, server: Server, witness: Witness) -> None:
    """The token is nowhere a stranger may look."""
    assert TOKEN not in html
    assert not [url for url in witness.requests if TOKEN in url]
    assert TOKEN not in server.log
    for file in server.cache.rglob("*"):
        assert not file.is_file() or TOKEN.encode() not in file.read_bytes()


def test_photos_appear(with_photos: Server, tmdb: FakeTmdb, visit: Visit, witness: Witness) -> None:
    for name in ("Home", "Taste profile", "Similar movies"):
        page = visit(with_photos.url + BUSY[name])
        # What came late for the first view is in the cache for the next one.
        page.reload()
        settled(page)
        page.wait_for_function(f"() => {_PHOTOS} >= 12")
        expect(page.locator('.notice img[alt="TMDB"]')).to_have_count(1)
        assert_secret(page.content(), with_photos, witness)
        page.goto("about:blank")
    assert tmdb.seen
    assert all(seen.headers["Authorization"] == f"Bearer {TOKEN}" for seen in tmdb.seen)
    assert list(with_photos.cache.rglob("*.sqlite"))
    assert with_photos.log


def test_pictures_that_are_lost_leave_the_drawn_ones(
    with_photos: Server, images: Images, visit: Visit
) -> None:
    images.status = 404
    try:
        page = visit(f"{with_photos.url}/Similar_movies?film=410")
        assert page.locator("img.photo").count() >= 12
        posters(page, at_least=20)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(_PHOTOS) == 0
        photo = page.locator("img.photo").first
        # Nothing of it is painted: no broken-picture sign, no alternative text.
        assert photo.get_attribute("alt") == ""
        at_the_top = page.locator(".poster").first.evaluate(
            """e => { const b = e.getBoundingClientRect();
            return getComputedStyle(e.querySelector('.drawn')).visibility + b.width; }"""
        )
        assert at_the_top.startswith("visible")
    finally:
        images.status = 200


@pytest.mark.parametrize(
    "mode", ["ok", "429", "500", "401", "timeout", "garbage", "missing poster", "dead"]
)
def test_thirty_posters_in_time(
    mode: str,
    serve: Serve,
    demo_artifacts: Path,
    images: Images,
    another_browser: Callable[[], BrowserContext],
    visit: Visit,
    witness: Witness,
) -> None:
    """Measured from the address to thirty painted posters on Home.

    The browser has the program's scripts and the server its modules and films from a visit to a
    page without posters, so TMDB is asked for the first time in what is measured.
    """
    with FakeTmdb("ok" if mode == "dead" else mode) as fake:
        url = f"http://127.0.0.1:{free_port()}/3" if mode == "dead" else fake.url
        server = serve(
            demo_artifacts, TMDB_TOKEN=TOKEN, TMDB_BASE_URL=url, TMDB_IMAGE_BASE_URL=images.url
        )
        page = visit(f"{server.url}/For_a_user", another_browser())
        assert titles(page) == []
        assert fake.seen == []
        start = time.monotonic()
        page.goto(server.url)
        posters(page, at_least=30)
        seconds = time.monotonic() - start
        print(f"thirty posters, TMDB {mode}: {seconds:.2f} s")
        settled(page)
        assert (page.locator("img.photo").count() > 0) == (mode == "ok")
        assert bool(fake.seen) == (mode != "dead")
        if mode in ("429", "500", "401", "timeout", "garbage", "dead"):
            expect(page.locator(".st-key-footer")).to_contain_text("TMDB ")
        assert_secret(page.content(), server, witness)
        server.stop()
    assert seconds < SECONDS
