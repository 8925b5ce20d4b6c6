"""Measure speed as ratios against a named baseline in the same run.

python scripts/benchmark.py titles --data FOLDER_OF_ML_LATEST_SMALL
python scripts/benchmark.py als --ratings 25000000 --factors 64
"""

import argparse
import csv
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process
from scipy import sparse

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from recsys.data.readers import read_dataset  # noqa: E402
from recsys.data.title_index import TitleIndex  # noqa: E402
from recsys.data.titles import display_title, normalise  # noqa: E402
from recsys.models.als_fit import BACKENDS  # noqa: E402

QUERIES = ROOT / "tests" / "data" / "title_queries.csv"


def main() -> None:
    """Run the benchmark that was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=["titles", "als"])
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "demo")
    parser.add_argument("--size", type=int, default=87_000, help="titles in the catalogue")
    parser.add_argument("--ratings", type=int, default=1_000_000, help="of the matrix for als")
    parser.add_argument("--factors", type=int, default=64)
    options = parser.parse_args()
    if options.what == "titles":
        titles(options.data, options.size)
    else:
        als(options.ratings, options.factors)


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


def als(n_ratings: int, n_factors: int, n_iterations: int = 3, n_rounds: int = 3) -> None:
    """Time an iteration of both backends of ALS, in turn, on a matrix shaped like MovieLens."""
    matrix = heavy_tailed(n_ratings)
    print(f"{matrix.nnz:,} ratings, {matrix.shape[0]:,} users, {matrix.shape[1]:,} movies")
    seconds: dict[str, list[float]] = {name: [] for name in BACKENDS}
    for round_ in range(n_rounds + 1):
        for name, fit in BACKENDS.items():
            ends = []
            fit(
                matrix,
                n_factors=n_factors,
                regularization=20.0,
                n_iterations=n_iterations,
                tolerance=0.0,
                seed=42,
                n_threads=0,
                progress=lambda done, total, ends=ends: ends.append(time.perf_counter()),
            )
            if round_:  # the first round compiles
                seconds[name] += np.diff(ends).tolist()
    medians = {name: float(np.median(values)) for name, values in seconds.items()}
    for name, value in medians.items():
        print(f"{name:18} {value:7.3f} s an iteration (median of {len(seconds[name])})")
    print(f"{medians['implicit'] / medians['numba']:.1f} times faster than implicit")


def heavy_tailed(n_ratings: int) -> sparse.csr_matrix:
    """Draw confidences shaped like MovieLens 25M, scaled down; a few users and movies have most."""
    share = (n_ratings / 25_000_095) ** 0.6
    n_users, n_items = max(50, int(162_541 * share)), max(50, int(59_047 * share))
    rng = np.random.default_rng(42)
    activity = rng.lognormal(0, 1.2, n_users)
    per_user = np.maximum(1, activity / activity.sum() * n_ratings * 1.25).astype(np.int64)
    weight = np.arange(1, n_items + 1) ** -0.9 * np.exp(-np.arange(n_items) / (0.2 * n_items))
    items = np.searchsorted(np.cumsum(weight / weight.sum()), rng.random(per_user.sum()))
    users = np.repeat(np.arange(n_users), per_user)
    names = rng.permutation(n_items)
    matrix = sparse.csr_matrix(
        (np.ones(users.size, np.float32), (users, names[items.clip(0, n_items - 1)])),
        shape=(n_users, n_items),
    )
    matrix.sum_duplicates()
    matrix.data = rng.uniform(0.5, 3.5, matrix.nnz).astype(np.float32)
    return matrix


def timed(search: Callable[[str], object], queries: Sequence[str]) -> list[float]:
    """Milliseconds of each call."""
    times = []
    for query in queries:
        start = time.perf_counter()
        search(query)
        times.append((time.perf_counter() - start) * 1e3)
    return times


if __name__ == "__main__":
    main()
