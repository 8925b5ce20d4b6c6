"""The files of one version, read memory-mapped by many."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import Timeout
from numpy.typing import NDArray

from recsys.errors import ArtifactsDamagedError, ArtifactsWriteError
from recsys.store.manifest import FileRecord, Manifest

MANIFEST = "manifest.json"
RETRAIN = "train again with `python scripts/train_and_save.py` to replace it"


@contextmanager
def write_errors(folder: Path) -> Iterator[None]:
    """Turn the operating system's refusals into one sentence."""
    try:
        yield
    except Timeout:  # of the lock; an OSError too, but no refusal
        raise
    except OSError as error:
        # A write that ends too early raises an error without a number: NumPy saw the disk full.
        reason = {
            errno.ENOSPC: "the disk is full: free some space",
            errno.EDQUOT: "the disk quota is used up: free some space",
            errno.EACCES: "permission is denied: choose another folder with --artifacts",
            errno.EROFS: "the file system is read-only: choose another folder with --artifacts",
            errno.ENOTDIR: "a part of that path is a file: choose another with --artifacts",
            errno.EEXIST: "there is a file of that name: choose another folder with --artifacts",
        }.get(error.errno or errno.ENOSPC, f"{error.strerror or error}: check the folder")
        raise ArtifactsWriteError(
            f"The artifacts can't be written to {folder}; {reason}, then train again. "
            "The live version is as it was."
        ) from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def replace_text(path: Path, text: str) -> None:
    """Write a small file so that readers see the old one or the new one, never a half."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def digest_of(manifest: Mapping[str, Any]) -> str:
    """Eight characters that differ when anything in a manifest does; they end the version's name.

    Parameters
    ----------
    manifest : mapping
        As JSON; its "version" is left out.
    """
    content = {key: value for key, value in manifest.items() if key != "version"}
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


class Version:
    """A verified version: its manifest and its files, memory-mapped."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest

    def array(self, name: str) -> NDArray[Any]:
        """Memory-map ``<name>.npy``, read-only."""
        path = self._path(f"{name}.npy")
        try:
            array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise ArtifactsDamagedError(f"{path} is not a plain array: {RETRAIN}.") from error
        # A plain view is faster to slice than numpy.memmap and keeps the mapping alive.
        return array.view(np.ndarray)

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """All arrays named ``<prefix>.<key>``, by key."""
        start, end = f"{prefix}.", ".npy"
        return {
            name[len(start) : -len(end)]: self.array(name[: -len(end)])
            for name in self.manifest.files
            if name.startswith(start) and name.endswith(end)
        }

    def table(self, name: str) -> pa.Table:
        """Read ``<name>.parquet``."""
        path = self._path(f"{name}.parquet")
        try:
            return pq.read_table(path)
        except (pa.ArrowException, OSError) as error:
            raise ArtifactsDamagedError(f"{path} is not a readable table: {RETRAIN}.") from error

    def _path(self, name: str) -> Path:
        if name not in self.manifest.files:
            raise ArtifactsDamagedError(
                f"Version {self.manifest.version} in {self.folder.parent} has no {name}: {RETRAIN}."
            )
        return self.folder / name

    def verify(self) -> None:
        """Compare every file with its size and SHA-256 in the manifest.

        Raises
        ------
        ArtifactsDamagedError
            Naming the first file that differs.
        """
        if self.manifest.version != self.folder.name:
            raise ArtifactsDamagedError(
                f"{self.folder / MANIFEST} is of another version: {RETRAIN}."
            )
        with ThreadPoolExecutor() as pool:
            for problem in pool.map(self._problem, self.manifest.files.items()):
                if problem:
                    raise ArtifactsDamagedError(f"{problem}: {RETRAIN}.")

    def _problem(self, entry: tuple[str, FileRecord]) -> str:
        name, record = entry
        return difference(self.folder / name, record)


def difference(path: Path, record: FileRecord) -> str:
    """Say how a file differs from its record; empty when it does not."""
    try:
        if not path.is_file():
            return f"{path} is missing"
        size = path.stat().st_size
        if size != record.size:
            return f"{path} is truncated or altered ({size:,} bytes instead of {record.size:,})"
        if sha256_of(path) != record.sha256:
            return f"{path} was altered (its checksum differs)"
    except OSError as error:
        return f"{path} can't be read ({error.strerror})"
    return ""
