"""Versions on disk: written whole or not at all, verified when opened.

::

    artifacts/
      current.json                names the live version; replaced atomically
      versions/<version>/         manifest.json, *.npy, *.parquet
      versions/.unfinished/       finished stages of a training under way, or interrupted
      .lock                       held while a training writes
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from recsys.errors import (
    ArtifactsBusyError,
    ArtifactsDamagedError,
    ArtifactsError,
    ArtifactsMissingError,
    ArtifactsWriteError,
)
from recsys.store.manifest import Manifest
from recsys.store.version import (
    MANIFEST,
    RETRAIN,
    Version,
    digest_of,
    replace_text,
    write_errors,
)
from recsys.store.writer import VersionWriter

UNFINISHED = ".unfinished"
"""Folder among the versions for what no version holds yet."""

_VERSION_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,99}")


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
            if not self.root.is_dir():
                raise ArtifactsMissingError(
                    f"{self.root} is no folder: name another one with --artifacts "
                    "(RECSYS_ARTIFACTS for the dashboard)."
                ) from error
            raise ArtifactsDamagedError(
                f"{self.current_file} can't be read ({error}): remove it, then train again with "
                "`python scripts/train_and_save.py`."
            ) from error
        try:
            return str(json.loads(text)["version"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
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
        if not _VERSION_NAME.fullmatch(name) or not folder.is_dir():
            raise ArtifactsDamagedError(
                f"There is no version {name[:100]!r} in {self.root}: {RETRAIN}."
            )
        path = folder / MANIFEST
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ArtifactsDamagedError(f"{path} can't be read: {RETRAIN}.") from error
        version = Version(folder, Manifest.parse(text, str(path)))
        if not name.endswith(digest_of(json.loads(text))):
            raise ArtifactsDamagedError(f"{path} was altered: {RETRAIN}.")
        version.verify()
        return version

    def promote(self, name: str) -> None:
        """Make a version the live one; also the way back to an older one."""
        self.open(name)
        self._make_live(name)

    def _make_live(self, name: str) -> None:
        with write_errors(self.root):
            replace_text(self.current_file, json.dumps({"version": name}) + "\n")

    def _is_live(self, name: str) -> bool:
        with suppress(ArtifactsError):
            return self.current() == name
        return False

    def check_free(self) -> None:
        """Raise what :meth:`training` would, before work is done for nothing.

        Raises
        ------
        ArtifactsBusyError, ArtifactsWriteError
        """
        self._locked().release()

    def _locked(self) -> FileLock:
        with write_errors(self.root):
            self.versions_folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / ".lock", timeout=0)
        try:
            with write_errors(self.root):
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

        What was written is thrown away unless :meth:`commit` took it; but stages that were
        finished stay for the next training, save where the folder could not be written.

        Raises
        ------
        ArtifactsBusyError
            If another training holds the folder.
        ArtifactsWriteError
            If the folder can't be written.
        """
        lock = self._locked()
        folder = self.versions_folder / UNFINISHED
        try:
            with write_errors(self.root):
                folder.mkdir(exist_ok=True)
            writer = VersionWriter(folder)
            try:
                yield writer
            except ArtifactsWriteError:
                writer.discard()
                raise
            finally:
                if not writer.has_finished_stages():
                    writer.discard()
        finally:
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
        manifest = Manifest(
            version="", created=now.isoformat(timespec="seconds"), files=writer.files, **fields
        )
        name = f"{now:%Y%m%d-%H%M%S-%f}-{digest_of(manifest.model_dump(mode='json'))}"
        manifest = manifest.model_copy(update={"version": name})
        folder = self.versions_folder / name
        writer.close(manifest.model_dump_json(indent=2))
        with write_errors(self.root):
            writer.folder.rename(folder)
        try:
            self._make_live(name)
        finally:
            if not self._is_live(name):
                shutil.rmtree(folder, ignore_errors=True)
        others = [version for version in self.versions() if version != name]
        for old in others[: max(0, len(others) - max(1, keep) + 1)]:
            shutil.rmtree(self.versions_folder / old, ignore_errors=True)
        return manifest
