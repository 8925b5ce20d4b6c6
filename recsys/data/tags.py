"""Words that describe items: few per item from users, all of a list from the tag genome."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.errors import DataError


@dataclass(frozen=True, eq=False)
class ItemTags:
    """Words people attach to items, as weighted pairs.

    Attributes
    ----------
    names : tuple of str
    item_index, tag_index : int32[n]
    weight : float32[n]
        Distinct users.
    """

    names: tuple[str, ...]
    item_index: NDArray[np.int32]
    tag_index: NDArray[np.int32]
    weight: NDArray[np.float32]

    def columns(self) -> tuple[NDArray[Any], ...]:
        """All that it holds but the names."""
        return self.item_index, self.tag_index, self.weight

    def take(self, new_index: NDArray[np.int32]) -> ItemTags:
        """Renumber the items; pairs whose item maps to -1 are dropped."""
        index = new_index[self.item_index]
        keep = index >= 0
        return replace(
            self,
            item_index=index[keep],
            tag_index=self.tag_index[keep],
            weight=self.weight[keep],
        )


@dataclass(frozen=True, eq=False)
class Genome:
    """Relevance of every tag for some items (Vig, Sen and Riedl 2012, the tag genome).

    Attributes
    ----------
    names : tuple of str
    item_index : int32[n]
        Ascending; the items that have a genome.
    relevance : float16[n, len(names)]
        0 to 1, and 0 where the data has no score.
    """

    names: tuple[str, ...]
    item_index: NDArray[np.int32]
    relevance: NDArray[np.float16]

    def __post_init__(self) -> None:
        if self.relevance.shape != (len(self.item_index), len(self.names)):
            raise DataError("the genome does not have one score per item and tag")

    def columns(self) -> tuple[NDArray[Any], ...]:
        """All that it holds but the names."""
        return self.item_index, self.relevance

    def take(self, new_index: NDArray[np.int32]) -> Genome:
        """Renumber the items, keeping their order; those that map to -1 are dropped."""
        index = new_index[self.item_index]
        keep = index >= 0
        return replace(self, item_index=index[keep], relevance=self.relevance[keep])
