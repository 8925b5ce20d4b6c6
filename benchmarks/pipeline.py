"""From csv files to live artifacts: the time, the memory and the room on disk."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

from benchmarks.processes import run
from benchmarks.results import summary


def pipeline(data: Path, artifacts: Path, n_rounds: int, models: str | None) -> dict[str, Any]:
    """Train as the command does, in a process of its own.

    Parameters
    ----------
    data : Path
    artifacts : Path
        Emptied first.
    n_rounds : int
    models : str, optional
        Names of models, with commas between; all by default.
    """
    runs = []
    stages: dict[str, list[float]] = {}
    for _ in range(n_rounds):
        shutil.rmtree(artifacts, ignore_errors=True)
        command = [
            *(sys.executable, "scripts/train_and_save.py"),
            *("--data", data, "--artifacts", artifacts),
            *(("--models", models) if models else ()),
        ]
        runs.append(run(command))
        for stage, seconds in re.findall(r"^(.+): ([\d.]+) s$", runs[-1].err, re.MULTILINE):
            stages.setdefault(stage, []).append(float(seconds))
        print(f"  {runs[-1].seconds:.1f} s, {runs[-1].peak_bytes / 2**30:.2f} GiB")
    sizes = {
        str(path.relative_to(artifacts)): path.stat().st_size
        for path in sorted(artifacts.rglob("*"))
        if path.is_file()
    }
    return {
        "models": models or "all",
        "rounds": n_rounds,
        "seconds": summary([one.seconds for one in runs], 1),
        "peak_gib": summary([one.peak_bytes / 2**30 for one in runs], 2),
        "stages_s": {name: summary(values, 1) for name, values in stages.items()},
        "disk_mb": round(sum(sizes.values()) / 1e6, 1),
        "files_mb": {Path(name).name: round(size / 1e6, 2) for name, size in sizes.items()},
    }
