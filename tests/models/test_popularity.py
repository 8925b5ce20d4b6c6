import numpy as np
import pytest

from recsys.data.profile import Profile
from recsys.models.popularity import Popularity, PopularityConfig
from tests.builders import make_dataset

DAY = 86_400
# Film 1: 5, 5, 5, 5. Film 2: 5. Film 3: 2, 3. Film 4: none.
ROWS = [(1, 1, 5), (2, 1, 5), (3, 1, 5), (4, 1, 5), (1, 2, 5), (1, 3, 2), (2, 3, 3)]


def test_weighted_rating_by_hand():
    dataset = make_dataset(ROWS, unrated=[4])
    model = Popularity(PopularityConfig(votes_quantile=0.5)).fit(dataset)
    mean, votes = 30 / 7, 2  # the median of 1, 2 and 4 ratings
    expected = [(20 + votes * mean) / 6, (5 + votes * mean) / 3, (5 + votes * mean) / 4, mean]
    scores = model.score([Profile.empty(), dataset.profile(0)])
    assert scores[0].tolist() == pytest.approx(expected)
    np.testing.assert_array_equal(scores[0], scores[1])


def test_many_good_ratings_beat_one():
    scores = Popularity().fit(make_dataset(ROWS, unrated=[4])).weighted_rating
    assert scores[0] > scores[1] > scores[3] > scores[2]


def test_the_prior_weighs_at_least_one_vote():
    model = Popularity(PopularityConfig(votes_quantile=0.0)).fit(make_dataset([(1, 1, 5)]))
    assert model.votes_needed == 1


def test_counts():
    assert Popularity().fit(make_dataset(ROWS, unrated=[4])).count.tolist() == [4, 1, 2, 0]


def test_trend_by_hand():
    rows = [(1, 1, 5, 100 * DAY), (2, 1, 5, 90 * DAY), (1, 2, 5, 80 * DAY)]
    model = Popularity(PopularityConfig(half_life_days=10)).fit(make_dataset(rows, unrated=[3]))
    assert model.trend.tolist() == pytest.approx([1.5 / np.sqrt(2), 0.25, 0])


def test_trend_prefers_recent_ratings():
    old, new = range(1, 6), range(6, 9)
    rows = [(user, 1, 5, 0) for user in old] + [(user, 2, 1, 400 * DAY) for user in new]
    trend = Popularity().fit(make_dataset(rows)).trend
    assert trend[1] > trend[0] > 0


def test_without_timestamps_there_is_no_trend():
    model = Popularity().fit(make_dataset(ROWS))
    assert np.isnan(model.trend).all()
    assert np.isfinite(model.weighted_rating).all()


def test_explained_by_votes_and_prior():
    model = Popularity(PopularityConfig(votes_quantile=0.5)).fit(make_dataset(ROWS, unrated=[4]))
    votes, prior = model.explain(Profile.empty(), [0])[0]
    assert (votes.feature, votes.source) == ("votes: 4", "feature")
    assert votes.value == pytest.approx(20 / 6)
    assert (prior.feature, prior.source) == ("the mean of all ratings", "baseline")
    assert prior.value == pytest.approx(2 * 30 / 7 / 6)


def test_the_audience_is_of_these_days():
    year = 365.25 * 86_400
    # Film 1 had three ratings ten years ago, film 2 has two of today.
    rows = [(user, 1, 4, 0) for user in (1, 2, 3)] + [(user, 2, 4, 10 * year) for user in (1, 2)]
    model = Popularity().fit(make_dataset(rows))
    assert model.audience.tolist() == pytest.approx([3 / 4, 2])
    assert model.count.tolist() == [3, 2]


def test_without_times_every_rating_is_of_these_days():
    model = Popularity().fit(make_dataset([(1, 1, 4), (2, 1, 4), (1, 2, 4)]))
    assert model.audience.tolist() == [2, 1]
