"""Rows of tag files to weighted item-tag pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recsys.data.ids import IdMap
from recsys.data.tables import Columns
from recsys.data.tag_words import clean_tag, is_about_film, vocabulary
from recsys.data.tags import Genome, ItemTags

_MANY_TAGGERS = 1_000
"""Among so many people a tag that only one of them uses is a private mark."""


def user_tags(columns: Columns, items: IdMap) -> ItemTags | None:
    """Count how many distinct users gave an item a tag.

    Spellings of one tag are brought together, and notes of viewers left out; so are, where many
    people tag, the tags of a single one.

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
    cleaned = [clean_tag(str(tag)) for tag in raw]
    names, code = vocabulary(
        [tag if tag and is_about_film(tag) else "" for tag in cleaned],
        np.bincount(codes, minlength=len(cleaned)).tolist(),
    )
    frame = pd.DataFrame(
        {
            "item": items.find(columns["item_id"]),
            "tag": code[codes],
            "user": columns["user_id"],
        }
    )
    frame = frame[(frame["item"] >= 0) & (frame["tag"] >= 0)].drop_duplicates()
    if frame["user"].nunique() >= _MANY_TAGGERS:
        frame = frame[frame.groupby("tag")["user"].transform("nunique") > 1]
    counts = frame.groupby(["item", "tag"]).size()
    pairs = counts.index.to_frame(index=False)
    weight = np.asarray(counts, dtype=np.float32)
    return _item_tags(names, pairs["item"].to_numpy(), pairs["tag"].to_numpy(), weight)


def genome_tags(scores: Columns, tags: Columns, items: IdMap) -> Genome | None:
    """Arrange genome scores as a matrix of items by tags.

    Parameters
    ----------
    scores : dict of str to array
        ``item_id``, ``tag_id``, ``relevance``.
    tags : dict of str to array
        ``tag_id``, ``tag``; of two spellings of one tag the larger score counts.
    items : IdMap
        Scores of other items are left out.

    Returns
    -------
    Genome or None
        None if no score is left.
    """
    names, code = vocabulary([clean_tag(str(tag)) for tag in tags["tag"]])
    ids, first = np.unique(tags["tag_id"], return_index=True)
    position = IdMap(ids, "item").find(scores["tag_id"])
    tag = np.full(position.size, -1, dtype=np.int64)
    tag[position >= 0] = code[first[position[position >= 0]]]
    item = items.find(scores["item_id"])
    known = (item >= 0) & (tag >= 0)
    if not known.any():
        return None
    present = np.zeros(len(items), dtype=np.bool_)
    present[item[known]] = True
    row = np.cumsum(present) - 1
    relevance = np.zeros((int(present.sum()), len(names)), dtype=np.float32)
    np.maximum.at(relevance, (row[item[known]], tag[known]), scores["relevance"][known])
    return Genome(names, np.flatnonzero(present).astype(np.int32), relevance.astype(np.float16))


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
