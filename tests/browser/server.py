"""The real dashboard as a process, and a page of it as a person sees it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """Return a port nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """``streamlit run app.py``, ended with :meth:`stop`.

    Parameters
    ----------
    artifacts, folder
        What is shown; where its cache and its log go.
    environment
        More settings.
    """

    def __init__(self, artifacts: Path, folder: Path, **environment: str) -> None:
        self.cache = folder / "cache"
        self._log = folder / "server.log"
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        options = {
            "port": str(port),
            "address": "127.0.0.1",
            # Somebody may be editing while the tests run.
            "fileWatcherType": "none",
        }
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        for name, value in options.items():
            command += [f"--server.{name}", value]
        settings = {
            "RECSYS_ARTIFACTS": str(artifacts),
            "RECSYS_CACHE": str(self.cache),
            "TMDB_TOKEN": "",
            "NO_PROXY": "127.0.0.1",
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **settings, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)  # nothing tells that a port is about to be open
        self.stop()
        raise RuntimeError(f"the dashboard did not start:\n{self.log}")

    @property
    def log(self) -> str:
        """What the server printed so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
