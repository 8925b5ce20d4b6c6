"""Rows of tag files to weighted item-tag pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recsys.data.dataset import ItemTags
from recsys.data.ids import IdMap
from recsys.data.tables import Columns

RELEVANT = np.float32(0.5)
"""Genome scores below it say little and would be most of the data."""

_LONGEST = 50  # characters; longer "tags" are remarks


def clean_tag(raw: str) -> str:
    """Fold a tag to one spelling; "" for what is no tag."""
    tag = " ".join(raw.casefold().split())
    return tag if len(tag) <= _LONGEST and tag.isprintable() else ""


def relevant(columns: Columns) -> NDArray[np.bool_]:
    """Mark the genome scores worth keeping."""
    return np.asarray(columns["relevance"] >= RELEVANT)


def user_tags(columns: Columns, items: IdMap) -> ItemTags | None:
    """Count how many distinct users gave an item a tag.

    Parameters
    ----------
    columns : dict of str to array
        ``user_id``, ``item_id``, ``tag``.
    items : IdMap
        Tags of other items are left out.

    Returns
    -------
    ItemTags or None
        None if no tag is left.
    """
    codes, raw = pd.factorize(columns["tag"])
    names, code = _vocabulary([clean_tag(str(tag)) for tag in raw])
    frame = pd.DataFrame(
        {
            "item": items.find(columns["item_id"]),
            "tag": code[codes],
            "user": columns["user_id"],
        }
    )
    frame = frame[(frame["item"] >= 0) & (frame["tag"] >= 0)].drop_duplicates()
    counts = frame.groupby(["item", "tag"]).size()
    pairs = counts.index.to_frame(index=False)
    weight = np.asarray(counts, dtype=np.float32)
    return _item_tags(names, pairs["item"].to_numpy(), pairs["tag"].to_numpy(), weight)


def genome_tags(scores: Columns, tags: Columns, items: IdMap) -> ItemTags | None:
    """Join genome scores with the names of their tags.

    Parameters
    ----------
    scores : dict of str to array
        ``item_id``, ``tag_id``, ``relevance``.
    tags : dict of str to array
        ``tag_id``, ``tag``.
    items : IdMap
        Scores of other items are left out.

    Returns
    -------
    ItemTags or None
        None if no score is left.
    """
    names, code = _vocabulary([clean_tag(str(tag)) for tag in tags["tag"]])
    ids, first = np.unique(tags["tag_id"], return_index=True)
    position = IdMap(ids, "item").find(scores["tag_id"])
    tag = np.full(position.size, -1, dtype=np.int64)
    tag[position >= 0] = code[first[position[position >= 0]]]
    item = items.find(scores["item_id"])
    known = (item >= 0) & (tag >= 0)
    key = item[known] * np.int64(max(1, len(names))) + tag[known]
    _, chosen = np.unique(key, return_index=True)
    return _item_tags(
        names, item[known][chosen], tag[known][chosen], scores["relevance"][known][chosen]
    )


def _vocabulary(cleaned: list[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Sorted distinct tags, and for each cleaned tag its position or -1."""
    names = tuple(sorted(set(cleaned) - {""}))
    position = {name: i for i, name in enumerate(names)}
    return names, np.array([position.get(tag, -1) for tag in cleaned], dtype=np.int64)


def _item_tags(
    names: tuple[str, ...],
    item: NDArray[np.integer],
    tag: NDArray[np.integer],
    weight: NDArray[np.float32],
) -> ItemTags | None:
    """Keep the names in use alone."""
    if item.size == 0:
        return None
    used, index = np.unique(tag, return_inverse=True)
    return ItemTags(
        tuple(names[i] for i in used),
        item.astype(np.int32),
        index.astype(np.int32),
        weight.astype(np.float32),
    )
