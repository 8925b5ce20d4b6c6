"""Mistakes planted on purpose: each must stop the run."""

from dataclasses import replace

import numpy as np
import pytest

from recsys.data.tags import ItemTags
from recsys.errors import LeakError
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import Protocol, split_by
from recsys.evaluation.split import check
from recsys.evaluation.task import Rules, Task
from recsys.models.als import ALS, ALSConfig
from recsys.models.content import Content
from recsys.models.item_item import ItemItem
from recsys.models.popularity import Popularity
from tests.conftest import quiet_stage
from tests.evaluation.test_protocols import diary

DATASET = diary(n_users=20, per_user=12)


def split(text):
    (protocol,) = Protocol.parse(text)
    return split_by(DATASET, protocol, seed=1)


def with_row(made, row):
    """Put a rating of the whole data into training."""
    kept = np.zeros(DATASET.n_ratings, dtype=np.bool_)
    pairs = made.train.user_index * DATASET.n_items + made.train.item_index
    kept[np.isin(DATASET.user_index * DATASET.n_items + DATASET.item_index, pairs)] = True
    assert not kept[row]
    kept[row] = True
    return replace(made, train=DATASET.keep(kept))


@pytest.mark.parametrize("text", ["random", "leave-last", "temporal", "few-ratings:3"])
def test_an_honest_split_passes(text):
    check(split(text))


@pytest.mark.parametrize("text", ["random", "leave-last", "unseen-users", "cold-items"])
def test_a_pair_to_be_found_left_in_training(text):
    made = split(text)
    leaked = with_row(made, np.flatnonzero(made.held)[3])
    with pytest.raises(LeakError, match="1 ratings to be found are among those learned from"):
        check(leaked)


def test_a_pair_to_be_found_given_in_a_profile():
    made = split("unseen-users")
    given = made.given.copy()
    given[np.flatnonzero(made.held)[0]] = True
    with pytest.raises(LeakError, match="given in the profiles"):
        check(replace(made, given=given))


def test_a_later_rating_in_training():
    made = split("temporal")
    # Of somebody who is not judged, so that no pair gives it away.
    newcomers = np.setdiff1d(DATASET.user_index, made.users)
    late = np.isin(DATASET.user_index, newcomers) & (DATASET.timestamp >= made.settings["cut"])
    with pytest.raises(LeakError, match="1 ratings learned from are later"):
        check(with_row(made, np.flatnonzero(late)[-1]))


def test_a_later_rating_of_the_same_user_in_training():
    made = split("leave-last:2")
    # The one but last is to be found, the last is learned from.
    held = made.held.copy()
    last = np.flatnonzero(held)[np.argmax(DATASET.timestamp[held][:2])]
    held[last] = False
    with pytest.raises(LeakError, match="later than some that are to be found"):
        check(with_row(replace(made, held=held), last))


def test_an_unseen_user_in_training():
    made = split("few-ratings:3")
    given = np.flatnonzero(made.given & np.isin(DATASET.user_index, made.users))
    with pytest.raises(LeakError, match="Users who must be unseen"):
        check(with_row(made, given[0]))


def test_a_tag_of_an_unknown_film_in_training():
    made = split("cold-items")
    film = np.flatnonzero(made.withheld_items)[:1].astype(np.int32)
    tags = ItemTags(("new",), film, np.zeros(1, np.int32), np.ones(1, np.float32))
    with pytest.raises(LeakError, match="Films that must be unknown"):
        check(replace(made, train=replace(made.train, tags=tags)))


class Peeking:
    """A model that has seen what it must find."""

    def __init__(self, made):
        self.made = made

    def score(self, profiles):
        rows = np.zeros((len(profiles), DATASET.n_items), dtype=np.float32)
        for row, profile in zip(rows, profiles, strict=True):
            for user in self.made.users:
                if np.array_equal(self.made.profile(user).item_index, profile.item_index):
                    row[self.made.targets(np.array([user])).indices] = 1
        return rows


def test_a_model_that_peeks():
    made = split_by(diary(n_users=30, per_user=12), Protocol("random", 0.25), seed=1)
    with pytest.raises(LeakError, match="The model 'oracle' ranks 100%"):
        evaluate(made, lambda train: [("oracle", Peeking(made))], Rules(), quiet_stage)


def test_a_model_that_peeks_at_some_users_only():
    made = split_by(diary(n_users=100, per_user=12), Protocol("random", 0.25), seed=1)

    class Sometimes(Peeking):
        def score(self, profiles):
            rows = super().score(profiles)
            rows[[profile.item_index.sum() % 6 == 0 for profile in profiles]] = 0
            return rows

    with pytest.raises(LeakError, match="The model 'oracle'"):
        evaluate(made, lambda train: [("oracle", Sometimes(made))], Rules(), quiet_stage)


@pytest.mark.parametrize("text", ["random", "unseen-users:0.5", "few-ratings:1", "few-ratings:3"])
@pytest.mark.parametrize(
    "model", [ALS(ALSConfig(n_factors=8)), ItemItem(), Content(), Popularity()]
)
def test_an_honest_model_passes(text, model):
    made = split(text)
    model.fit(made.train)
    Task.of(made, Rules()).check_honest(model.name, model.score, 1)


def test_what_a_model_fits_on_leads_to_nothing_else():
    made = split("random")
    for array in (made.train.item_index, made.train.rating, made.profile(0).item_index):
        base = array
        while base is not None:
            assert base.size <= max(made.train.n_ratings, 12)
            base = base.base
