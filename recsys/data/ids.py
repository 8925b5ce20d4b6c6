"""External ids to array rows, and back."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recsys.errors import DataError, RecsysError, UnknownItemError, UnknownUserError

Kind = Literal["user", "item"]
_ERRORS: dict[Kind, type[RecsysError]] = {"user": UnknownUserError, "item": UnknownItemError}


class IdMap:
    """Sorted unique int64 ids, each standing for its position.

    Parameters
    ----------
    ids : int64[n]
        Strictly increasing.
    kind : {"user", "item"}
        What the ids name; decides which error an unknown id raises.

    Raises
    ------
    DataError
        If the ids are not strictly increasing.
    """

    def __init__(self, ids: ArrayLike, kind: Kind) -> None:
        self.ids: NDArray[np.int64] = np.asarray(ids, dtype=np.int64)
        self.kind: Kind = kind
        if self.ids.ndim != 1 or (
            self.ids.size > 1 and not bool((self.ids[1:] > self.ids[:-1]).all())
        ):
            raise DataError(f"{kind} ids must be sorted and unique")

    @classmethod
    def from_values(cls, values: ArrayLike, kind: Kind) -> IdMap:
        """Build the map of all distinct values."""
        return cls(np.unique(np.asarray(values, dtype=np.int64)), kind)

    def __len__(self) -> int:
        return int(self.ids.size)

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, int | np.integer) or not _is_int64(int(value)):
            return False
        return bool(self.find([int(value)])[0] >= 0)

    def find(self, values: ArrayLike) -> NDArray[np.int32]:
        """Positions of ids; -1 where an id is unknown.

        Parameters
        ----------
        values : int64[m]

        Returns
        -------
        int32[m]
        """
        wanted = np.asarray(values, dtype=np.int64)
        if not len(self):
            return np.full(wanted.shape, -1, dtype=np.int32)
        position = np.searchsorted(self.ids, wanted)
        position[position == len(self)] = 0
        return np.where(self.ids[position] == wanted, position, -1).astype(np.int32)

    def index(self, values: ArrayLike) -> NDArray[np.int32]:
        """Positions of ids that must all be known.

        Raises
        ------
        UnknownUserError, UnknownItemError
            Naming the first unknown id.
        """
        try:
            wanted = np.atleast_1d(np.asarray(values, dtype=np.int64))
        except OverflowError:
            unknown = next(v for v in np.asarray(values, dtype=object).flat if not _is_int64(v))
            raise self._unknown(unknown) from None
        found = self.find(wanted)
        if (found < 0).any():
            raise self._unknown(int(wanted[found < 0][0]))
        return found

    def _unknown(self, value: int) -> RecsysError:
        span = f"{self.ids[0]} to {self.ids[-1]}" if len(self) else "none at all"
        return _ERRORS[self.kind](
            f"There is no {self.kind} {value}: the {len(self):,} known {self.kind} ids "
            f"are within {span}."
        )


def _is_int64(value: int) -> bool:
    return -(2**63) <= value < 2**63
