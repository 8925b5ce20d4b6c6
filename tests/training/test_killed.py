"""A training that is killed at any moment loses nothing."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from recsys.serving.recommender import Recommender
from recsys.store.store import ArtifactStore
from tests.conftest import write_movielens

ROOT = Path(__file__).resolve().parents[2]
N_KILLS = 20


def start(data: Path, artifacts: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(ROOT / "scripts" / "train_and_save.py")]
    command += ["--data", str(data), "--artifacts", str(artifacts)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_kills_leave_the_live_version_and_the_next_training_succeeds(tmp_path: Path) -> None:
    data = write_movielens(tmp_path / "data", n_users=300, n_items=200, n_seen=40)
    store = ArtifactStore(tmp_path / "artifacts")
    begun = time.monotonic()
    assert start(data, store.root).wait() == 0
    whole = time.monotonic() - begun
    live = store.current()
    files = store.open(live).manifest.files
    moments = random.Random(7)
    kills = 0
    while kills < N_KILLS:
        training = start(data, store.root)
        try:
            training.wait(timeout=moments.uniform(0, whole))
        except subprocess.TimeoutExpired:
            training.kill()
            training.wait()
            kills += 1
        # A kill after the last step is too late: the new version is whole.
        assert store.current() in {live, max(store.versions())}
        live = store.current()
        assert len(Recommender.load(store.root).for_user(1, 5)) == 5

    assert start(data, store.root).wait() == 0
    last = store.current()
    assert last != live
    assert store.open(last).manifest.files == files
    assert sorted(path.name for path in store.versions_folder.iterdir()) == store.versions()
