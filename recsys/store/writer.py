"""The files of a version that is being made, stage by stage."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from recsys.store.manifest import FileRecord
from recsys.store.version import MANIFEST, difference, replace_text, sha256_of, write_errors

_STAMP = ".stage.json"


class _Stage(BaseModel):
    """What a finished stage leaves for a training that takes over."""

    key: str
    result: dict[str, Any]
    files: dict[str, FileRecord]


class VersionWriter:
    """Collects the files of a version in a folder nobody reads yet.

    A stage that was finished is recorded beside its files. A later training that asks for a stage
    of the same key takes them over instead of making them again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, FileRecord] = {}
        self._of_stage: dict[str, FileRecord] = {}

    def array(self, name: str, array: NDArray[Any]) -> None:
        """Write ``<name>.npy``."""
        path = self.folder / f"{name}.npy"
        with write_errors(self.folder):
            np.save(path, np.ascontiguousarray(array), allow_pickle=False)
            self._record(path, dtype=str(array.dtype), shape=array.shape)

    def table(self, name: str, table: pa.Table) -> None:
        """Write ``<name>.parquet``."""
        path = self.folder / f"{name}.parquet"
        with write_errors(self.folder):
            pq.write_table(table, path, compression="zstd")
            self._record(path, shape=table.shape)

    def _record(self, path: Path, *, dtype: str = "", shape: tuple[int, ...]) -> None:
        with path.open("rb") as file:
            os.fsync(file.fileno())
        record = FileRecord(
            size=path.stat().st_size, sha256=sha256_of(path), dtype=dtype, shape=shape
        )
        self.files[path.name] = self._of_stage[path.name] = record

    def finished(self, stage: str, key: str) -> dict[str, Any] | None:
        """Begin a stage, or take over what an interrupted training made of it.

        Parameters
        ----------
        stage : str
            A file name's part.
        key : str
            Stands for everything the stage depends on.

        Returns
        -------
        dict or None
            What :meth:`finish` was given; None if the stage has to be done.
        """
        self._of_stage = {}
        path = self._stamp(stage)
        try:
            found = _Stage.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None
        if found.key != key or any(
            difference(self.folder / name, record) for name, record in found.files.items()
        ):
            return None
        self.files.update(found.files)
        return found.result

    def finish(self, stage: str, key: str, result: Mapping[str, Any]) -> None:
        """Record that everything written since :meth:`finished` is a whole stage."""
        record = _Stage(key=key, result=dict(result), files=self._of_stage)
        with write_errors(self.folder):
            replace_text(self._stamp(stage), record.model_dump_json())
        self._of_stage = {}

    def has_finished_stages(self) -> bool:
        """Tell whether there is something for another training to take over."""
        return any(self.folder.glob(f"*{_STAMP}"))

    def discard(self) -> None:
        """Throw everything away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _stamp(self, stage: str) -> Path:
        return self.folder / f"{stage}{_STAMP}"

    def close(self, manifest: str) -> None:
        """Write the manifest and leave nothing else but the version's files."""
        with write_errors(self.folder):
            for path in self.folder.iterdir():
                if path.name not in self.files:
                    path.unlink()
            replace_text(self.folder / MANIFEST, manifest + "\n")
