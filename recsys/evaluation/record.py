"""The record of a whole evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from recsys.data.dataset import Dataset
from recsys.evaluation.data_summary import summarise
from recsys.evaluation.results import DataRecord, Evaluation, ProtocolResult
from recsys.evaluation.task import Rules
from recsys.models.packages import package_versions


def record_of(
    dataset: Dataset, rules: Rules, protocols: Sequence[ProtocolResult], command: str = ""
) -> Evaluation:
    """Put together what was found, and all that is needed to find it again.

    Parameters
    ----------
    dataset : Dataset
        The whole data, before it was split.
    rules : Rules
    protocols : sequence of ProtocolResult
    command : str
        The command line, where there was one.
    """
    return Evaluation(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        data=DataRecord(
            name=dataset.name,
            digest=dataset.digest,
            n_users=dataset.n_users,
            n_items=dataset.n_items,
            n_ratings=dataset.n_ratings,
            scale=dataset.scale,
            simulated=dataset.simulated,
        ),
        summary=summarise(
            dataset.catalog, dataset.user_indptr[1:] - dataset.user_indptr[:-1], dataset.rating
        ),
        seed=rules.seed,
        ks=rules.ks,
        relevant=rules.relevant,
        n_sampled=rules.n_sampled,
        packages=package_versions(),
        protocols=tuple(protocols),
    )
