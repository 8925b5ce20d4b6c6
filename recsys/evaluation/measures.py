"""All that is measured of a model's lists and predicted ratings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recsys.evaluation import breadth, metrics
from recsys.evaluation.certainty import estimates, ratio_estimates, to_estimate
from recsys.evaluation.rating_errors import user_errors
from recsys.evaluation.results import Estimate
from recsys.evaluation.task import Rules, Task
from recsys.models.base import RatingModel
from recsys.models.biased_als import BiasedALS

PROFILE_SIZES = (0, 1, 3, 10, 50, 200)
"""Profiles are compared by size; a class begins with each."""

N_GENRES = 10
"""Most common genres that are looked at one by one."""

N_CURVE_USERS = 500
"""Users by whom the error after each iteration is measured."""

Lists = NDArray[np.int32]
Values = metrics.Values


class Measures:
    """Measures of lists for the same users.

    Parameters
    ----------
    task : Task
    rules : Rules
    expected : int32[n_users, k]
        What anybody would list: the most rated.
    """

    def __init__(self, task: Task, rules: Rules, expected: Lists) -> None:
        self.task, self.rules = task, rules
        self.expected = expected
        self.n_relevant = np.diff(task.relevant.indptr)
        # Of ones: a rating may be 0.
        self.wanted = sparse.csr_matrix(
            (np.ones(task.relevant.nnz), task.relevant.indices, task.relevant.indptr),
            shape=task.relevant.shape,
        )
        self.catalog = task.split.train.catalog
        self.genres = sparse.csr_matrix(self.catalog.genre_matrix.astype(np.float32))
        self.n_raters = int((np.diff(task.split.train.user_indptr) > 0).sum())

    def of_users(self, listed: Lists) -> dict[str, Values]:
        """Measure each user's list, at all lengths.

        Parameters
        ----------
        listed : int32[n_users, longest k]

        Returns
        -------
        dict of str to float64[n_users]
            Such as "ndcg@10"; NaN where there is no value.
        """
        hits = metrics.hits_of(listed, self.task.relevant)
        count = self.catalog.rating_count
        found: dict[str, Values] = {}
        for k in self.rules.ks:
            first, hit = listed[:, :k], hits[:, :k]
            unexpected = metrics.hits_of(first, _as_matrix(self.expected[:, :k], count.size))
            found |= {
                f"{name}@{k}": values
                for name, values in (
                    ("hit_rate", metrics.hit_rate(hit, self.n_relevant)),
                    ("precision", metrics.precision(hit, self.n_relevant)),
                    ("recall", metrics.recall(hit, self.n_relevant)),
                    ("map", metrics.average_precision(hit, self.n_relevant)),
                    ("ndcg", metrics.ndcg(hit, self.n_relevant)),
                    ("mrr", metrics.reciprocal_rank(hit, self.n_relevant)),
                    ("serendipity", breadth.serendipity(hit, unexpected, self.n_relevant)),
                    ("diversity", self._diversity(first)),
                    ("novelty", breadth.novelty(first, count, self.n_raters)),
                    ("popularity", breadth.popularity_percentile(first, count)),
                )
            }
        return found

    def _diversity(self, listed: Lists) -> Values:
        if not self.genres.nnz:
            return np.full(len(listed), np.nan)
        return breadth.intra_list_diversity(listed, self.genres)

    def of_all(self, listed: Lists) -> dict[str, Estimate]:
        """Measure all lists together; such a number has no interval."""
        n_items = int(self.task.split.candidates.sum())
        found = {}
        for k in self.rules.ks:
            first = listed[:, :k]
            found[f"coverage@{k}"] = breadth.coverage(first, n_items)
            found[f"gini@{k}"] = breadth.gini(self._among_candidates(first), n_items)
        n_users = len(listed)
        return {
            name: Estimate(value=value if np.isfinite(value) else None, n_users=n_users)
            for name, value in found.items()
        }

    def _among_candidates(self, listed: Lists) -> Lists:
        place = np.cumsum(self.task.split.candidates) - 1
        return np.where(listed >= 0, place[listed], -1).astype(np.int32)

    def slices(self, listed: Lists) -> dict[str, dict[str, Estimate]]:
        """Look at some of the users, and at some of what is to be found.

        Returns
        -------
        dict of str to dict of str to Estimate
            NDCG by profile size, recall by popularity and by genre of what is to be found.
        """
        first = listed[:, : self.rules.k]
        hits = metrics.hits_of(first, self.task.relevant)
        ndcg = metrics.ndcg(hits, self.n_relevant)
        by_size = {name: np.where(some, ndcg, np.nan) for name, some in self._sizes()}
        found = {"profile size": by_size}
        for kind, slices in (("popularity", self._popularity()), ("genre", self._genres())):
            found[kind] = {}
            for name, items in slices:
                n_wanted = np.asarray(self.wanted @ items.astype(np.float64))
                in_slice = hits & items[first]
                found[kind][name] = metrics.recall(in_slice, n_wanted)
        seed = self.rules.seed
        return {kind: estimates(values, seed=seed) for kind, values in found.items() if values}

    def _sizes(self) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        split = self.task.split
        given = np.bincount(split.dataset.user_index[split.given], minlength=split.dataset.n_users)
        size = given[self.task.users]
        for low, high in pairwise((*PROFILE_SIZES, np.inf)):
            some = (size >= low) & (size < high)
            if some.any():
                yield _range(low, high), some

    def _popularity(self) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Thirds of the ratings: of few much-rated items, of some, of many little-rated ones."""
        count = self.catalog.rating_count
        order = np.argsort(-count, kind="stable")
        before = (np.cumsum(count[order]) - count[order]) / max(1, count.sum())
        third = np.empty(count.size, dtype=np.int64)
        third[order] = np.minimum(2, 3 * before).astype(np.int64)
        for place, name in enumerate(("head", "middle", "tail")):
            some = (third == place) & (count > 0)
            if some.any():
                yield f"{name} ({int(some.sum()):,} films)", some
        if (count == 0).any():
            yield f"new ({int((count == 0).sum()):,} films)", count == 0

    def _genres(self) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        wanted = self.wanted.sum(axis=0) @ self.genres
        names = self.catalog.genre_names
        for column in np.argsort(-np.asarray(wanted).ravel(), kind="stable")[:N_GENRES]:
            yield names[column], self.catalog.genre_matrix[:, column]

    def errors(self, model: RatingModel) -> dict[str, Estimate]:
        """Measure predicted ratings of all that is held out of the judged, relevant or not."""
        held = self.task.held
        predicted = [_predicted(model, self.task, place) for place in range(held.shape[0])]
        user = held.tocoo().row
        errors = user_errors(user, np.concatenate(predicted), held.data, held.shape[0])
        ends = ratio_estimates(
            np.stack([errors.squared, errors.absolute], axis=1),
            np.stack([errors.count, errors.count], axis=1),
            seed=self.rules.seed,
        )
        n_users = self.task.users.size
        return {
            "rmse": to_estimate(np.sqrt(ends[:, 0]), n_users),
            "mae": to_estimate(ends[:, 1], n_users),
        }


def error_curve(model: Any, task: Task) -> tuple[tuple[float, float], ...]:
    """Root mean square errors after each iteration, trained on and held out.

    Only of a model fitted by iterations; it is fitted anew, and judged by some of the users.
    """
    if not isinstance(model, BiasedALS) or model.config.posterior:
        return ()
    drawn = np.random.default_rng(0).permutation(task.users.size)[:N_CURVE_USERS]
    curve = []
    for one in BiasedALS(model.config).sweeps(task.split.train):
        errors = [_predicted(one, task, place) - task.held[[place]].data for place in drawn]
        held_out = float(np.sqrt(np.mean(np.concatenate(errors) ** 2)))
        curve.append((one.rmse[-1], held_out))
    return tuple(curve)


def _predicted(model: RatingModel, task: Task, place: int) -> NDArray[np.float32]:
    """Predict everything held out of one user."""
    items = task.held.indices[slice(*task.held.indptr[place : place + 2])]
    return model.predict(task.split.profile(int(task.users[place])), items)[0]


def _as_matrix(listed: Lists, n_items: int) -> sparse.csr_matrix:
    row, column = np.nonzero(listed >= 0)
    return sparse.csr_matrix(
        (np.ones(row.size), (row, listed[row, column])), shape=(len(listed), n_items)
    )


def _range(low: float, high: float) -> str:
    if high == np.inf:
        return f"{low:g} or more"
    return f"{low:g}" if high == low + 1 else f"{low:g} to {high - 1:g}"
