"""The other libraries, each in a process of the environment ``.venv-bench``."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from benchmarks.processes import PEERS, ROOT, run

PEER_FITS = {"lenskit": "lenskit", "spark": "pyspark"}
"""Name of a peer to the package it needs."""

NOT_INSTALLED = "not installed"


def is_installed(name: str) -> bool:
    """Tell whether a peer can be run; Spark runs on Java."""
    if not PEERS.exists() or (name == "spark" and not shutil.which("java")):
        return False
    command = [str(PEERS), "-c", f"import {PEER_FITS[name]}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    return done.returncode == 0


def peer_seconds(name: str, ratings: Path, n_factors: int, n_iterations: int) -> float | str:
    """Time one fit of a peer.

    Parameters
    ----------
    name : str
    ratings : Path
        Parquet file of user, item and weight.
    n_factors, n_iterations : int

    Returns
    -------
    float or str
        Seconds of the fit alone, or :data:`NOT_INSTALLED`.
    """
    if not is_installed(name):
        return NOT_INSTALLED
    command = [
        *(PEERS, "-m", f"benchmarks.peer_{name}", ratings),
        *("--factors", str(n_factors), "--iterations", str(n_iterations)),
    ]
    last = run(command).out.strip().splitlines()[-1]
    return float(json.loads(last)["seconds"])
