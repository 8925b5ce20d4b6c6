"""The same data and seed give the same bytes, on any number of threads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from recsys.store.manifest import Manifest

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
