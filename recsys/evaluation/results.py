"""What an evaluation found: plain records that JSON, HTML, the manifest and a screen share."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

PRIMARY = "ndcg@10"
"""The metric that models are compared by; with other list lengths the one nearest to 10."""


class Record(BaseModel):
    """Base of all records: frozen, and tolerant of fields a newer program added."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Estimate(Record):
    """A mean over users and its 95 % interval."""

    value: float | None
    """None where there is nothing to measure."""
    low: float | None = None
    high: float | None = None
    """None where the metric is one number of all lists together, which has no users to resample."""
    n_users: int = 0
    """Users with a value."""


class Comparison(Record):
    """Two models on the same users."""

    metric: str
    better: str
    worse: str
    difference: float
    """How far the better leads, of the means: 0 or more."""
    low: float
    high: float
    """95 % interval of the difference."""
    p: float
    """Chance of a difference this far from 0 were the models alike (two-sided)."""
    p_adjusted: float
    """The same, corrected for the number of comparisons (Holm)."""
    n_users: int


class ModelResult(Record):
    """One model under one protocol."""

    name: str
    config: dict[str, Any] = {}
    metrics: dict[str, Estimate]
    """Such as "ndcg@10", "coverage@10" and, for models that predict ratings, "rmse"."""
    slices: dict[str, dict[str, Estimate]] = {}
    """Kind of slice, then its name: the primary metric by "profile size", and the recall of what is
    to be found by its "popularity" and "genre"."""
    fit_seconds: float = 0.0
    list_seconds: float = 0.0
    rmse_by_iteration: tuple[tuple[float, float], ...] = ()
    """After each iteration of a fit: error on the ratings trained on, on those held out."""


class ProtocolResult(Record):
    """All models under one protocol."""

    protocol: str
    """As `--protocol` takes it, such as "random:0.25"."""
    description: str
    """What was held out and what is to be found, in a sentence."""
    settings: dict[str, Any] = {}
    """What the split came to, such as the date of the cut."""
    n_train_ratings: int
    n_held_ratings: int
    """Ratings that are to be found, of the judged users."""
    n_users: int
    """Judged users: those with at least one relevant rating held out."""
    n_left_out: int
    """Users with held-out ratings who could not be judged, and why is in `settings`."""
    n_candidates: int
    """Items that may be listed, before each user's own are taken out."""
    primary: str = PRIMARY
    models: tuple[ModelResult, ...]
    """Best first by the primary metric."""
    comparisons: tuple[Comparison, ...] = ()
    """All pairs of models."""
    verdicts: tuple[str, ...] = ()
    """The best against each other model, in words."""


class DataRecord(Record):
    """The data that was split."""

    name: str
    digest: str
    n_users: int
    n_items: int
    n_ratings: int
    scale: tuple[float, float]
    simulated: bool


class DataSummary(Record):
    """How the ratings are spread."""

    ratings: tuple[tuple[float, int], ...]
    """Rating, and how often it was given."""
    long_tail: tuple[tuple[int, int], ...]
    """Points of the curve of popularity: rank of an item, and its number of ratings."""
    activity: tuple[tuple[int, int], ...]
    """Users by their number of ratings: lower end of a bin, users in it."""
    genres: tuple[tuple[str, int, int], ...]
    """Genre, decade, films; the most common genres only."""


class Evaluation(Record):
    """Everything an evaluation found, and what is needed to make it again."""

    created: str
    """UTC, ISO 8601."""
    command: str = ""
    """The command line, where there was one."""
    data: DataRecord
    summary: DataSummary | None = None
    seed: int
    ks: tuple[int, ...]
    relevant: float | None = None
    """A held-out rating is relevant from so many stars on; None: each is."""
    n_sampled: int | None = None
    """At most so many users are judged; None: all."""
    packages: dict[str, str] = {}
    protocols: tuple[ProtocolResult, ...]
