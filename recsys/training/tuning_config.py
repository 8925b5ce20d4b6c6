"""What to tune, by which metric, and how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from recsys.errors import InvalidRequestError
from recsys.evaluation import metrics
from recsys.evaluation.protocols import Protocol
from recsys.evaluation.task import Rules
from recsys.models.biased_als import BiasedALS
from recsys.training.search_spaces import SPACES

RANKING_METRICS = {
    "ndcg": metrics.ndcg,
    "recall": metrics.recall,
    "map": metrics.average_precision,
}
RATING_METRICS = ("rmse", "mae")
K = 10


@dataclass(frozen=True)
class TuningConfig:
    """What to tune, and how long.

    Raises
    ------
    InvalidRequestError
        If the model has nothing to tune, or the metric says nothing about it.
    """

    model: str
    n_trials: int = 50
    """Finished trials the study is to have; those of earlier runs count."""
    timeout: float | None = None
    """Seconds this run may take."""
    study: str | None = None
    """Address of a database where trials are kept, as SQLAlchemy has it; None: in memory."""
    metric: str | None = None
    """NDCG for a model that ranks, RMSE for one that predicts ratings, by default."""
    protocol: Protocol = field(default_factory=lambda: Protocol.parse("random")[0])
    """The search is judged by one half of the users; the other half is kept to judge what it finds.
    """
    rules: Rules = field(default_factory=lambda: Rules(ks=(K,)))
    configs: Mapping[str, Any] = field(default_factory=dict)
    """Where the search begins, the parts of a hybrid too; model name to config."""

    def __post_init__(self) -> None:
        if self.model not in SPACES:
            raise InvalidRequestError(
                f"There is nothing to tune of '{self.model}': choose among {', '.join(SPACES)}."
            )
        if self.n_trials < 1:
            raise InvalidRequestError("Tuning takes 1 trial or more.")
        known = RATING_METRICS if self.rates else tuple(RANKING_METRICS)
        if self.metric is None:
            object.__setattr__(self, "metric", known[0])
        elif self.metric not in known:
            raise InvalidRequestError(self._mismatch(known))

    @property
    def rates(self) -> bool:
        """Whether the model predicts ratings."""
        return self.model == BiasedALS.name

    def _mismatch(self, known: tuple[str, ...]) -> str:
        reasons = {
            True: f"'{self.model}' predicts stars, and '{self.metric}' does not measure them",
            False: f"'{self.model}' makes lists, and '{self.metric}' says nothing about their "
            "order: good errors go with bad lists",
        }
        return f"{reasons[self.rates]}; choose {' or '.join(known)}."
