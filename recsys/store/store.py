"""Versions on disk: written whole or not at all, verified when opened.

::

    artifacts/
      current.json                names the live version; replaced atomically
      versions/<version>/         manifest.json, *.npy, *.parquet
      .lock                       held while a training writes
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from recsys.errors import (
    ArtifactsBusyError,
    ArtifactsDamagedError,
    ArtifactsMissingError,
    ArtifactsWriteError,
)
from recsys.store.manifest import FileRecord, Manifest

MANIFEST = "manifest.json"
RETRAIN = "train again with `python scripts/train_and_save.py` to replace it"


@contextmanager
def _write_errors(folder: Path) -> Iterator[None]:
    """Turn the operating system's refusals into one sentence."""
    try:
        yield
    except Timeout:  # of the lock; an OSError too, but no refusal
        raise
    except OSError as error:
        reason = {
            errno.ENOSPC: "the disk is full: free some space",
            errno.EDQUOT: "the disk quota is used up: free some space",
            errno.EACCES: "permission is denied: choose another folder with --artifacts",
            errno.EROFS: "the file system is read-only: choose another folder with --artifacts",
            errno.ENOTDIR: "a part of that path is a file: choose another with --artifacts",
            errno.EEXIST: "there is a file of that name: choose another folder with --artifacts",
        }.get(error.errno or 0, f"{error.strerror or error}: check the folder")
        raise ArtifactsWriteError(
            f"The artifacts can't be written to {folder}; {reason}, then train again. "
            "The live version is as it was."
        ) from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _replace_text(path: Path, text: str) -> None:
    """Write a small file so that readers see the old one or the new one, never a half."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


class VersionWriter:
    """Collects the files of a version in a folder nobody reads yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, FileRecord] = {}

    def array(self, name: str, array: NDArray[Any]) -> None:
        """Write ``<name>.npy``."""
        path = self.folder / f"{name}.npy"
        np.save(path, np.ascontiguousarray(array), allow_pickle=False)
        self._record(path, dtype=str(array.dtype), shape=array.shape)

    def table(self, name: str, table: pa.Table) -> None:
        """Write ``<name>.parquet``."""
        path = self.folder / f"{name}.parquet"
        pq.write_table(table, path, compression="zstd")
        self._record(path, shape=table.shape)

    def _record(self, path: Path, *, dtype: str = "", shape: tuple[int, ...]) -> None:
        self.files[path.name] = FileRecord(
            size=path.stat().st_size, sha256=sha256_of(path), dtype=dtype, shape=shape
        )


class Version:
    """A verified version: its manifest and its files, memory-mapped."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest

    def array(self, name: str) -> NDArray[Any]:
        """Memory-map ``<name>.npy``, read-only."""
        array: NDArray[Any] = np.load(self._path(f"{name}.npy"), mmap_mode="r", allow_pickle=False)
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
        return pq.read_table(self._path(f"{name}.parquet"))

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
        with ThreadPoolExecutor() as pool:
            for problem in pool.map(self._problem, self.manifest.files.items()):
                if problem:
                    raise ArtifactsDamagedError(f"{problem}: {RETRAIN}.")

    def _problem(self, entry: tuple[str, FileRecord]) -> str:
        name, record = entry
        path = self.folder / name
        if not path.is_file():
            return f"{path} is missing"
        size = path.stat().st_size
        if size != record.size:
            return f"{path} is truncated or altered ({size:,} bytes instead of {record.size:,})"
        if sha256_of(path) != record.sha256:
            return f"{path} was altered (its checksum differs)"
        return ""


class ArtifactStore:
    """A folder of versions, one of them live.

    Parameters
    ----------
    root : Path
        The artifacts folder; made by the first training.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        self.versions_folder = self.root / "versions"
        self.current_file = self.root / "current.json"

    def versions(self) -> list[str]:
        """Names of the complete versions, oldest first."""
        return sorted(path.parent.name for path in self.versions_folder.glob(f"[!.]*/{MANIFEST}"))

    def current(self) -> str:
        """Name of the live version.

        Raises
        ------
        ArtifactsMissingError
            If nothing was trained yet.
        ArtifactsDamagedError
            If ``current.json`` is unreadable.
        """
        try:
            text = self.current_file.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise ArtifactsMissingError(
                f"There are no trained artifacts in {self.root}: "
                "run `python scripts/train_and_save.py` first, or name their folder "
                "with --artifacts (RECSYS_ARTIFACTS for the dashboard)."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise ArtifactsDamagedError(
                f"{self.current_file} can't be read ({error}): {RETRAIN}."
            ) from error
        try:
            return str(json.loads(text)["version"])
        except (ValueError, KeyError, TypeError) as error:
            raise ArtifactsDamagedError(
                f"{self.current_file} does not name a version: {RETRAIN}."
            ) from error

    def open(self, name: str | None = None) -> Version:
        """Open and verify a version, the live one by default.

        Raises
        ------
        ArtifactsMissingError, ArtifactsDamagedError, ArtifactsIncompatibleError
        """
        name = self.current() if name is None else name
        folder = self.versions_folder / name
        # The name comes from a file: it must stay a single folder below this store.
        if not name or Path(name).name != name or not folder.is_dir():
            raise ArtifactsDamagedError(f"There is no version {name} in {self.root}: {RETRAIN}.")
        path = folder / MANIFEST
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ArtifactsDamagedError(f"{path} can't be read: {RETRAIN}.") from error
        version = Version(folder, Manifest.parse(text, str(path)))
        version.verify()
        return version

    def promote(self, name: str) -> None:
        """Make a version the live one; also the way back to an older one."""
        self.open(name)
        with _write_errors(self.root):
            _replace_text(self.current_file, json.dumps({"version": name}) + "\n")

    def check_free(self) -> None:
        """Raise what :meth:`training` would, before work is done for nothing.

        Raises
        ------
        ArtifactsBusyError, ArtifactsWriteError
        """
        self._locked().release()

    def _locked(self) -> FileLock:
        with _write_errors(self.root):
            self.versions_folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / ".lock", timeout=0)
        try:
            with _write_errors(self.root):
                lock.acquire()
        except Timeout as error:
            raise ArtifactsBusyError(
                f"Another training is writing to {self.root}: wait for it to end, "
                "or choose another folder with --artifacts."
            ) from error
        return lock

    @contextmanager
    def training(self) -> Iterator[VersionWriter]:
        """Hold the folder for one training and give a writer for its files.

        What was written is thrown away unless :meth:`commit` took it.

        Raises
        ------
        ArtifactsBusyError
            If another training holds the folder.
        ArtifactsWriteError
            If the folder can't be written.
        """
        lock = self._locked()
        folder = self.versions_folder / ".unfinished"
        try:
            with _write_errors(self.root):
                # A training that was killed leaves its folder behind; the lock says it is over.
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                yield VersionWriter(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()

    def commit(self, writer: VersionWriter, *, keep: int = 3, **fields: Any) -> Manifest:
        """Write the manifest, name the version and make it live.

        Parameters
        ----------
        writer : VersionWriter
        keep : int
            So many of the newest versions stay on disk.
        **fields
            Of :class:`Manifest`, but for its version, time and files.
        """
        now = datetime.now(UTC)
        digest = hashlib.sha256(
            "".join(f"{name}{file.sha256}" for name, file in sorted(writer.files.items())).encode()
        ).hexdigest()[:8]
        name = f"{now:%Y%m%d-%H%M%S-%f}-{digest}"
        manifest = Manifest(
            version=name, created=now.isoformat(timespec="seconds"), files=writer.files, **fields
        )
        _replace_text(writer.folder / MANIFEST, manifest.model_dump_json(indent=2) + "\n")
        writer.folder.rename(self.versions_folder / name)
        self.promote(name)
        for old in [version for version in self.versions() if version != name][: -keep + 1 or None]:
            shutil.rmtree(self.versions_folder / old, ignore_errors=True)
        return manifest
