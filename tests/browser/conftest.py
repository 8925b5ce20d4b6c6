"""A real Chromium, and real servers that tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from recsys.store.manifest import Manifest
from tests import hostile
from tests.browser.server import ROOT, Server
from tests.browser.view import Witness, settled

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
WIDE = {"width": 1280, "height": 900}
Train = Callable[..., Manifest]
Serve = Callable[..., Server]
Visit = Callable[..., Page]


def _chromium() -> str:
    for name in ("/usr/bin/chromium", "chromium", "google-chrome"):
        if path := shutil.which(name):
            return path
    return ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder; skip it where there is no browser, unless one is required."""
    here = Path(__file__).parent
    mine = [item for item in items if here in item.path.parents]
    required = "browser" in os.environ.get("RECSYS_TEST_REQUIRE", "").split(",")
    for item in mine:
        item.add_marker(pytest.mark.browser)
        if not _chromium() and not required:
            item.add_marker(
                pytest.mark.skip(reason="no chromium and no google-chrome is installed")
            )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = _chromium()
    assert path, "RECSYS_TEST_REQUIRE names browser, but no chromium is installed"
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def wide(browser: Browser) -> Iterator[BrowserContext]:
    """A desktop window whose cache is warm; every page of it is a session of its own."""
    context = browser.new_context(viewport=WIDE)
    yield context
    context.close()


@pytest.fixture(scope="session")
def demo_artifacts(tmp_path_factory: pytest.TempPathFactory, train_folder: Train) -> Path:
    artifacts = tmp_path_factory.mktemp("demo")
    train_folder(ROOT / "data" / "demo", artifacts)
    return artifacts


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Starts dashboards that live as long as the tests."""
    servers: list[Server] = []

    def start(artifacts: Path, **environment: str) -> Server:
        server = Server(artifacts, tmp_path_factory.mktemp("server"), **environment)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def demo(serve: Serve, demo_artifacts: Path) -> Server:
    """The dashboard on the demo data."""
    return serve(demo_artifacts)


@pytest.fixture(scope="session")
def hostile_server(
    serve: Serve, tmp_path_factory: pytest.TempPathFactory, train_folder: Train
) -> Server:
    """The dashboard on titles that are code."""
    folder = tmp_path_factory.mktemp("hostile")
    hostile.write(folder / "data")
    train_folder(folder / "data", folder / "artifacts")
    return serve(folder / "artifacts")


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
def another_browser(browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """Makes windows that share nothing with others."""
    contexts: list[BrowserContext] = []

    def make() -> BrowserContext:
        contexts.append(browser.new_context(viewport=WIDE))
        return contexts[-1]

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def visit(wide: BrowserContext, another_browser: object, witness: Witness) -> Iterator[Visit]:
    """Opens addresses; afterwards no page may have reported an error or left this machine."""
    pages: list[Page] = []

    def open_address(url: str, context: BrowserContext = wide) -> Page:
        page = context.new_page()
        page.set_default_timeout(20_000)
        pages.append(page)
        witness.watch(page)
        page.goto(url)
        return settled(page)

    yield open_address
    for page in pages:
        exceptions = page.locator("[data-testid=stException]").count()
        page.close()
        assert exceptions == 0
    assert witness.errors == []
    assert witness.outside() == []
