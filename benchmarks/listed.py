"""Lists that another program made, in an environment of its own, judged like any model's."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.processes import run
from recsys.data.profile import Profile
from recsys.evaluation.split import Split
from recsys.models.base import Scores

_NONE = np.empty(0, dtype=np.int32)


class Listed:
    """Scores that say no more than the order of a list.

    Parameters
    ----------
    n_items : int
    lists : sequence of (Profile, int32[m])
        Items, best first, for each profile that was asked about. Of equal profiles the last counts.
    """

    def __init__(self, n_items: int, lists: Sequence[tuple[Profile, NDArray[np.int32]]]) -> None:
        self.n_items = n_items
        self.lists = {_key(profile): items for profile, items in lists}

    def score(self, profiles: Sequence[Profile]) -> Scores:
        """Score the first of a list of m items with m, the last with 1.

        Returns
        -------
        float32[n_profiles, n_items]
            NaN for what is not listed, and for profiles that were not asked about.
        """
        scores = np.full((len(profiles), self.n_items), np.nan, dtype=np.float32)
        for row, profile in zip(scores, profiles, strict=True):
            items = self.lists.get(_key(profile), _NONE)
            row[items] = np.arange(items.size, 0, -1)
        return scores


def _key(profile: Profile) -> bytes:
    return profile.item_index.tobytes() + profile.rating.tobytes()


@dataclass(frozen=True, eq=False)
class Answer:
    """What another program had to say.

    Attributes
    ----------
    models : mapping of str to Listed
    versions : mapping of str to str
        Of its packages.
    """

    models: Mapping[str, Listed]
    versions: Mapping[str, str]


def ask(
    command: Sequence[object], split: Split, users: NDArray[np.int32], k: int, seed: int
) -> Answer:
    """Have another program fit models on the training part, and list items for users.

    It is called with a folder, ``-k`` and ``--seed``. In the folder are ``train.parquet`` and
    ``given.parquet``, with the columns user, item (both int32 indices) and rating (float32):
    what to learn from, and the profiles. It writes ``lists.parquet``, with the columns model,
    user and item, the best items of a user first, and prints versions as JSON on its last line.

    Parameters
    ----------
    command : sequence
    split : Split
    users : int32[n_users]
        Ascending.
    k, seed : int

    Raises
    ------
    RuntimeError
        If the program fails.
    """
    profiles = {int(user): split.profile(int(user)) for user in users}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        train = split.train
        _write(folder / "train.parquet", train.user_index, train.item_index, train.rating)
        _write(
            folder / "given.parquet",
            np.repeat(users, [len(profile) for profile in profiles.values()]),
            np.concatenate([profile.item_index for profile in profiles.values()]),
            np.concatenate([profile.rating for profile in profiles.values()]),
        )
        done = run([*command, folder, "-k", k, "--seed", seed])
        lists = pq.read_table(folder / "lists.parquet").to_pandas()
    models = {
        str(name): Listed(
            train.n_items,
            [
                (profiles[user], items.to_numpy(np.int32))
                for user, items in rows.groupby("user")["item"]
            ],
        )
        for name, rows in lists.groupby("model", sort=False)
    }
    return Answer(models, json.loads(done.out.splitlines()[-1]))


def _write(
    path: Path,
    user: NDArray[np.int32],
    item: NDArray[np.int32],
    rating: NDArray[np.float32],
) -> None:
    pq.write_table(pa.table({"user": user, "item": item, "rating": rating}), path)
