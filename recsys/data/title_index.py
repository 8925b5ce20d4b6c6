"""Typo-tolerant search over the titles of a whole catalogue."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys.data.titles import alternative_names, article_length, fold, query_readings, similarity

MAX_QUERY_LENGTH = 300
_POOL = 200  # names that get the careful comparison
_PREFIX_POOL = 60  # of which begin with the query
_POSTINGS_BUDGET = 150_000  # rare grams are looked up first, common ones until this is spent
_SHORT_WORD = 8  # longer words share enough trigrams with their misspellings
_LEAST_SCORE = 58.0  # below this a name has little to do with the query
_POPULARITY = 6.0  # what the best known film gains over an unknown one
# What is left of a score in the year asked for, one year off, and further off. A year costs
# something even if right, as the query itself may be a title: "Death Race 2000".
_YEAR_FACTORS = np.array([0.93, 0.87, 0.8])


def _word_grams(word: str) -> list[int]:
    """List the keys a word is filed under: its trigrams and, if short, its one-letter deletions.

    Two words one typo apart share a deletion, also where they share no trigram (jaws, jwas).
    Trigrams take 63 bits; deletions are hashed and negative.
    """
    padded = f" {word} "
    codes = [ord(char) for char in padded]
    keys = {
        first << 42 | second << 21 | third
        for first, second, third in zip(codes, codes[1:], codes[2:], strict=False)
    }
    if 2 <= len(word) <= _SHORT_WORD:
        deletions = {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
        keys.update(-1 - zlib.crc32(part.encode("utf-8")) for part in deletions)
    return list(keys)


@dataclass(frozen=True, eq=False)
class TitleIndex:
    """Finds films by what people type.

    An inverted index of word grams proposes candidates, names that begin with the query join
    them, and edit distances between words and between whole names put them in order. The arrays
    are only read, so threads can share an index and processes can share its files.
    """

    # Folded names as UTF-8, end to end, and where each starts: shape (n_names + 1,).
    name_text: NDArray[np.uint8]
    name_offsets: NDArray[np.int64]
    # Of each name: the bytes of its leading article, its item, the summed weight of its grams.
    name_article: NDArray[np.uint8]
    name_item: NDArray[np.int32]
    name_weight: NDArray[np.float32]
    # In the order of their text: 2 * name for whole names, 2 * name + 1 for those without article.
    prefix_order: NDArray[np.int32]
    # The distinct grams, ascending, and which names contain each: from gram_offsets[i] on.
    gram_keys: NDArray[np.int64]
    gram_offsets: NDArray[np.int64]
    gram_names: NDArray[np.int32]
    # Of each item: from 0 (no ratings) to 1 (the most rated), and its year, 0 when unknown.
    item_popularity: NDArray[np.float32]
    item_years: NDArray[np.int16]

    @classmethod
    def build(
        cls, titles: Sequence[str], years: NDArray[np.int16], counts: NDArray[np.int32]
    ) -> TitleIndex:
        """Index a catalogue.

        Parameters
        ----------
        titles : sequence of str, length n_items
            Display titles without year, possibly with other names in parentheses.
        years : ndarray of int16, shape (n_items,)
            Year of each item, 0 when unknown.
        counts : ndarray of int32, shape (n_items,)
            Number of ratings of each item.

        Returns
        -------
        TitleIndex
            The index; item positions are those of `titles`.

        Raises
        ------
        ValueError
            If the lengths differ.
        """
        if not len(titles) == len(years) == len(counts):
            raise ValueError("titles, years and counts differ in length")
        names: list[str] = []
        name_item: list[int] = []
        for item, title in enumerate(titles):
            distinct = {fold(name): item for name in alternative_names(title)}
            distinct.pop("", None)
            names.extend(distinct.keys())
            name_item.extend(distinct.values())

        articles = [article_length(name) for name in names]
        order = [(name, 2 * i) for i, name in enumerate(names)]
        order += [
            (name[skip:], 2 * i + 1)
            for i, (name, skip) in enumerate(zip(names, articles, strict=True))
            if skip
        ]
        order.sort()
        encoded = [name.encode("utf-8") for name in names]
        keys, offsets, postings = _invert(names)
        weights = _gram_weight(np.diff(offsets), len(names))
        name_weight = np.bincount(
            postings, weights=np.repeat(weights, np.diff(offsets)), minlength=len(names)
        )
        most = max(int(np.max(counts, initial=0)), 1)
        return cls(
            name_text=np.frombuffer(b"".join(encoded), dtype=np.uint8),
            name_offsets=np.cumsum([0, *map(len, encoded)], dtype=np.int64),
            name_article=np.array(articles, dtype=np.uint8),
            name_item=np.array(name_item, dtype=np.int32),
            name_weight=name_weight.astype(np.float32),
            prefix_order=np.array([entry for _, entry in order], dtype=np.int32),
            gram_keys=keys,
            gram_offsets=offsets,
            gram_names=postings,
            item_popularity=(np.log1p(np.maximum(counts, 0)) / np.log1p(most)).astype(np.float32),
            item_years=np.asarray(years, dtype=np.int16),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of the index by name, for saving."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> TitleIndex:
        """Make an index of saved arrays, which may be memory-mapped and read-only.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            What `arrays` returned.

        Returns
        -------
        TitleIndex
            An index over the same memory; nothing is copied.

        Raises
        ------
        KeyError
            If an array is missing.
        """
        # A plain view of a memory map is quicker to slice than the map itself.
        return cls(**{field.name: np.asarray(arrays[field.name]) for field in fields(cls)})

    def search(self, query: str, k: int = 10) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Find the films whose names come closest to a query.

        Parameters
        ----------
        query : str
            Any text; beyond `MAX_QUERY_LENGTH` characters it is cut.
        k : int
            Most results to return.

        Returns
        -------
        items : ndarray of int32, shape (n_found,)
            Item positions, best first; equal scores by popularity, then by position.
        scores : ndarray of float32, shape (n_found,)
            About 100 for the exact name down to the least that is worth showing.
        """
        best: dict[int, float] = {}
        for text, year in query_readings(query[:MAX_QUERY_LENGTH]):
            names = self._candidates(text)
            if not len(names):
                continue
            items = self.name_item[names]
            scores = similarity(text, [self._name(name) for name in names.tolist()])
            if year:
                gap = np.abs(self.item_years[items].astype(np.int32) - year)
                scores *= _YEAR_FACTORS[np.minimum(gap, 2)]
            likely = scores >= _LEAST_SCORE
            items = items[likely]
            scores = scores[likely] + _POPULARITY * self.item_popularity[items]
            for item, score in zip(items.tolist(), scores.tolist(), strict=True):
                if score > best.get(item, 0.0):
                    best[item] = score

        found = np.fromiter(best.keys(), dtype=np.int32, count=len(best))
        values = np.fromiter(best.values(), dtype=np.float32, count=len(best))
        ranking = np.lexsort((found, -self.item_popularity[found], -values))[: max(k, 0)]
        return found[ranking], values[ranking]

    def _name(self, name: int) -> str:
        start, end = self.name_offsets[name : name + 2].tolist()
        return self.name_text[start:end].tobytes().decode("utf-8")

    def _candidates(self, text: str) -> NDArray[np.int64]:
        """Pick the names worth comparing with care, ascending and distinct."""
        pools = [self._alike(text), self._beginning_with(text)]
        if skip := article_length(text):
            pools.append(self._beginning_with(text[skip:]))
        return np.unique(np.concatenate(pools))

    def _alike(self, text: str) -> NDArray[np.int64]:
        """Return the names that share most gram weight with a text."""
        grams = {gram for word in text.split() for gram in _word_grams(word)}
        wanted = np.array(list(grams), dtype=np.int64)
        places = np.searchsorted(self.gram_keys, wanted)
        known = places < len(self.gram_keys)
        known[known] = self.gram_keys[places[known]] == wanted[known]
        places = places[known]
        starts, ends = self.gram_offsets[places], self.gram_offsets[places + 1]
        rarest = np.argsort(ends - starts, kind="stable")
        spent = np.cumsum((ends - starts)[rarest])
        used = rarest[: max(1, int(np.searchsorted(spent, _POSTINGS_BUDGET, side="right")))]
        if not len(used):
            return np.empty(0, dtype=np.int64)

        sizes = ends[used] - starts[used]
        weights = _gram_weight(sizes, len(self.name_item))
        names = np.concatenate([self.gram_names[starts[i] : ends[i]] for i in used.tolist()])
        shared = np.bincount(
            names, weights=np.repeat(weights, sizes), minlength=len(self.name_item)
        )
        touched = np.flatnonzero(shared)
        closeness = shared[touched] / (weights.sum() + 0.35 * self.name_weight[touched])
        closeness += 0.05 * self.item_popularity[self.name_item[touched]]
        return touched[_largest(closeness, _POOL)]

    def _beginning_with(self, text: str) -> NDArray[np.int64]:
        """Return names that begin with a text: the first in order and the best known."""
        wanted = text.encode("utf-8")
        low = self._first_from(wanted)
        high = self._first_from(wanted + b"\xff")
        names = self.prefix_order[low:high] // 2
        popular = _largest(self.item_popularity[self.name_item[names]], _PREFIX_POOL)
        return np.concatenate([names[: _PREFIX_POOL // 3], names[popular]])

    def _first_from(self, wanted: bytes) -> int:
        """Return the first place in `prefix_order` whose text is not below some bytes."""
        low, high = 0, len(self.prefix_order)
        while low < high:
            middle = (low + high) // 2
            name, skip = divmod(int(self.prefix_order[middle]), 2)
            start, end = self.name_offsets[name : name + 2].tolist()
            start += int(self.name_article[name]) * skip
            # Comparing as many bytes as could decide keeps the slices short.
            if self.name_text[start : min(end, start + len(wanted))].tobytes() < wanted:
                low = middle + 1
            else:
                high = middle
        return low


def _invert(
    names: Sequence[str],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """Return the distinct grams, and the names that contain each, as offsets and postings."""
    split = [name.split() for name in names]
    vocabulary: dict[str, int] = {}
    words = np.array(
        [vocabulary.setdefault(word, len(vocabulary)) for name in split for word in name],
        dtype=np.int64,
    )
    grams = [_word_grams(word) for word in vocabulary]
    keys, gram_ids = np.unique(
        np.array([key for word in grams for key in word], dtype=np.int64), return_inverse=True
    )

    # For every word of every name, the grams of that word; a pair is gram and name in one number.
    sizes = np.array([len(word) for word in grams], dtype=np.int64)
    counts = sizes[words]
    first = (np.cumsum(sizes) - sizes)[words]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    lengths = np.array([len(name) for name in split], dtype=np.int64)
    owner = np.repeat(np.repeat(np.arange(len(names)), lengths), counts)
    pairs = np.sort(gram_ids[np.repeat(first, counts) + within] * max(len(names), 1) + owner)
    distinct = pairs[np.diff(pairs, prepend=-1) > 0]  # quicker than np.unique
    gram, name_of = np.divmod(distinct, max(len(names), 1))
    offsets = np.searchsorted(gram, np.arange(len(keys) + 1))
    return keys, offsets.astype(np.int64), name_of.astype(np.int32)


def _gram_weight(sizes: NDArray[np.int64], n_names: int) -> NDArray[np.float64]:
    """Weigh grams by how few names contain them."""
    return np.log1p(n_names / np.maximum(sizes, 1))


def _largest(values: NDArray[Any], count: int) -> NDArray[np.int64]:
    """Return the places of the largest values, in no order."""
    if len(values) <= count:
        return np.arange(len(values))
    return np.argpartition(values, len(values) - count)[len(values) - count :]
