"""The newcomer's command: ``make run``."""

import os
import shutil
import signal
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.browser.server import ROOT, free_port


def test_make_run_trains_and_serves(tmp_path: Path) -> None:
    if not shutil.which("make") or not (ROOT / ".venv" / "runtime").exists():
        pytest.skip("needs make, and the environment that `make test` makes")
    port = free_port()
    output = (tmp_path / "output").open("w+")
    running = subprocess.Popen(
        ["make", "run", f"PORT={port}"],
        cwd=ROOT,
        env={**os.environ, "RECSYS_ARTIFACTS": str(tmp_path / "artifacts")},
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        assert _answers(f"http://127.0.0.1:{port}/_stcore/health", running) == "ok"
        assert (tmp_path / "artifacts" / "current.json").exists()
        output.seek(0)
        assert f"http://localhost:{port}" in output.read()
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(timeout=30)


def _answers(address: str, running: subprocess.Popen[bytes]) -> str:
    """Ask until the server is up; each refusal takes no time, so wait for the process between."""
    for _ in range(240):
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            try:
                running.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                continue
            return "ended early"
    return "never up"
