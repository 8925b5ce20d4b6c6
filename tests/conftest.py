"""Fixtures that several test modules share."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from recsys.data.readers import read_dataset
from recsys.models.base import Progress, silent
from recsys.store.manifest import Manifest
from recsys.store.store import ArtifactStore
from recsys.training.pipeline import TrainingConfig, train

TITLES = (
    "Alien (1979)",
    "Aliens (1986)",
    "Matrix, The (1999)",
    "[bold]Red[/bold] (1991)",
    ":smile: (1992)",
    "=1+1 (1993)",
    'Say "Yes", Please (1994)',
    "Amélie (Fabuleux destin d'Amélie Poulain, Le) (2001)",
    "七人の侍 (1954)",
    "1917 (2019)",
    "Nobody Saw This (2003)",
    "Undated",
)
GENRES = ("Action|Sci-Fi", "Comedy|Romance", "Drama", "Horror|Sci-Fi", "(no genres listed)")


@contextmanager
def quiet_stage(name: str) -> Iterator[Progress]:
    yield silent


def write_csv(path: Path, *rows: tuple[object, ...]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def write_movielens(
    folder: Path, *, n_users: int = 15, n_items: int = 24, n_seen: int = 8, seed: int = 7
) -> Path:
    """Write a small data set in MovieLens' form; movie 11 has no rating."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    titles = [*TITLES, *(f"Film {n} ({1950 + n % 70})" for n in range(len(TITLES), n_items))]
    movies = [(n, title, GENRES[n % len(GENRES)]) for n, title in enumerate(titles, 1)]
    links = [(n, f"{n:07d}", n * 10) for n in range(1, n_items + 1)]
    seen = [n for n in range(1, n_items + 1) if n != 11]
    ratings = [
        (user, int(movie), rng.integers(1, 11) / 2, 1_000_000_000 + int(rng.integers(10**8)))
        for user in range(1, n_users + 1)
        for movie in np.sort(rng.choice(seen, n_seen, replace=False))
    ]
    tags = [(user, movie, f"tag {movie % 5}", time) for user, movie, _, time in ratings[::2]]
    write_csv(folder / "movies.csv", ("movieId", "title", "genres"), *movies)
    write_csv(folder / "links.csv", ("movieId", "imdbId", "tmdbId"), *links)
    write_csv(folder / "ratings.csv", ("userId", "movieId", "rating", "timestamp"), *ratings)
    write_csv(folder / "tags.csv", ("userId", "movieId", "tag", "timestamp"), *tags)
    return folder


@pytest.fixture(scope="session")
def train_folder() -> Callable[..., Manifest]:
    """Trains on a folder, without a word."""

    def run(data: Path, artifacts: Path, **config: int) -> Manifest:
        dataset, _ = read_dataset(data)
        return train(dataset, ArtifactStore(artifacts), TrainingConfig(**config), quiet_stage)

    return run


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """15 people and 24 movies in MovieLens' form."""
    return write_movielens(tmp_path_factory.mktemp("tiny") / "tiny")


@pytest.fixture(scope="session")
def medium_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough ratings to keep several threads busy, in MovieLens' form."""
    folder = tmp_path_factory.mktemp("medium") / "medium"
    return write_movielens(folder, n_users=1500, n_items=600, n_seen=60)


@pytest.fixture(scope="session")
def tiny_artifacts(
    tiny_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    train_folder: Callable[..., Manifest],
) -> Path:
    """Artifacts trained on `tiny_folder`; not to be changed."""
    artifacts = tmp_path_factory.mktemp("artifacts")
    train_folder(tiny_folder, artifacts)
    return artifacts


@pytest.fixture
def own_artifacts(tiny_artifacts: Path, tmp_path: Path) -> Path:
    """A copy of `tiny_artifacts` that a test may change."""
    return shutil.copytree(tiny_artifacts, tmp_path / "artifacts")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of ml-latest-small; the tests that use it are marked `real_data`."""
    root = os.environ.get("RECSYS_TEST_DATA", "")
    folder = Path(root) / "ml-latest-small"
    if not root or not folder.is_dir():
        hint = "set RECSYS_TEST_DATA to a folder that holds ml-latest-small"
        if "real_data" in os.environ.get("RECSYS_TEST_REQUIRE", "").split(","):
            pytest.fail(hint)
        pytest.skip(hint)
    return folder


@pytest.fixture(scope="session")
def real_artifacts(
    real_data: Path,
    tmp_path_factory: pytest.TempPathFactory,
    train_folder: Callable[..., Manifest],
) -> Path:
    """Artifacts trained on ml-latest-small; not to be changed."""
    artifacts = tmp_path_factory.mktemp("real") / "artifacts"
    train_folder(real_data, artifacts)
    return artifacts
