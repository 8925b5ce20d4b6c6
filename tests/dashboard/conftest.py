"""Runs the pages in process, each test with its own settings and caches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import streamlit as st

from recsys.settings import settings
from recsys.store.manifest import Manifest
from tests import hostile
from tests.dashboard.page_runs import ROOT

Train = Callable[..., Manifest]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No settings, artifacts or poster client of another test."""
    monkeypatch.setenv("RECSYS_ARTIFACTS", str(tmp_path / "nothing"))
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TMDB_TOKEN", "")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    settings.cache_clear()
    st.cache_resource.clear()
    yield
    settings.cache_clear()
    st.cache_resource.clear()


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Point the dashboard to artifacts, or change another setting."""

    def change(artifacts: Path | None = None, **environment: str) -> None:
        if artifacts is not None:
            environment["RECSYS_ARTIFACTS"] = str(artifacts)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        st.cache_resource.clear()

    return change


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, train_folder: Train) -> Path:
    """Artifacts of the demo data."""
    artifacts = tmp_path_factory.mktemp("demo")
    train_folder(ROOT / "data" / "demo", artifacts)
    return artifacts


@pytest.fixture(scope="session")
def real_artifacts(
    real_data: Path, tmp_path_factory: pytest.TempPathFactory, train_folder: Train
) -> Path:
    """Artifacts of ml-latest-small."""
    artifacts = tmp_path_factory.mktemp("real")
    train_folder(real_data, artifacts)
    return artifacts


@pytest.fixture(scope="session")
def subset(
    tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory, train_folder: Train
) -> Callable[[str], Path]:
    """Artifacts of some models only, named with commas between."""

    @cache
    def make(models: str) -> Path:
        artifacts = tmp_path_factory.mktemp("subset")
        train_folder(tiny_folder, artifacts, models=tuple(models.split(",")))
        return artifacts

    return make


@pytest.fixture(scope="session")
def hostile_artifacts(
    tmp_path_factory: pytest.TempPathFactory, train_folder: Train
) -> Callable[[bool], Path]:
    """Artifacts of titles that are code, with timestamps or without."""

    @cache
    def make(timestamps: bool) -> Path:
        folder = tmp_path_factory.mktemp("hostile")
        hostile.write(folder / "data", timestamps=timestamps)
        train_folder(folder / "data", folder / "artifacts")
        return folder / "artifacts"

    return make
