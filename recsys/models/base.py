"""What every model is: something that gives each item a number for a profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from recsys.data.dataset import Dataset
from recsys.data.profile import Profile

Scores = NDArray[np.float32]
Progress = Callable[[int, int], None]

Stages = Callable[[str], AbstractContextManager[Progress]]
"""Called with the name of a stage; gives what the stage reports its progress to."""

USUAL_SCALE_WIDTH = 4.5
"""Width of MovieLens' scale, 0.5 to 5 stars, that preference weights are expressed in."""


def silent(done: int, total: int) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True)
class Contribution:
    """One summand of a score.

    Attributes
    ----------
    source : {"rating", "feature", "baseline"}
        A rating of the profile, a property of the item, or what neither explains.
    value : float
        In units of the score.
    item_index : int or None
        The rated item, for ``"rating"``.
    feature : str or None
        Such as "genre: Horror", for ``"feature"``; what the baseline is, for ``"baseline"``.
    """

    source: Literal["rating", "feature", "baseline"]
    value: float
    item_index: int | None = None
    feature: str | None = None

    def scaled(self, factor: float) -> Contribution:
        """Return the same reason in other units."""
        return Contribution(self.source, self.value * factor, self.item_index, self.feature)


class Scorer(Protocol):
    """A model: fitted on a dataset, it scores all items for profiles.

    Fitting again forgets the past. Scores compare within one row only. A model does not hide what
    the profile has rated: ranking does that.

    Attributes
    ----------
    name : str
        Key in the registry.
    requires : tuple of str
        Names of the models this one is made of.
    config : dataclass
        Declares the hyper-parameters, each with its meaning.
    """

    name: ClassVar[str]
    requires: ClassVar[tuple[str, ...]]
    config: Any

    def fit(self, dataset: Dataset, progress: Progress = silent) -> Self:
        """Learn from a dataset and return the model itself."""
        ...

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Score all items.

        Returns
        -------
        float32[n_profiles, n_items]
            NaN where the model cannot say.
        """
        ...

    def explain(self, profile: Profile, item_index: Sequence[int]) -> list[list[Contribution]]:
        """Split the scores of some items into summands; an empty list where a score is NaN."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what was learned, all that is needed to restore the model."""
        ...

    @classmethod
    def from_arrays(
        cls, config: Any, arrays: Mapping[str, NDArray[Any]], parts: Mapping[str, Scorer]
    ) -> Self:
        """Restore a model from :meth:`arrays` and its fitted parts."""
        ...


@runtime_checkable
class SimilarityModel(Protocol):
    """A model that can also compare items with each other."""

    def similar(self, item_index: int) -> Scores:
        """Similarity of all items to one.

        Returns
        -------
        float32[n_items]
            NaN where the model cannot say; the item itself is not masked.
        """
        ...

    def explain_similar(self, item_index: int, others: Sequence[int]) -> list[list[Contribution]]:
        """Split the similarities of some items to one into summands."""
        ...


@runtime_checkable
class RatingModel(Protocol):
    """A model that can also predict ratings."""

    def predict(
        self, profile: Profile, item_index: Sequence[int] | NDArray[Any]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Predict the ratings of some items, within the data's scale.

        Returns
        -------
        rating : float32[n]
        deviation : float32[n] or None
            How sure that is, if the model can tell.
        """
        ...


@dataclass(frozen=True)
class Preference:
    """How ratings become weights: ``w = max(floor, 1 + gamma (r - mean))``.

    ``mean`` is the profile's own mean, drawn towards the data's mean, so that a profile of one low
    rating is not read as one of a film loved.
    """

    gamma: float = 0.3
    """Weight of one star above the mean."""

    floor: float = 0.1
    """Least weight."""

    damping: float = 5.0
    """So many imaginary ratings draw the mean towards the data's."""

    dislike: float = 2.0
    """A rating so many stars below the mean is of a film not wanted."""

    def weights(self, rating: NDArray[np.float32], mean: Any, width: Any) -> NDArray[np.float32]:
        """Weights of ratings.

        Parameters
        ----------
        rating : float32[n]
        mean : float or float32[n]
            From :meth:`damped_mean`.
        width : float
            Width of the rating scale in units of the usual 4.5 stars.

        Returns
        -------
        float32[n]
        """
        weight = 1.0 + self.gamma * (rating - mean) / width
        return np.asarray(np.maximum(self.floor, weight), dtype=np.float32)

    def wanted(self, rating: NDArray[np.float32], mean: Any, width: float) -> NDArray[np.bool_]:
        """Mark the ratings that are not far below the mean."""
        return np.asarray(rating > mean - self.dislike * width)

    def damped_mean(self, total: Any, count: Any, overall: float) -> Any:
        """Mean of ratings given their sum and number, drawn towards the overall mean."""
        return (total + self.damping * overall) / (count + self.damping)
