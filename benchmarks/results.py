"""The figures of all parts in one file, and what they were measured with."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.processes import PEERS, ROOT

RESULTS = ROOT / "benchmarks" / "results.json"
_OURS = ("numpy", "scipy", "numba", "implicit", "pandas")
_PEERS = ("lenskit", "torch", "pyspark")


def load(path: Path = RESULTS) -> dict[str, Any]:
    """Read what has been measured so far."""
    if not path.exists():
        return {"parts": {}}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def record(part: str, figures: Mapping[str, Any], path: Path = RESULTS) -> None:
    """Put the figures of one part in the place of those it had before; the others stay.

    Parameters
    ----------
    part : str
    figures : mapping
        What :mod:`json` can write.
    path : Path
        Replaced as a whole, so that an interruption does no harm.
    """
    results = load(path)
    if results.get("machine", machine()) != machine():
        results["parts"] = {}  # figures of two machines are no table
    results["machine"], results["versions"] = machine(), versions()
    when = datetime.now(UTC).isoformat(timespec="seconds")
    results["parts"][part] = {"measured": when, "commit": commit(), **figures}
    results["parts"] = dict(sorted(results["parts"].items()))
    making = path.with_name(f".{path.name}.new")
    making.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    making.replace(path)


def summary(samples: Sequence[float], digits: int = 4) -> dict[str, Any]:
    """Return the median of samples, and the samples."""
    return {
        "median": round(float(np.median(samples)), digits),
        "samples": [round(float(value), digits) for value in samples],
    }


def machine() -> dict[str, Any]:
    """Say what this machine is."""
    return {
        "cpu": _first_value(Path("/proc/cpuinfo"), "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "os": _first_value(Path("/etc/os-release"), "PRETTY_NAME") or platform.platform(),
    }


def _first_value(path: Path, name: str) -> str:
    if path.exists():
        for line in path.read_text().splitlines():
            if line.startswith(name):
                return line[len(name) :].strip(' \t:="')
    return ""


def versions() -> dict[str, str]:
    """Return versions of what is measured, "not installed" for what is not here."""
    found = {"python": platform.python_version(), **{name: version(name) for name in _OURS}}
    script = (
        "from importlib.metadata import version, PackageNotFoundError\n"
        f"for name in {_PEERS!r}:\n"
        "    try: print(name, version(name))\n"
        "    except PackageNotFoundError: pass\n"
    )
    there = dict.fromkeys((*_PEERS, "java"), "not installed")
    for line in _said([str(PEERS), "-c", script]).splitlines():
        name, _, there[name] = line.partition(" ")
    java = _said(["java", "-version"]).split('"')
    if len(java) > 1:
        there["java"] = java[1]
    return found | there


def commit() -> str:
    """Name the commit that is measured; with a plus where files differ from it."""
    changed = _said(["git", "status", "--porcelain", "--untracked-files=no", "--", "recsys"])
    return _said(["git", "rev-parse", "--short", "HEAD"]).strip() + ("+" if changed else "")


def _said(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
        )
    except (OSError, subprocess.SubprocessError) as error:
        print(f"{command[0]}: {error}", file=sys.stderr)
        return ""
    return done.stdout + done.stderr
