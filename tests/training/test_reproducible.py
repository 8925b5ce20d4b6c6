"""The same data and seed give the same bytes, on any number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from recsys.store.manifest import Manifest

ROOT = Path(__file__).resolve().parents[2]
Train = Callable[..., Manifest]


def hashes(manifest: Manifest) -> dict[str, str]:
    found = {name: file.sha256 for name, file in manifest.files.items()}
    assert any(name.endswith(".npy") for name in found)
    assert any(name.endswith(".parquet") for name in found)
    return found


def test_same_seed_same_bytes(medium_folder: Path, tmp_path: Path, train_folder: Train) -> None:
    first, second = (
        hashes(train_folder(medium_folder, tmp_path / name, seed=1)) for name in ("a", "b")
    )
    assert first == second


def test_threads_do_not_matter(medium_folder: Path, tmp_path: Path, train_folder: Train) -> None:
    found = [hashes(train_folder(medium_folder, tmp_path / str(n), n_threads=n)) for n in (1, 2, 4)]
    assert found[0] == found[1] == found[2]


def test_other_seed_other_factors(medium_folder: Path, tmp_path: Path, train_folder: Train) -> None:
    first, second = (
        hashes(train_folder(medium_folder, tmp_path / str(seed), seed=seed)) for seed in (1, 2)
    )
    changed = {name for name in first if first[name] != second[name]}
    assert changed == {"als.item_factors.npy", "biased_als.items.npy"}


@pytest.mark.real_data
def test_real_data_on_any_threads(real_data: Path, tmp_path: Path, train_folder: Train) -> None:
    found = [hashes(train_folder(real_data, tmp_path / str(n), n_threads=n)) for n in (1, 2)]
    assert found[0] == found[1]


FIT_ALL = """
import hashlib
import numpy as np
from recsys.models.registry import MODELS
from tests.builders import make_dataset

rng = np.random.default_rng(1)
pairs = np.argwhere(rng.random((300, 200)) < 0.1)
dataset = make_dataset([(u, i, float(rng.integers(1, 6))) for u, i in pairs])
for name in ("als", "item_item", "biased_als", "svd"):
    arrays = MODELS[name][0]().fit(dataset).arrays()
    print(name, {key: hashlib.sha256(array.tobytes()).hexdigest() for key, array in arrays.items()})
"""


def test_code_compiled_just_now_gives_the_bytes_of_code_from_the_cache(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    compiled, cached = (
        subprocess.run(
            [sys.executable, "-c", FIT_ALL],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    )
    assert "item_factors" in compiled
    assert any(tmp_path.rglob("*.nbc"))
    assert compiled == cached
