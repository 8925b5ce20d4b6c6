"""The title search, against rapidfuzz over all titles."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from benchmarks.processes import ROOT
from recsys.data.readers import read_dataset
from recsys.data.title_index import TitleIndex
from recsys.data.titles import display_title, normalise

QUERIES = ROOT / "tests" / "data" / "title_queries.csv"


def titles(folder: Path, size: int) -> None:
    """Time the title search on a catalogue enlarged by titles of recombined words."""
    catalog = read_dataset(folder)[0].catalog
    names = [str(title) for title in catalog.title]
    rng = np.random.default_rng(7)
    words = [word for name in names for word in name.split()]
    lengths = [len(name.split()) for name in names]
    made = size - len(names)
    names += [" ".join(rng.choice(words, rng.choice(lengths))) for _ in range(made)]
    years = np.concatenate([catalog.year, rng.choice(catalog.year, made)])
    few = np.sort(catalog.rating_count)[: len(catalog) // 2]
    counts = np.concatenate([catalog.rating_count, rng.choice(few, made)])

    start = time.perf_counter()
    index = TitleIndex.build(names, years, counts)
    print(f"{size:,} titles indexed in {time.perf_counter() - start:.1f} s")

    with QUERIES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    labels = [catalog.label(i) for i in range(len(catalog))]
    wanted = {row["query"]: f"{display_title(row['title'])} ({row['year']})" for row in rows}
    asked = [query for query, label in wanted.items() if label in labels]
    best = {query: index.search(query, 1)[0] for query in asked}
    first = sum(
        labels[found[0]] == wanted[query]
        for query, found in best.items()
        if found.size and found[0] < len(labels)
    )
    print(f"{first} of {len(asked)} queries with typos find their title first")

    queries = [row["query"] for row in rows]
    prefixes = [query[:n] for query in queries for n in range(1, len(query) + 1)]
    plain = [normalise(name) for name in names]
    ours = timed(lambda query: index.search(query, 8), queries * 5)
    typed = timed(lambda query: index.search(query, 8), prefixes)
    baseline = timed(
        lambda query: process.extract(normalise(query), plain, scorer=fuzz.WRatio, limit=8), queries
    )
    for name, values in (("queries", ours), ("letter by letter", typed), ("rapidfuzz", baseline)):
        print(
            f"{name:18} p50 {np.median(values):7.1f} ms   p95 {np.quantile(values, 0.95):7.1f} ms"
        )
    print(
        f"{np.median(baseline) / np.median(ours):.0f} times faster than rapidfuzz over all titles"
    )


def timed(search: Callable[[str], object], queries: Sequence[str]) -> list[float]:
    """Milliseconds of each call."""
    times = []
    for query in queries:
        start = time.perf_counter()
        search(query)
        times.append((time.perf_counter() - start) * 1e3)
    return times
