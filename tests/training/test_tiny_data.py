"""Whatever the data, what is trained on it serves: the whole pipeline on random small data."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import Any

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from recsys.serving.recommender import Recommender
from recsys.store.store import ArtifactStore
from recsys.training.pipeline import TrainingConfig, train
from tests.builders import make_dataset

IDS = st.one_of(st.integers(1, 12), st.integers(2**31 - 3, 2**31 + 3), st.integers(2**53, 2**60))
STARS = st.sampled_from([0.5, 1, 2.5, 3, 4, 5])


@contextmanager
def silent_stage(name: str) -> Any:
    yield lambda done, total: None


@st.composite
def ratings(draw: st.DrawFn) -> list[tuple[int, int, float]]:
    users = draw(st.lists(IDS, min_size=1, max_size=6, unique=True))
    items = draw(st.lists(IDS, min_size=1, max_size=8, unique=True))
    pairs = [(user, item) for user in users for item in items]
    if not draw(st.booleans()):  # else: users who have rated everything
        pairs = draw(st.lists(st.sampled_from(pairs), min_size=1, unique=True))
    one = draw(st.one_of(st.none(), STARS))
    return [(user, item, one or draw(STARS)) for user, item in pairs]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(ratings=ratings(), extra=st.integers(0, 2), data=st.data())
@example(ratings=[(1, 1, 5)], extra=0, data=None)
@example(ratings=[(2**31, 2**31, 0.5)], extra=1, data=None)
@example(ratings=[(1, i, 3) for i in range(1, 9)], extra=0, data=None)
@example(ratings=[(u, 1, 3) for u in range(1, 9)], extra=2, data=None)
@example(ratings=[(u, i, 3) for u in range(1, 41) for i in range(1, 9)], extra=0, data=None)
def test_every_list_is_finite_unseen_and_full(
    ratings: list[tuple[int, int, float]], extra: int, data: st.DataObject | None
) -> None:
    unrated = [10**9 + n for n in range(extra)]
    genres = {item: "Horror|War" for _, item, _ in ratings[::2]} | dict.fromkeys(unrated, "War")
    dataset = make_dataset(ratings, genres=genres, unrated=unrated)
    with tempfile.TemporaryDirectory() as folder:
        train(dataset, ArtifactStore(folder), TrainingConfig(), silent_stage)
        recommender = Recommender.load(folder)
        everything = set(dataset.items.ids.tolist())
        k = 3 if data is None else data.draw(st.integers(1, 12))
        user = ratings[0][0]
        seen = {item for u, item, _ in ratings if u == user}
        for model in recommender.models:
            listed = recommender.for_user(user, k, model=model, explain=True)
            check(listed, everything - seen, k)
            for parts, score in zip(listed.contributions, listed.scores, strict=True):
                total = sum(part.value for part in parts)
                assert abs(total - float(score)) <= 1e-4 * max(1.0, abs(float(score)))
            newcomer = recommender.profile({ratings[-1][1]: 4})
            check(
                recommender.for_profile(newcomer, k, model=model), everything - {ratings[-1][1]}, k
            )
            check(recommender.for_profile(recommender.profile({}), k, model=model), everything, k)
        for by in ("taste", "content", "both"):
            item = ratings[0][1]
            check(recommender.similar(item, k, by=by), everything - {item}, k)
        for listed in (recommender.popular(k), recommender.popular(k, seed=3)):
            check(listed, everything, k)


def check(listed: Any, eligible: set[int], k: int) -> None:
    ids = listed.item_ids.tolist()
    assert len(ids) == len(set(ids)) == min(k, len(eligible))
    assert set(ids) <= eligible
    assert np.isfinite(listed.scores).all()
    assert (np.diff(listed.scores) <= 0).all()
