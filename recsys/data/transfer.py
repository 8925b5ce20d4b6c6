"""Fetching one large file over HTTP: continued after a cut, verified at the end."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from pathlib import Path

import requests
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from recsys.errors import DownloadError

_CHUNK = 1 << 16
_TIMEOUT = (15, 60)  # seconds to connect, and between two pieces
_ATTEMPTS = 4
_PAUSE = 2.0  # seconds before the next attempt


class Transfer:
    """One file being fetched to a ``.part`` file, in as many pieces as it takes.

    Parameters
    ----------
    session : requests.Session
    url : str
    part : Path
        Kept when fetching stops, and continued by the next transfer.
    console : Console
        For the progress bar.

    Attributes
    ----------
    total : int or None
        Bytes of the whole file, once the server has said so.
    """

    def __init__(self, session: requests.Session, url: str, part: Path, console: Console) -> None:
        self.session = session
        self.url = url
        self.part = part
        self.tag = part.with_name(part.name + ".tag")  # which version the part belongs to
        self.console = console
        self.total: int | None = None

    @property
    def name(self) -> str:
        """File name for people."""
        return self.part.name.removesuffix(".part")

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.part.stat().st_size if self.part.exists() else 0

    def discard(self) -> None:
        """Remove what was fetched."""
        self.part.unlink(missing_ok=True)
        self.tag.unlink(missing_ok=True)

    def run(self) -> None:
        """Fetch what is missing; a cut connection is taken up again some times.

        Raises
        ------
        DownloadError
            If the file can't be fetched.
        OSError
            If it can't be written.
        """
        if self.size:
            self.console.print(
                f"Continuing {self.name} after {self.size / 1e6:,.1f} MB.", markup=False
            )
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.console) as progress:
            bar = progress.add_task(self.name, total=None)
            failures = 0
            while True:
                before = self.size
                try:
                    self._attempt(progress, bar)
                    return
                except requests.RequestException as error:
                    failures = 1 if self.size > before else failures + 1
                    if failures >= _ATTEMPTS:
                        raise self._gave_up(error) from None
                    time.sleep(_PAUSE)

    def _attempt(self, progress: Progress, bar: TaskID) -> None:
        start = self.size
        headers = {}
        if start:
            headers["Range"] = f"bytes={start}-"
            if self.tag.exists():
                headers["If-Range"] = self.tag.read_text(encoding="ascii", errors="replace")
        with self.session.get(self.url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
            span = re.fullmatch(
                r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", response.headers.get("Content-Range", "")
            )
            if response.status_code == 416 and start:
                if span and span[2] == str(start):
                    self.total = start
                    return
                self.discard()  # longer than the file is: of another version
                raise requests.ConnectionError("the file has changed")
            self._check_status(response)
            continues = response.status_code == 206
            if continues and not (span and span[1] == str(start)):
                self.discard()
                raise requests.ConnectionError("the server sent another part of the file")
            if continues and span:
                self.total = int(span[2]) if span[2] != "*" else None
            else:
                start = 0
                length = response.headers.get("Content-Length", "")
                self.total = int(length) if length.isdecimal() else None
            self._remember(response)
            self._check_room(start)
            progress.update(bar, total=self.total, completed=start)
            with self.part.open("ab" if continues else "wb") as file:
                for piece in response.iter_content(_CHUNK):
                    file.write(piece)
                    progress.advance(bar, len(piece))
        if self.total is not None and self.size < self.total:
            raise requests.ConnectionError("the connection was cut")

    def _check_status(self, response: requests.Response) -> None:
        if response.status_code in (200, 206):
            return
        if response.status_code == 404:
            raise DownloadError(
                f"There is no {self.url} (404); check the address in RECSYS_GROUPLENS_URL."
            )
        if response.status_code >= 500 or response.status_code == 429:
            raise requests.ConnectionError(f"the server answers {response.status_code}")
        raise DownloadError(
            f"The server refuses {self.url} ({response.status_code}); try again later."
        )

    def _remember(self, response: requests.Response) -> None:
        """Keep what identifies this version of the file, for If-Range."""
        etag = response.headers.get("ETag", "")
        # A weak tag may not be used with ranges.
        tag = etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified")
        if tag and tag.isascii() and tag.isprintable():
            self.tag.write_text(tag, encoding="ascii")
        else:
            self.tag.unlink(missing_ok=True)

    def _check_room(self, start: int) -> None:
        free = shutil.disk_usage(self.part.parent).free
        if self.total is not None and self.total - start > free:
            raise DownloadError(
                f"{self.name} needs {(self.total - start) / 1e6:,.0f} MB but only "
                f"{free / 1e6:,.0f} MB are free in {self.part.parent}; make room or give another "
                "folder with --output."
            )

    def _gave_up(self, error: requests.RequestException) -> DownloadError:
        if self.size:
            of = f" of {self.total / 1e6:,.1f}" if self.total else ""
            return DownloadError(
                f"The connection broke after {self.size / 1e6:,.1f}{of} MB of {self.name}, which "
                f"are kept in {self.part}; run the same command to continue."
            )
        reason = "it took too long" if isinstance(error, requests.Timeout) else "no connection"
        return DownloadError(
            f"{self.url} can't be reached ({reason}); check the network connection, or put an "
            "unpacked data set into the data folder by hand."
        )

    def verify(self, md5: str | None) -> None:
        """Compare size and checksum; a file that differs is removed.

        Raises
        ------
        DownloadError
            If either differs.
        """
        problem = ""
        if self.total is not None and self.size != self.total:
            problem = f"has {self.size:,} bytes instead of {self.total:,}"
        elif md5 is not None:
            with self.part.open("rb") as file:
                found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
            if found.hexdigest() != md5.lower():
                problem = "does not match its published checksum"
        if problem:
            self.discard()
            raise DownloadError(
                f"{self.name} {problem} and was removed; run the same command to fetch it again."
            )


def published_md5(session: requests.Session, url: str, console: Console) -> str | None:
    """Fetch the MD5 checksum published beside a file; None if there is none."""
    try:
        response = session.get(f"{url}.md5", timeout=_TIMEOUT)
    except requests.RequestException:
        response = None
    text = response.text if response is not None and response.status_code == 200 else ""
    # Anything long is a web page that says there is no such file.
    match = re.search(r"\b[0-9a-fA-F]{32}\b", text) if len(text) < 300 else None
    if match is None:
        console.print("No checksum is available; checking the size and the zip file's own CRCs.")
    return match[0] if match else None
