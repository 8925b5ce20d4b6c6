"""Versions to write into a store, and a look at what a folder holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from recsys.store.store import ArtifactStore
from tests.builders import make_dataset, make_manifest_fields

NUMBERS = np.arange(12, dtype=np.float32).reshape(3, 4)
FIELDS = make_manifest_fields(make_dataset([(1, 1, 5.0), (2, 1, 3.0)], genres={1: "War"}))


def write_version(store: ArtifactStore, numbers: Any = NUMBERS, **options: Any) -> str:
    """Train, as far as the store is concerned; return the version's name."""
    with store.training() as writer:
        writer.array("some.numbers", numbers)
        writer.table("films", pa.table({"title": ["Alien", "Heat"]}))
        return store.commit(writer, **FIELDS, **options).version


def everything_in(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder with their bytes, but for the lock."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }
