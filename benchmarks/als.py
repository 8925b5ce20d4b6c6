"""ALS: an iteration and a fit against the peers', and whether what comes out is as good."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.peers import PEER_FITS, peer_seconds
from benchmarks.results import summary
from recsys.data.dataset import Dataset
from recsys.data.readers import read_dataset
from recsys.evaluation.baselines import Board
from recsys.evaluation.metrics import hits_of, ndcg
from recsys.evaluation.split import Split
from recsys.evaluation.task import Rules, Task
from recsys.models.als import ALS, ALSConfig
from recsys.models.als_fit import BACKENDS

N_THREADS = 2
REGULARIZATION = 20.0
N_JUDGES = 10_000
HELD_OUT = 0.2
K = 10


def confidences(dataset: Dataset) -> sparse.csr_matrix:
    """One plus the rating: what all libraries can be given alike.

    Returns
    -------
    csr float32[n_users, n_items]
    """
    return sparse.csr_matrix(
        (1 + dataset.rating, dataset.item_index, dataset.user_indptr),
        shape=(dataset.n_users, dataset.n_items),
        dtype=np.float32,
        copy=True,  # implicit refuses the dataset's read-only columns
    )


def iterations(
    folder: Path, n_factors: int, n_rounds: int, n_iterations: int = 3
) -> dict[str, Any]:
    """Time an iteration of ours and of ``implicit``, in turn, after a round that warms up."""
    matrix = confidences(read_dataset(folder)[0])
    print(f"{matrix.nnz:,} ratings, {n_factors} factors, {n_rounds} rounds")
    seconds: dict[str, list[float]] = {name: [] for name in BACKENDS}
    for round_ in range(n_rounds + 1):
        for name in BACKENDS:
            # Warming up takes no more than compiling and touching the data.
            ends = [end for end, _ in _ends(name, matrix, n_factors, n_iterations if round_ else 1)]
            if round_:
                seconds[name] += np.diff(ends).tolist()
                print(f"  {name:10} {np.median(np.diff(ends)):8.3f} s an iteration")
    return {
        "ratings": matrix.nnz,
        "factors": n_factors,
        "rounds": n_rounds,
        "ours_s": summary(seconds["numba"]),
        "implicit_s": summary(seconds["implicit"]),
        "ratio": _ratio(seconds["implicit"], seconds["numba"]),
    }


def _ends(
    name: str, matrix: sparse.csr_matrix, n_factors: int, n_iterations: int
) -> list[tuple[float, int]]:
    """When each iteration of a fit ended."""
    ends: list[tuple[float, int]] = []
    # "implicit" yields only once, at the end, but tells of its progress.
    for _ in BACKENDS[name](
        matrix,
        n_factors=n_factors,
        regularization=REGULARIZATION,
        n_iterations=n_iterations,
        tolerance=0.0,
        seed=42,
        n_threads=N_THREADS,
        progress=lambda done, total: ends.append((time.perf_counter(), done)),
    ):
        pass
    return ends


def _ratio(theirs: list[float], ours: list[float]) -> float:
    return round(float(np.median(theirs) / np.median(ours)), 2)


def fits(
    folder: Path, n_factors: int, n_rounds: int, n_iterations: int = 15, *, peers: bool = True
) -> dict[str, Any]:
    """Time whole fits of ours and of all peers, in turn; loading the data is not counted."""
    matrix = confidences(read_dataset(folder)[0])
    print(f"{matrix.nnz:,} ratings, {n_factors} factors, {n_iterations} iterations")
    seconds: dict[str, list[float]] = {"ours": [], "implicit": []}
    missing: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as temporary:
        shared = Path(temporary) / "ratings.parquet"
        _share(matrix, shared)
        for name in ("numba", "implicit"):
            _ends(name, matrix, n_factors, 1)
        for _ in range(n_rounds):
            for name, label in (("numba", "ours"), ("implicit", "implicit")):
                start = time.perf_counter()
                _ends(name, matrix, n_factors, n_iterations)
                seconds[label].append(time.perf_counter() - start)
            for name in PEER_FITS if peers else ():
                found = peer_seconds(name, shared, n_factors, n_iterations)
                if isinstance(found, str):
                    missing[name] = found
                else:
                    seconds.setdefault(name, []).append(found)
            print("  " + ", ".join(f"{k} {v[-1]:.2f} s" for k, v in seconds.items()), *missing)
    figures: dict[str, Any] = {
        "ratings": matrix.nnz,
        "factors": n_factors,
        "iterations": n_iterations,
        "rounds": n_rounds,
    }
    for name, values in seconds.items():
        figures[f"{name}_s"] = summary(values)
        if name != "ours":
            figures[f"{name}_ratio"] = _ratio(values, seconds["ours"])
    return figures | {f"{name}_ratio": reason for name, reason in missing.items()}


def _share(matrix: sparse.csr_matrix, path: Path) -> None:
    """Write users, items and confidence less one, which is what the peers call a rating."""
    entries = matrix.tocoo()
    columns = {
        "user": entries.row.astype(np.int32),
        "item": entries.col.astype(np.int32),
        "weight": entries.data - np.float32(1),
    }
    pq.write_table(pa.table(columns), path)


def quality(folder: Path, n_factors: int, n_judges: int = N_JUDGES) -> dict[str, Any]:
    """Fit both backends on a part of the data; compare their losses, and lists for the rest.

    The last fifth of some users' ratings is held out. The lists are made by the same code, which
    solves users from their profiles; so is the loss, with users solved for each side's films.
    """
    dataset = read_dataset(folder)[0]
    held = last_fifth(dataset, n_judges)
    split = Split.of(
        dataset, train=~held, held=held, description="The last fifth of some users' ratings."
    )
    task = Task.of(split, Rules(ks=(K,)))
    popularity = Board(split.train.catalog.rating_count.astype(np.float32), 0)

    def mean_ndcg(model: ALS | Board) -> float:
        listed = task.lists(model.score, K, popularity.order)
        return float(ndcg(hits_of(listed, task.relevant), np.diff(task.relevant.indptr)).mean())

    figures: dict[str, Any] = {"factors": n_factors, "judges": task.users.size}
    figures["popularity_ndcg"] = mean_ndcg(popularity)
    for name, label in (("numba", "ours"), ("implicit", "implicit")):
        start = time.perf_counter()
        model, observed = _fit(name, split.train, n_factors)
        seconds = time.perf_counter() - start
        loss = exact_loss(observed, model.item_factors, model.regularization)
        found = mean_ndcg(model)
        figures |= {f"{label}_loss": loss, f"{label}_ndcg": found, f"{label}_fit_s": seconds}
        print(f"  {name:10} loss {loss:.6g}, NDCG@10 {found:.4f}, fit {seconds:.1f} s")
    figures["loss_excess"] = figures["ours_loss"] / figures["implicit_loss"] - 1
    figures["ndcg_gain"] = figures["ours_ndcg"] - figures["implicit_ndcg"]
    return {k: round(v, 6) if isinstance(v, float) else v for k, v in figures.items()}


def last_fifth(dataset: Dataset, n_judges: int) -> NDArray[np.bool_]:
    """Mark the last fifth of the ratings of some users, drawn at random.

    Returns
    -------
    bool[n_ratings]
    """
    rng = np.random.default_rng(7)
    assert dataset.timestamp is not None
    held = np.zeros(dataset.n_ratings, dtype=np.bool_)
    for user in rng.choice(dataset.n_users, min(n_judges, dataset.n_users), replace=False):
        start, end = dataset.user_indptr[user : user + 2]
        order = np.argsort(dataset.timestamp[start:end], kind="stable")
        held[start + order[int((1 - HELD_OUT) * (end - start)) :]] = True
    return held


def _fit(backend: str, dataset: Dataset, n_factors: int) -> tuple[ALS, sparse.csr_matrix]:
    """Fit as the product does, and look at what it hands its backend."""
    seen: list[sparse.csr_matrix] = []

    def watched(observed: sparse.csr_matrix, **options: Any) -> Any:
        seen.append(observed)
        return BACKENDS[backend](observed, **options)

    name = f"watched {backend}"
    BACKENDS[name] = watched
    try:
        config = ALSConfig(n_factors=n_factors, backend=name, n_threads=N_THREADS)
        return ALS(config).fit(dataset), seen[0]
    finally:
        del BACKENDS[name]


def exact_loss(
    observed: sparse.csr_matrix, items: NDArray[np.float32], regularization: float
) -> float:
    """Objective of item factors, with the users' solved for them; summed in float64.

    Parameters
    ----------
    observed : csr float32[n_users, n_items]
        Confidences; a negative one stands for a preference of 0.
    items : float32[n_items, n_factors]
    regularization : float

    Returns
    -------
    float
    """
    from recsys.models.als_kernel import half_step, padded_width

    fill = padded_width(items.shape[1]) - items.shape[1]
    items = np.pad(items, ((0, 0), (0, fill)))
    users = np.zeros((observed.shape[0], items.shape[1]), dtype=np.float32)
    of_items = items.T @ items
    gram = of_items + regularization * np.eye(items.shape[1], dtype=np.float32)
    for _ in range(3):
        half_step(gram, items, observed, users, 10)
    of_users = users.T @ users
    total = float(np.vdot(of_users.astype(np.float64), of_items))
    total += regularization * float(np.trace(of_users) + np.trace(of_items))
    for start in range(0, observed.shape[0], 4096):
        some = observed[start : start + 4096].tocoo()
        product = np.einsum("nk,nk->n", users[start + some.row], items[some.col])
        product = product.astype(np.float64)
        wanted = some.data > 0
        total += float(np.abs(some.data) @ (wanted - product) ** 2 - product @ product)
    return total
