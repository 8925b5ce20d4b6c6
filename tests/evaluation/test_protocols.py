from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.tags import ItemTags
from recsys.errors import InvalidRequestError
from recsys.evaluation.protocols import (
    PROTOCOLS,
    Protocol,
    all_protocols,
    split_by,
    usual_protocol,
)
from recsys.evaluation.split import check
from tests.builders import make_dataset

DAY = 86_400


def diary(n_users=8, per_user=10, n_items=30, seed=0):
    """Users who rate a film a day, one user after the other beginning two days later."""
    rng = np.random.default_rng(seed)
    return make_dataset(
        [
            (user, int(item), float(rng.integers(1, 6)), (2 * user + day) * DAY)
            for user in range(1, n_users + 1)
            for day, item in enumerate(1 + rng.permutation(n_items)[:per_user])
        ],
        unrated=range(1, n_items + 1),
    )


def protocol(text):
    (one,) = Protocol.parse(text)
    return one


def split(text, dataset=None, seed=1):
    return split_by(dataset or diary(), protocol(text), seed)


def n_held(made):
    return np.bincount(made.dataset.user_index[made.held], minlength=made.dataset.n_users)


def test_a_protocol_is_read_with_and_without_its_number():
    assert Protocol.parse("random") == (Protocol("random", 0.25),)
    assert Protocol.parse(" random:0.1 , leave-last:2") == (
        Protocol("random", 0.1),
        Protocol("leave-last", 2),
    )
    assert [one.value for one in Protocol.parse("few-ratings")] == [1, 3, 5, 10]
    assert Protocol.parse("temporal:2018-01-31") == (Protocol("temporal", date(2018, 1, 31)),)
    assert Protocol.parse("random,random:0.25") == (Protocol("random", 0.25),)


@pytest.mark.parametrize(
    "text", ["random:0.123456789", "few-ratings:1234567", "temporal:2018-01-31"]
)
def test_a_protocol_is_written_as_it_is_read(text):
    assert str(protocol(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", ",", "rndom", "random:0", "random:1", "random:x", "random:nan", "leave-last:0"),
        *("leave-last:1.5", "few-ratings:-1", "temporal:2018-13-01", "temporal:2", "leave-last:²"),
    ],
)
def test_what_can_not_be_read_is_refused(text):
    with pytest.raises(InvalidRequestError):
        Protocol.parse(text)


def test_random_holds_a_share_of_each_user_out():
    made = split("random:0.3")
    assert n_held(made).tolist() == [3] * 8
    assert made.train.n_ratings == 8 * 7
    assert made.users.tolist() == list(range(8))
    for user in made.users:
        profile, targets = made.profile(user), made.targets(made.users)[user].indices
        both = np.sort([*profile.item_index, *targets])
        np.testing.assert_array_equal(both, made.dataset.profile(user).item_index)
        np.testing.assert_array_equal(profile.rating, made.train.profile(user).rating)


def test_the_seed_decides_what_is_drawn():
    first, again, other = split("random"), split("random"), split("random", seed=2)
    np.testing.assert_array_equal(first.held, again.held)
    assert (first.held != other.held).any()


def test_a_user_of_one_rating_keeps_it_and_one_of_two_loses_one():
    made = split("random", make_dataset([(1, 1, 5), (2, 1, 3), (2, 2, 4)]))
    assert made.users.tolist() == [1]
    assert made.train.n_ratings == 2


def test_the_training_part_counts_its_own_ratings():
    made = split("random")
    counts = np.bincount(made.train.item_index, minlength=30)
    np.testing.assert_array_equal(made.train.catalog.rating_count, counts)


@pytest.mark.parametrize("n", [1, 3])
def test_leave_last_holds_the_latest_out(n):
    made = split(f"leave-last:{n}")
    times = made.dataset.timestamp.reshape(8, 10)
    held = made.held.reshape(8, 10)
    assert (held.sum(axis=1) == n).all()
    for row, marks in zip(times, held, strict=True):
        assert row[marks].min() > row[~marks].max()


def test_leave_last_spares_who_has_no_more():
    rows = [(1, 1, 5, 1), (1, 2, 5, 2), (1, 3, 5, 3), (2, 1, 4, 1), (2, 2, 4, 2)]
    made = split("leave-last:2", make_dataset(rows))
    assert made.users.tolist() == [0]
    assert len(made.profile(1)) == 2


def test_temporal_cuts_all_users_at_one_time():
    made = split("temporal:0.5")
    cut = made.settings["cut"]
    assert made.train.timestamp.max() < cut <= made.dataset.timestamp[made.held].min()
    # Who had not rated by then can't be listed for.
    known = np.unique(made.train.user_index)
    assert set(made.users) <= set(known)
    later = np.unique(made.dataset.user_index[made.dataset.timestamp >= cut])
    assert made.settings["newcomers"] == len(set(later) - set(known)) > 0


def test_temporal_takes_a_date():
    made = split("temporal:1970-01-13")
    assert made.settings["cut"] == 12 * DAY
    assert made.train.timestamp.max() == 11 * DAY


def test_unseen_users_are_not_in_training():
    made = split("unseen-users:0.5")
    assert made.users.size == 4
    assert not np.isin(made.train.user_index, made.users).any()
    assert n_held(made)[made.users].tolist() == [2] * 4
    assert [len(made.profile(user)) for user in made.users] == [8] * 4


def test_few_ratings_are_given_and_those_of_three_hold_the_one():
    one, three = split("few-ratings:1"), split("few-ratings:3")
    np.testing.assert_array_equal(one.users, three.users)
    for user in one.users:
        first, more = one.profile(user).item_index, three.profile(user).item_index
        assert (len(first), len(more)) == (1, 3)
        assert set(first) < set(more)
        assert n_held(three)[user] == 7
    assert not np.isin(one.train.user_index, one.users).any()


def test_cold_items_leave_nothing_of_themselves_in_training():
    dataset = replace(diary(), tags=one_tag_each(30))
    made = split("cold-items:0.2", dataset)
    withheld = np.flatnonzero(made.withheld_items)
    assert withheld.size == round(0.2 * np.unique(dataset.item_index).size)
    assert not np.isin(made.train.item_index, withheld).any()
    assert not np.isin(made.train.tags.item_index, withheld).any()
    np.testing.assert_array_equal(made.candidates, made.withheld_items)
    assert np.isin(made.targets(made.users).indices, withheld).all()


def test_tags_have_no_date_and_are_left_out_where_time_counts():
    dataset = replace(diary(), tags=one_tag_each(30))
    assert split("temporal", dataset).train.tags is None
    assert split("random", dataset).train.tags is not None


def one_tag_each(n_items):
    items, ones = np.arange(n_items, dtype=np.int32), np.ones(n_items, dtype=np.float32)
    return ItemTags(("odd",), items, np.zeros(n_items, dtype=np.int32), ones)


@pytest.mark.parametrize("name", ["leave-last", "temporal"])
def test_without_times_there_is_no_order(name):
    dataset = make_dataset([(1, 1, 5), (1, 2, 3), (2, 1, 3)])
    with pytest.raises(InvalidRequestError, match="has no times"):
        split(name, dataset)
    assert usual_protocol(dataset).name == "random"
    assert usual_protocol(diary()).name == "temporal"


@pytest.mark.parametrize(
    "text", ["random", "leave-last", "unseen-users", "few-ratings:3", "cold-items", "temporal"]
)
def test_data_too_small_to_split_is_refused(text):
    with pytest.raises(InvalidRequestError, match="nothing to learn from or nothing to find"):
        split(text, make_dataset([(1, 1, 5, 7)]))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([str(one) for name in PROTOCOLS for one in Protocol.parse(name)]),
    st.integers(0, 10_000),
    st.integers(2, 12),
    st.integers(1, 14),
)
def test_no_split_leaks(text, seed, n_users, per_user):
    try:
        made = split(text, diary(n_users, per_user, seed=seed), seed)
    except InvalidRequestError:
        return
    check(made)
    assert not (made.given & made.held).any()
    assert (np.diff(made.targets(made.users).indptr) > 0).all()


def test_every_user_keeps_a_rating_whatever_the_share():
    made = split("random:0.9", diary(per_user=4))
    assert n_held(made).tolist() == [3] * 8


def test_ratings_without_a_time_are_on_no_side_of_a_cut():
    rows = [(u, i, 4, 0 if i == 1 else 100 * u + i) for u in (1, 2, 3) for i in (1, 2, 3)]
    made = split("temporal:0.5", make_dataset(rows))
    assert 0 not in made.train.timestamp
    assert not (made.held & (made.dataset.timestamp == 0)).any()


def test_ratings_of_one_second_are_drawn_by_chance():
    rows = [(user, item, 4, 7) for user in range(1, 60) for item in (1, 2, 3)]
    made = split("leave-last", make_dataset(rows))
    assert set(made.dataset.item_index[made.held]) == {0, 1, 2}


def test_data_without_times_has_protocols_of_its_own():
    timeless = make_dataset([(1, 1, 5), (1, 2, 3), (2, 1, 3)])
    names = {one.name for one in all_protocols(timeless)}
    assert names == set(PROTOCOLS) - {"temporal", "leave-last"}
    assert {one.name for one in all_protocols(diary())} == set(PROTOCOLS)
