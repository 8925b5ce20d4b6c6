"""Every page with every kind of artifacts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import hostile
from tests.dashboard.page_runs import (
    BUSY,
    COLD,
    FILM_PAGES,
    HOME,
    PAGES,
    SIMILAR,
    TASTE,
    USER,
    films,
    html,
    notices,
    open_page,
)
from tests.fake_tmdb import FakeTmdb

Use = Callable[..., None]
every_page = pytest.mark.parametrize("page", PAGES)
every_page_of_films = pytest.mark.parametrize("page", FILM_PAGES)


def manifest_of(artifacts: Path) -> Path:
    """Path of the live version's manifest."""
    version = json.loads((artifacts / "current.json").read_text())["version"]
    return artifacts / "versions" / version / "manifest.json"


@every_page
def test_nothing_trained(page: str) -> None:
    shown = open_page(page, **BUSY[page])
    assert "python scripts/train_and_save.py" in notices(shown)
    assert films(shown) == []
    assert len(shown.page_link) == len(PAGES)  # the navigation stays


@every_page_of_films
@pytest.mark.parametrize("busy", [False, True])
def test_demo_data(page: str, busy: bool, demo: Path, use: Use) -> None:
    use(demo)
    shown = open_page(page, **(BUSY[page] if busy else {}))
    assert "**simulated**" in notices(shown)
    assert "simulated ratings of" in notices(shown)
    assert "endorsed, certified, or otherwise approved by TMDB" in html(shown)
    expected = {HOME: 36, USER: 24 if busy else 0, TASTE: 48, COLD: 36, SIMILAR: 24 if busy else 12}
    if page == HOME and busy:
        expected[HOME] += 3 * 12  # for you, and because you liked one and the other
    assert len(films(shown)) == expected[page]
    assert html(shown).count('class="drawn"') == expected[page] + (page == SIMILAR and busy)
    assert 'class="photo"' not in html(shown)


@every_page_of_films
@pytest.mark.real_data
def test_real_data(page: str, real_artifacts: Path, use: Use) -> None:
    use(real_artifacts)
    shown = open_page(page, **BUSY[page])
    assert "simulated" not in notices(shown)
    assert len(films(shown)) >= 24
    assert "100,836 ratings of" in notices(shown)


@every_page_of_films
def test_with_a_tmdb_token(page: str, demo: Path, use: Use) -> None:
    token = "secret-token-0123456789"
    with FakeTmdb() as tmdb:
        use(
            demo,
            TMDB_TOKEN=token,
            TMDB_BASE_URL=tmdb.url,
            TMDB_IMAGE_BASE_URL=tmdb.image_url,
        )
        open_page(page, **BUSY[page])
        shown = open_page(page, **BUSY[page])  # by now all answers are in the cache
        assert html(shown).count(f'class="photo" src="{tmdb.image_url}/w342/') >= 12
        assert 'alt="TMDB"' in html(shown)
        assert token not in html(shown) + notices(shown)
        assert tmdb.seen
        assert all(seen.headers["Authorization"] == f"Bearer {token}" for seen in tmdb.seen)


@pytest.mark.parametrize(
    ("mode", "said"),
    [("401", "TMDB rejected the token"), ("500", "TMDB can't be reached"), ("ok", "")],
)
def test_how_tmdb_did_is_said(mode: str, said: str, demo: Path, use: Use) -> None:
    with FakeTmdb(mode) as tmdb:
        use(demo, TMDB_TOKEN="t", TMDB_BASE_URL=tmdb.url, TMDB_IMAGE_BASE_URL=tmdb.image_url)
        shown = open_page(SIMILAR)
        assert len(films(shown)) == 12
        assert said in notices(shown)
        assert ("image_not_supported" in notices(shown)) == bool(said)


@every_page
@pytest.mark.parametrize("harm", ["missing", "truncated", "altered", "manifest", "current"])
def test_damaged_artifacts(page: str, harm: str, own_artifacts: Path, use: Use) -> None:
    manifest = manifest_of(own_artifacts)
    array = manifest.with_name("popularity.count.npy")
    if harm == "missing":
        array.unlink()
    elif harm == "truncated":
        array.write_bytes(array.read_bytes()[:-8])
    elif harm == "altered":
        array.write_bytes(array.read_bytes()[:-8] + b"\xff" * 8)
    elif harm == "manifest":
        manifest.write_text("{ not json")
    else:
        (own_artifacts / "current.json").write_text("{ not json")
    use(own_artifacts)
    shown = open_page(page, **BUSY[page])
    assert "train again" in notices(shown).lower() or "train_and_save" in notices(shown)
    assert films(shown) == []


@every_page
def test_artifacts_of_a_newer_program(page: str, own_artifacts: Path, use: Use) -> None:
    manifest = manifest_of(own_artifacts)
    record = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(record | {"schema_version": 99}))
    use(own_artifacts)
    shown = open_page(page, **BUSY[page])
    assert len(shown.error) == 1
    assert films(shown) == []


@every_page
def test_a_version_that_goes_live_is_shown_at_once(
    page: str, tiny_artifacts: Path, demo: Path, tmp_path: Path, use: Use
) -> None:
    live = shutil.copytree(tiny_artifacts, tmp_path / "live")
    use(live)
    assert "of 24 films" in notices(open_page(page))
    shutil.copytree(demo / "versions", live / "versions", dirs_exist_ok=True)
    shutil.copy(demo / "current.json", live / "current.json")
    assert "of 650 films" in notices(open_page(page))


@every_page_of_films
@pytest.mark.parametrize("models", ["popularity", "als", "content", "content,als"])
def test_a_subset_of_the_models(page: str, models: str, subset: Callable[[str], Path], use: Use):
    use(subset(models))
    shown = open_page(page, **BUSY[page])
    assert len(films(shown)) >= 10
    # An address shared from a dashboard with all models.
    open_page(page, **BUSY[page], model="hybrid", alpha="0.3", by="both")


@every_page_of_films
@pytest.mark.parametrize("timestamps", [True, False])
def test_hostile_titles_and_no_timestamps(
    page: str, timestamps: bool, hostile_artifacts: Callable[[bool], Path], use: Use
) -> None:
    use(hostile_artifacts(timestamps))
    shown = open_page(page, **BUSY[page])
    page_html = html(shown)
    for code in ("<script", "<img src=x", "<svg onload", "<i>Odd", "<u>tag", "<b>bold"):
        assert code not in page_html
    labels = [link.proto.label for link in shown.page_link]
    assert len(films(shown)) >= 12
    assert not [
        label
        for label in labels
        if "](" in label or ":red[" in label or ("<" in label[1:] and r"\<" not in label)
    ]
    assert "" not in labels
    if page == COLD:
        board = shown.segmented_control(key="board") if shown.segmented_control else None
        assert board is not None
        assert ("Trending" in board.options) == timestamps


def test_every_hostile_title_can_be_chosen(
    hostile_artifacts: Callable[[bool], Path], use: Use
) -> None:
    use(hostile_artifacts(True))
    for item_id in range(1, len(hostile.TITLES) + 1):
        open_page(SIMILAR, film=str(item_id))
        open_page(TASTE, film=str(item_id))
        open_page(HOME, taste=f"{item_id}:5")


@pytest.mark.parametrize("model", ["svd", "biased_als"])
def test_a_model_for_comparisons_is_shown_where_no_better_one_was_trained(
    model: str, subset: Callable[[str], Path], use: Use
) -> None:
    use(subset(model))
    shown = open_page(USER, **BUSY[USER])
    assert "Only popularity was trained" not in notices(shown)
    assert shown.segmented_control(key="model").value == model
    assert films(shown)
