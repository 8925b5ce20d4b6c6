"""Loading for serving, single lists, and the lists of everybody."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.processes import ONE_THREAD, run
from benchmarks.results import summary

N_PROFILES = 500
_USERS = (
    "import sys; from recsys.serving.recommender import Recommender; "
    "print(*Recommender.load(sys.argv[1]).users.ids)"
)


def serving(artifacts: Path, n_rounds: int, n_profiles: int = N_PROFILES) -> dict[str, Any]:
    """Measure loading and latencies, each round in a fresh process with one thread."""
    command = [
        *ONE_THREAD,
        *(sys.executable, "-m", "benchmarks.probe", artifacts, "--profiles", str(n_profiles)),
    ]
    rounds = [json.loads(run(command).out) for _ in range(n_rounds)]
    figures: dict[str, Any] = {
        "rounds": n_rounds,
        "profiles": n_profiles,
        "load_s": summary([one["load_s"] for one in rounds], 3),
        "first_list_s": summary([one["first_list_s"] for one in rounds], 4),
    }
    for name in ("imports_mb", "loaded_mb", "first_list_mb", "after_mb"):
        figures[name] = {
            kind: float(np.median([one[name][kind] for one in rounds])) for kind in rounds[0][name]
        }
    for what in rounds[0]["milliseconds"]:
        times = [np.quantile(one["milliseconds"][what], [0.5, 0.99]) for one in rounds]
        figures[f"{what}_p50_ms"] = summary([p50 for p50, _ in times], 2)
        figures[f"{what}_p99_ms"] = summary([p99 for _, p99 in times], 2)
        print(f"  {what:8} p50 {times[-1][0]:6.2f} ms, p99 {times[-1][1]:6.2f} ms")
    return figures


def lists(artifacts: Path, model: str, n_rounds: int, n_users: int | None) -> dict[str, Any]:
    """Time the command that makes lists for everybody, or for some and extrapolate.

    Parameters
    ----------
    artifacts : Path
    model : str
    n_rounds : int
    n_users : int, optional
        Ask for so many users only, and count what goes beyond the list of one user as often as
        it takes to get to all.
    """
    # In a process of its own: a command's peak of memory is never below that of its parent.
    said = run([sys.executable, "-c", _USERS, artifacts]).out
    ids = np.array(said.split(), dtype=np.int64)
    some = ids
    if n_users is not None and n_users < ids.size:
        some = np.sort(np.random.default_rng(7).choice(ids, n_users, replace=False))
    whole = ids.size / some.size
    runs, seconds = [], []
    with tempfile.TemporaryDirectory() as folder:
        users, made = Path(folder) / "users.txt", Path(folder) / "lists.csv"
        command = [
            *(sys.executable, "-m", "recsys", "recommend", "--artifacts", artifacts),
            *("--users-file", users, "-k", "10", "--format", "csv", "--model", model),
        ]
        for _ in range(n_rounds):
            start = 0.0
            if whole > 1:
                users.write_text(f"{some[0]}\n")
                start = run(command, out=made).seconds
            users.write_text("\n".join(map(str, some)) + "\n")
            runs.append(run(command, out=made))
            seconds.append(start + (runs[-1].seconds - start) * whole)
            with made.open("rb") as file:
                n_rows = sum(1 for _ in file) - 1
            print(f"  {model:8} {runs[-1].seconds:.1f} s, {n_rows:,} rows, {some.size:,} users")
    return {
        "model": model,
        "rounds": n_rounds,
        "users": int(ids.size),
        "asked": int(some.size),
        "extrapolated": whole > 1,
        "rows": n_rows,
        "seconds": summary(seconds, 1),
        "peak_gib": summary([one.peak_bytes / 2**30 for one in runs], 2),
    }
