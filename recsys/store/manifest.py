"""The manifest: what a version holds and where it came from."""

from __future__ import annotations

from typing import Any, Self

from pydantic import ValidationError

from recsys.errors import ArtifactsDamagedError, ArtifactsIncompatibleError
from recsys.evaluation.results import Evaluation, Record
from recsys.models.hybrid import part_weights

SCHEMA_VERSION = 3
"""Raised when a program of one version could not read what one of another writes."""


class FileRecord(Record):
    """One file of a version."""

    size: int
    """Bytes."""
    sha256: str
    dtype: str = ""
    shape: tuple[int, ...] = ()


class DatasetRecord(Record):
    """The data a version was trained on."""

    name: str
    digest: str
    n_users: int
    n_items: int
    n_ratings: int
    scale: tuple[float, float]
    simulated: bool
    has_timestamps: bool
    source_format: str = ""
    n_rejected: int = 0
    n_user_tags: int | None = None
    """Distinct tags; None in versions made before they were counted."""
    n_genome_tags: int | None = None


class Persona(Record):
    """A user of a marked taste, to start exploring with."""

    user_id: int
    label: str


class BlendRecord(Record):
    """Why the hybrid's weights for one size of profile are what they are."""

    from_ratings: int
    to_ratings: int | None
    """For profiles of so many ratings; None for no end."""
    n_profiles: int
    """Validation profiles the weights were chosen by."""
    alpha: float
    item_item: float
    popularity: float
    ndcg_at_10: dict[str, float]
    """On held-out ratings: of the hybrid with about these weights, and with all weight on one part;
    ALS stands in for ``item_item`` as it does in the hybrid."""

    @property
    def weights(self) -> dict[str, float]:
        """Weights of the parts, which sum to 1."""
        return part_weights(self.alpha, self.item_item, self.popularity)


class Manifest(Record):
    """Everything needed to trust a version and to make it again."""

    schema_version: int = SCHEMA_VERSION
    version: str
    created: str
    """UTC, ISO 8601."""
    packages: dict[str, str]
    seed: int
    dataset: DatasetRecord
    models: dict[str, dict[str, Any]]
    """Model name to config."""
    blend: tuple[BlendRecord, ...] = ()
    """Empty where the hybrid's weights are the defaults."""
    personas: tuple[Persona, ...] = ()
    evaluation: Evaluation | None = None
    """How good the models are, on ratings held out; None where there were too few."""
    files: dict[str, FileRecord]

    @classmethod
    def parse(cls, text: str, where: str) -> Self:
        """Read a manifest's JSON text.

        Raises
        ------
        ArtifactsIncompatibleError
            If a newer program wrote it.
        ArtifactsDamagedError
            If it is no manifest.
        """
        try:
            # The schema first: fields of a newer one may be read wrongly.
            schema = _Schema.model_validate_json(text).schema_version
            if schema > SCHEMA_VERSION:
                raise ArtifactsIncompatibleError(
                    f"{where} has schema {schema} and this program reads up to "
                    f"{SCHEMA_VERSION}: update the program, or train again."
                )
            if schema < SCHEMA_VERSION:
                raise ArtifactsIncompatibleError(
                    f"{where} has schema {schema}, of an older program: train again with "
                    "`python scripts/train_and_save.py`."
                )
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ArtifactsDamagedError(
                f"{where} is not a readable manifest: train again to replace it."
            ) from error


class _Schema(Record):
    schema_version: int
