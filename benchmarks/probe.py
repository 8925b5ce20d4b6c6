"""Load artifacts and ask for lists, in a fresh process with one thread; prints the figures."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from recsys.data.profile import Profile
from recsys.serving.recommender import Recommender

N_RATINGS = 50
_WARM_UP = 20


def main() -> None:
    """Print what loading took and, if asked for, the times of lists."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("artifacts", type=Path)
    parser.add_argument("--profiles", type=int, default=0)
    options = parser.parse_args()
    before = memory()
    start = time.perf_counter()
    recommender = Recommender.load(options.artifacts)
    figures: dict[str, Any] = {"load_s": time.perf_counter() - start}
    figures |= {"imports_mb": before, "loaded_mb": memory()}
    start = time.perf_counter()
    recommender.for_user(int(recommender.users.ids[0]))
    figures |= {"first_list_s": time.perf_counter() - start, "first_list_mb": memory()}
    if options.profiles:
        figures["milliseconds"] = latencies(recommender, options.profiles)
        figures["after_mb"] = memory()
    print(json.dumps(figures))


def memory() -> dict[str, float]:
    """Megabytes this process has in memory: all, its own, and those that map files."""
    found = {}
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in ("VmRSS", "RssAnon", "RssFile"):
            found[name] = round(int(value.split()[0]) * 1024 / 1e6, 1)
    return found


def latencies(recommender: Recommender, n_profiles: int) -> dict[str, list[float]]:
    """Milliseconds of each list of ten, for profiles of fifty ratings of somebody."""
    rng = np.random.default_rng(7)
    profiles: list[Profile] = []
    while len(profiles) < n_profiles + _WARM_UP:
        whole = recommender.histories.profile(int(rng.integers(len(recommender.users))))
        if len(whole) >= N_RATINGS:
            some = rng.choice(len(whole), N_RATINGS, replace=False)
            profiles.append(Profile(whole.item_index[some], whole.rating[some]))
    films = [int(recommender.items.ids[rng.choice(profile.item_index)]) for profile in profiles]
    asked: dict[str, Callable[[int], object]] = {
        "hybrid": lambda i: recommender.for_profile(profiles[i], 10, model="hybrid"),
        "als": lambda i: recommender.for_profile(profiles[i], 10, model="als"),
        "similar": lambda i: recommender.similar(films[i], 10),
    }
    found: dict[str, list[float]] = {}
    for name, ask in asked.items():
        times = []
        for i in range(len(profiles)):
            start = time.perf_counter()
            ask(i)
            times.append((time.perf_counter() - start) * 1e3)
        found[name] = times[_WARM_UP:]
    return found


if __name__ == "__main__":
    main()
