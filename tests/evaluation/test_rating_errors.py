import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from recsys.evaluation.rating_errors import mae, rmse, user_errors

USER = np.array([2, 0, 0, 2], dtype=np.int32)
PREDICTED = np.array([3.0, 4.5, 2.0, 1.0], dtype=np.float32)
RATING = np.array([5.0, 4.0, 3.0, 1.0], dtype=np.float32)
GAP = np.array([3.0, np.nan, 2.0, np.inf], dtype=np.float32)
NOTHING = np.zeros(0, dtype=np.float32)


def test_by_hand():
    # Errors of -2, 0.5, -1 and 0.
    assert rmse(PREDICTED, RATING) == pytest.approx(np.sqrt(5.25 / 4))
    assert mae(PREDICTED, RATING) == pytest.approx(3.5 / 4)


def test_agreement_with_scikit_learn():
    rng = np.random.default_rng(1)
    predicted, rating = rng.uniform(0.5, 5, (2, 100)).astype(np.float32)
    assert rmse(predicted, rating) == pytest.approx(root_mean_squared_error(rating, predicted))
    assert mae(predicted, rating) == pytest.approx(mean_absolute_error(rating, predicted))


@pytest.mark.parametrize("metric", [rmse, mae])
def test_a_missing_prediction_is_an_error(metric):
    with pytest.raises(ValueError, match="2 of 4 ratings are without a prediction"):
        metric(GAP, RATING)


@pytest.mark.parametrize("metric", [rmse, mae])
def test_no_ratings_have_no_error(metric):
    assert np.isnan(metric(NOTHING, NOTHING))


def test_sums_of_each_user_by_hand():
    sums = user_errors(USER, PREDICTED, RATING, 3)
    assert sums.squared.tolist() == [0.25 + 1, 0, 4 + 0]
    assert sums.absolute.tolist() == [0.5 + 1, 0, 2 + 0]
    assert sums.count.tolist() == [2, 0, 2]


def test_the_sums_of_all_users_make_the_errors_of_all_ratings():
    rng = np.random.default_rng(4)
    predicted, rating = rng.uniform(0.5, 5, (2, 200)).astype(np.float32)
    sums = user_errors(rng.integers(0, 9, 200).astype(np.int32), predicted, rating, 9)
    n = sums.count.sum()
    assert n == 200
    assert np.sqrt(sums.squared.sum() / n) == pytest.approx(rmse(predicted, rating))
    assert sums.absolute.sum() / n == pytest.approx(mae(predicted, rating))


def test_a_user_drawn_twice_counts_like_two_users():
    sums = user_errors(USER, PREDICTED, RATING, 3)
    drawn = np.array([0, 0, 2])
    twice = np.flatnonzero(USER == 2).repeat(2)
    assert np.sqrt(drawn @ sums.squared / (drawn @ sums.count)) == pytest.approx(
        rmse(PREDICTED[twice], RATING[twice])
    )


def test_a_missing_prediction_of_a_user_is_an_error_unless_it_is_skipped():
    with pytest.raises(ValueError, match="2 of 4 ratings are without a prediction"):
        user_errors(USER, GAP, RATING, 3)
    sums = user_errors(USER, GAP, RATING, 3, missing="skip")
    assert sums.count.tolist() == [1, 0, 1]
    assert sums.squared.tolist() == [1, 0, 4]


def test_sums_are_floats_also_of_nothing():
    sums = user_errors(np.zeros(0, dtype=np.int32), NOTHING, NOTHING, 2)
    for values in (sums.squared, sums.absolute, sums.count):
        assert values.dtype == np.float64
        assert values.tolist() == [0, 0]


def test_one_user():
    sums = user_errors(np.zeros(4, dtype=np.int32), PREDICTED, RATING, 1)
    assert (sums.squared.tolist(), sums.absolute.tolist(), sums.count.tolist()) == (
        [5.25],
        [3.5],
        [4],
    )
