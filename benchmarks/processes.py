"""Running a command for its time, its peak of memory and what it prints."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
PEERS = ROOT / ".venv-bench" / "bin" / "python"
ONE_THREAD = (
    "env",
    *(f"{name}_NUM_THREADS=1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")),
)
"""Put before a command that may use one thread."""


@dataclass(frozen=True)
class Run:
    """What a command took.

    Attributes
    ----------
    seconds : float
        From its start to its end.
    peak_bytes : int
        The most memory it held at a time.
    out, err : str
        What it printed.
    """

    seconds: float
    peak_bytes: int
    out: str
    err: str


def run(command: Sequence[object], *, out: Path | None = None) -> Run:
    """Run a command in the project's folder to its end.

    Parameters
    ----------
    command : sequence
    out : Path, optional
        What it prints goes there.

    Raises
    ------
    RuntimeError
        If it fails, with the end of what it said.
    """
    words = [str(word) for word in command]
    with tempfile.TemporaryDirectory() as folder:
        printed, said = out or Path(folder) / "out", Path(folder) / "err"
        with printed.open("wb") as out_file, said.open("wb") as err_file:
            start = time.perf_counter()
            process = subprocess.Popen(words, cwd=ROOT, stdout=out_file, stderr=err_file)
            try:
                _, status, usage = os.wait4(process.pid, 0)
            except BaseException:
                process.kill()
                raise
            seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        err = said.read_text(errors="replace")
        if process.returncode:
            raise RuntimeError(f"{' '.join(words)} failed:\n{err[-2000:]}")
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return Run(seconds, peak, "" if out else printed.read_text(), err)
