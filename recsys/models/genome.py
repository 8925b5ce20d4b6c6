"""The tag genome in few dimensions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys.data.tags import Genome

_N_NAMED = 20
"""So many tags of a pair are named, the strongest; the others are told as one."""

OTHERS = "all others"


class GenomeSpace:
    """Low-rank projection of the centred relevance matrix: ``G - mean = Z V'``, nearly.

    ``V`` has orthonormal columns, so the product of two items' rows of ``Z`` is the product of
    their centred relevance as far as the dimensions reach, and splits exactly by tag:
    ``z_u.z_i = sum_t (V z_u)_t (V z_i)_t``. Centring keeps what all films share from making all
    of them alike.

    Parameters
    ----------
    item_index : int32[n]
        Items that have a genome, ascending.
    vectors : float16[n, n_dims]
        Rows of ``Z``, all of one length; zero for an item that is the average one.
    axes : float32[n_tags, n_dims]
        ``V``.
    names : tuple of str
    """

    def __init__(
        self,
        item_index: NDArray[np.int32],
        vectors: NDArray[np.float16],
        axes: NDArray[np.float32],
        names: tuple[str, ...],
    ) -> None:
        self.item_index = item_index
        self.vectors = vectors
        self.axes = axes
        self.names = names
        # Half the memory on disk, but no processor multiplies half precision quickly.
        self._single = vectors.astype(np.float32)

    @classmethod
    def of(cls, genome: Genome, n_dims: int, length: float = 1.0) -> Self:
        """Project onto the ``n_dims`` directions of the largest variance.

        Parameters
        ----------
        genome : Genome
        n_dims : int
        length : float
            What all vectors are scaled to.
        """
        relevance = genome.relevance.astype(np.float32)
        relevance -= relevance.mean(axis=0)
        _, directions = np.linalg.eigh((relevance.T @ relevance).astype(np.float64))
        axes = np.ascontiguousarray(directions[:, ::-1][:, :n_dims], dtype=np.float32)
        vectors = relevance @ axes
        norm = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors *= length / np.where(norm > 1e-6, norm, np.inf)
        return cls(genome.item_index, vectors.astype(np.float16), axes, genome.names)

    def row(self, item: int) -> int:
        """Row of an item, -1 for one without a genome."""
        place = int(np.searchsorted(self.item_index, item))
        found = place < len(self.item_index) and self.item_index[place] == item
        return place if found else -1

    def vector(self, item: int) -> NDArray[np.float32]:
        """Return the projection of an item, float32[n_dims]; zero for one without a genome."""
        row = self.row(item)
        return self._single[row] if row >= 0 else np.zeros_like(self.axes[0])

    def combine(self, items: NDArray[np.int32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the weighted sum of items' projections, float32[n_dims]."""
        place = np.searchsorted(self.item_index, items).clip(max=len(self.item_index) - 1)
        found = self.item_index[place] == items
        return np.asarray(weight[found] @ self._single[place[found]], dtype=np.float32)

    def products(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Multiply all projections with one, float32[n]."""
        return np.asarray(np.einsum("ij,j->i", self._single, vector), dtype=np.float32)

    def shares(self, vector: NDArray[np.float32], item: int) -> dict[str, float]:
        """Split the product with an item by tag.

        Returns
        -------
        dict of str to float
            The strongest by name, "little ..." where the item has less of it than the average
            film, and the rest under :data:`OTHERS`; empty for an item without a genome.
        """
        if self.row(item) < 0:
            return {}
        axes = self.axes.astype(np.float64)
        of_item = axes @ self.vector(item).astype(np.float64)
        parts = (axes @ vector.astype(np.float64)) * of_item
        order = np.argsort(-np.abs(parts), kind="stable")
        found: dict[str, float] = {}
        for tag in order[:_N_NAMED]:
            name = self.names[tag] if of_item[tag] > 0 else f"little {self.names[tag]}"
            found[name] = found.get(name, 0.0) + float(parts[tag])
        if len(order) > _N_NAMED:
            found[OTHERS] = float(parts[order[_N_NAMED:]].sum())
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the projection, and the tags' names as JSON text."""
        return {
            "genome_items": self.item_index,
            "genome_vectors": self.vectors,
            "genome_axes": self.axes,
            "genome_names": np.frombuffer(json.dumps(self.names).encode(), np.uint8),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self | None:
        """Restore the projection; None if the data had no genome."""
        if "genome_items" not in arrays:
            return None
        return cls(
            arrays["genome_items"],
            arrays["genome_vectors"],
            arrays["genome_axes"],
            tuple(json.loads(arrays["genome_names"].tobytes())),
        )
