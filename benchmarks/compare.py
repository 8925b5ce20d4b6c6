"""Our lists beside those of other libraries: the same split, the same users, the same metrics."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.implicit_models import KINDS, Factors, FactorsConfig, Neighbours, tuned
from benchmarks.listed import ask
from benchmarks.processes import ROOT
from benchmarks.report import markdown
from recsys.data.dataset import Dataset
from recsys.evaluation.certainty import verdict
from recsys.evaluation.definitions import label
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import Protocol, split_by
from recsys.evaluation.results import ProtocolResult
from recsys.evaluation.table import table_rows
from recsys.evaluation.task import Rules, Task
from recsys.models.base import Stages
from recsys.training.fitting import fit_models
from recsys.training.pipeline import TrainingConfig, model_configs

OURS = ("popularity", "als", "item_item", "hybrid")
LIBRARIES = ("implicit", "LensKit")
"""Models of others are called by library and name, such as "implicit ALS"."""

COLUMNS = ("ndcg", "hit_rate", "recall", "precision", "map", "coverage", "diversity")
REQUIREMENTS = ROOT / "requirements-compare.txt"
ENVIRONMENT = ROOT / ".venv-compare"


@dataclass(frozen=True)
class Compared:
    """What a comparison found.

    Attributes
    ----------
    result : ProtocolResult
    versions : mapping of str to str
        Of the packages of an environment of their own.
    """

    result: ProtocolResult
    versions: Mapping[str, str]


def install(stages: Stages, folder: Path = ENVIRONMENT) -> Path | None:
    """Make the environment of LensKit, unless it is there.

    Returns
    -------
    Path or None
        Its Python; None, after a sentence on stderr, where it can't be installed.
    """
    python = folder / "bin" / "python"
    if _runs(python, "-c", "import lenskit") is None:
        return python
    with stages(f"Installing LensKit in {folder.name}"):
        failure = _runs(Path(sys.executable), "-m", "venv", folder) or _runs(
            *(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("-r", REQUIREMENTS),
        )
    if failure is None:
        return python
    print(f"LensKit can't be installed in {folder}, so it is left out: {failure}", file=sys.stderr)
    return None


def _runs(*command: object) -> str | None:
    """Run a command; the last line of what it said if it fails."""
    try:
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    said = (done.stdout + done.stderr).strip().splitlines() or ["it does not say why"]
    return said[-1] if done.returncode else None


def compare(
    dataset: Dataset,
    protocol: Protocol,
    rules: Rules,
    n_trials: int,
    lenskit: Sequence[object] | None,
    stages: Stages,
) -> Compared:
    """Judge our models, those of ``implicit``, and those of LensKit.

    Parameters
    ----------
    dataset : Dataset
    protocol : Protocol
    rules : Rules
    n_trials : int
        Settings to try for ``implicit``'s ALS; 0 leaves the tuned one out.
    lenskit : sequence or None
        Command that answers as :func:`benchmarks.listed.ask` has it; None leaves LensKit out.
    stages : Stages

    Raises
    ------
    InvalidRequestError, RuntimeError
    """
    with stages(f"Splitting by {protocol}"):
        split = split_by(dataset, protocol, rules.seed)
        drawn = np.random.default_rng(rules.seed).permutation(Task.of(split, rules).users)
        # Who has judged a search would be too kind to what it found.
        half = drawn.size // 2
        searchers, users = np.sort(drawn[:half]), np.sort(drawn[half:])
    versions: Mapping[str, str] = {}

    def fit(train: Dataset) -> Iterator[tuple[str, Any]]:
        nonlocal versions
        configs = model_configs(TrainingConfig(OURS, rules.seed))
        for name, model in fit_models(configs, rules.seed, stages, train):
            if name in OURS:
                yield name, model
        yield from _implicit(Task.of(split, rules, searchers), n_trials, rules.seed, stages)
        if lenskit is not None:
            with stages("Fitting and asking LensKit"):
                answer = ask(lenskit, split, users, max(rules.ks), rules.seed)
            versions = answer.versions
            yield from ((f"LensKit {name}", model) for name, model in answer.models.items())

    return Compared(evaluate(split, fit, rules, stages, users), versions)


def _implicit(
    task: Task, n_trials: int, seed: int, stages: Stages
) -> Iterator[tuple[str, Factors | Neighbours]]:
    train = task.split.train
    with stages("Fitting implicit ALS"):
        model = Factors(train, FactorsConfig(), seed)
    yield "implicit ALS", model
    if n_trials:
        with stages("Tuning implicit ALS") as progress:
            model = Factors(train, tuned(task, n_trials, seed, progress), seed)
        yield "implicit ALS, tuned", model
    for kind in KINDS:
        with stages(f"Fitting implicit {kind}"):
            neighbours = Neighbours(train, kind)
        yield f"implicit {kind}", neighbours


def library(name: str) -> str | None:
    """Whose model it is: "ours", a library's name, or None for the baselines."""
    if name in OURS:
        return "ours"
    return next((one for one in LIBRARIES if name.startswith(f"{one} ")), None)


def report(result: ProtocolResult) -> str:
    """Markdown of a comparison: what was asked, the table, our best against each other's best."""
    headings, rows = table_rows(result, COLUMNS)
    for row in rows:
        row[0] = f"**{row[0]}**" if library(row[0]) == "ours" else row[0]
    there = {library(model.name) for model in result.models}
    for name in LIBRARIES:
        if name not in there:
            rows.append([name, "not installed", *[""] * (len(headings) - 2)])
    asked = f"{result.protocol}, {result.n_users:,} users: {result.description}"
    verdicts = "\n".join(f"- {line}" for line in verdicts_of(result))
    return f"{asked}\n\n{markdown(headings, rows)}\n\n{verdicts}"


def verdicts_of(result: ProtocolResult) -> list[str]:
    """Compare our best with the best of each library, in words."""
    best: dict[str | None, str] = {}
    for model in result.models:
        best.setdefault(library(model.name), model.name)
    pairs = [{best["ours"], best[name]} for name in LIBRARIES if name in best]
    return [
        verdict(one, label(result.primary))
        for pair in pairs
        for one in result.comparisons
        if {one.better, one.worse} == pair
    ]
