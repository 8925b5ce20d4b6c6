import math

import numpy as np
import pytest
from scipy import stats

from recsys.errors import InvalidRequestError
from recsys.evaluation import certainty
from recsys.evaluation.certainty import compare, estimates, ratio_estimates, to_estimate, verdict
from recsys.evaluation.results import Comparison

NAN = float("nan")
TIMES = 1000
"""So often a simulation is repeated: a share of 5 % then has a standard error of 0.7 %."""


def like_ndcg(rng, shape, hit_rate=0.4):
    # Many users without a hit, few with a good list. The mean is a quarter of the hit rate.
    return np.where(rng.random(shape) < hit_rate, rng.beta(1, 3, shape), 0.0)


def comparison(**changes):
    fields = {
        "metric": "ndcg@10",
        "better": "hybrid",
        "worse": "als",
        "difference": 0.0131,
        "low": 0.009,
        "high": 0.017,
        "p": 0.001,
        "p_adjusted": 0.012,
        "n_users": 100,
    }
    return Comparison(**(fields | changes))


# Intervals


def test_a_value_is_the_ratio_of_the_sums():
    value, low, high = ratio_estimates(
        np.array([[1.0, 0.0], [2.0, 6.0]]), np.array([[2.0, 0.0], [4.0, 3.0]]), seed=0
    )
    assert value.tolist() == [0.5, 2.0]
    assert (low[0], high[0]) == (0.5, 0.5)


def test_a_root_mean_squared_error_is_the_root_of_a_ratio():
    errors, users = np.array([1.0, 3.0, 2.0, 0.0]), np.array([0, 0, 1, 2])
    squared, counts = np.bincount(users, errors**2), np.bincount(users)
    ends = np.sqrt(ratio_estimates(squared[:, None], counts[:, None], seed=0))
    assert ends[0, 0] == pytest.approx(math.sqrt((1 + 9 + 4 + 0) / 4))
    assert ends[1, 0] < ends[0, 0] < ends[2, 0]


def test_an_interval_is_that_of_scipy():
    rng = np.random.default_rng(1)
    values = like_ndcg(rng, 40)
    expected = stats.bootstrap(
        (values,), np.mean, n_resamples=50_000, method="BCa", rng=rng
    ).confidence_interval
    _, low, high = ratio_estimates(values[:, None], np.ones((40, 1)), seed=1, n_resamples=50_000)
    width = expected.high - expected.low
    assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=0.03 * width)


def test_an_interval_of_a_ratio_is_that_of_scipy():
    rng = np.random.default_rng(2)
    counts = rng.integers(1, 20, 40).astype(float)
    totals = counts * rng.exponential(1, 40)

    def ratio(numerator, denominator, axis):
        return numerator.sum(axis=axis) / denominator.sum(axis=axis)

    expected = stats.bootstrap(
        (totals, counts), ratio, paired=True, n_resamples=50_000, method="BCa", rng=rng
    ).confidence_interval
    _, low, high = ratio_estimates(totals[:, None], counts[:, None], seed=1, n_resamples=50_000)
    width = expected.high - expected.low
    assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=0.03 * width)


@pytest.mark.parametrize("max_groups", [5000, 60])
def test_19_of_20_intervals_hold_the_mean(max_groups, monkeypatch):
    monkeypatch.setattr(certainty, "_MAX_GROUPS", max_groups)
    values = like_ndcg(np.random.default_rng(3), (175, TIMES), hit_rate=0.16)
    _, low, high = ratio_estimates(values, np.ones_like(values), seed=3)
    # Plain percentiles lie too low: 5 % of them are below the mean.
    too_low, too_high = np.mean(high < 0.04), np.mean(low > 0.04)
    assert 0.93 <= 1 - too_low - too_high <= 0.97
    assert 0.012 <= too_low <= 0.04
    assert 0.012 <= too_high <= 0.04


def test_groups_are_random_whatever_the_order_of_users(monkeypatch):
    monkeypatch.setattr(certainty, "_MAX_GROUPS", 200)
    values = np.repeat([0.0, 1.0], 500)[:, None]
    value, low, high = ratio_estimates(values, np.ones_like(values), seed=0)
    assert value[0] == 0.5
    assert (high - low)[0] == pytest.approx(2 * 1.96 * 0.5 / math.sqrt(1000), rel=0.15)


def test_estimates_leave_out_users_without_a_value():
    found = estimates({"ndcg@10": np.array([0.0, NAN, 1.0, 0.5]), "rmse": np.full(4, NAN)}, seed=0)
    ndcg, rmse = found["ndcg@10"], found["rmse"]
    assert (ndcg.value, ndcg.n_users) == (0.5, 3)
    assert 0 <= ndcg.low < 0.5 < ndcg.high <= 1
    assert (rmse.value, rmse.low, rmse.high, rmse.n_users) == (None, None, None, 0)


def test_users_without_a_value_do_not_widen_an_interval():
    values = like_ndcg(np.random.default_rng(4), 50)
    with_others = np.insert(values, [0, 7, 7, 50], NAN)
    assert estimates({"map": with_others}, seed=0) == estimates({"map": values}, seed=0)


def test_one_user_tells_nothing_about_others():
    found = estimates({"few": np.array([0.3, NAN]), "more": np.array([0.3, 0.4])}, seed=0)
    assert (found["few"].value, found["few"].low, found["few"].high) == (0.3, None, None)
    assert found["more"].low is not None


def test_resamples_without_a_user_of_a_rare_metric_do_not_count():
    found = estimates({"rare": np.array([0.3, 0.5] + [NAN] * 8), "map": np.ones(10)}, seed=0)
    assert (found["rare"].low, found["rare"].high) == (0.3, 0.5)


def test_values_that_are_all_alike_have_an_interval_of_no_width():
    hit_rate = estimates({"hit_rate": np.ones(30)}, seed=0)["hit_rate"]
    assert (hit_rate.low, hit_rate.value, hit_rate.high) == (1, 1, 1)


def test_no_users_and_no_metrics_have_no_estimates():
    assert estimates({}, seed=0) == {}
    assert estimates({"map": np.empty(0)}, seed=0)["map"].value is None


def test_metrics_are_of_the_same_resamples():
    values = like_ndcg(np.random.default_rng(5), 60)
    found = estimates({"a": values, "b": 2 * values, "c": 1 + values}, seed=0)
    assert found["b"].low == pytest.approx(2 * found["a"].low)
    assert found["c"].high == pytest.approx(1 + found["a"].high)


def test_a_seed_repeats_an_interval():
    values = {"map": like_ndcg(np.random.default_rng(6), 60)}
    assert estimates(values, seed=1) == estimates(values, seed=1)
    assert estimates(values, seed=1) != estimates(values, seed=2)


def test_chunks_do_not_change_an_interval(monkeypatch):
    values = {"map": like_ndcg(np.random.default_rng(7), 60)}
    whole = estimates(values, seed=1)["map"]
    monkeypatch.setattr(certainty, "_CHUNK", 1)
    apart = estimates(values, seed=1)["map"]
    assert (apart.low, apart.high) == pytest.approx((whole.low, whole.high), rel=0.02)


def test_a_record_holds_none_for_what_is_not_finite():
    record = to_estimate(np.array([0.5, NAN, np.inf]), 1)
    assert record.model_dump() == {"value": 0.5, "low": None, "high": None, "n_users": 1}


# Tests of differences


def test_a_p_is_that_of_all_signs():
    better, worse = np.array([0.5, 0.9, 0.4, 0.8, 0.7]), np.array([0.1, 0.2, 0.3, 0.4, 0.8])
    # Differences 0.4, 0.7, 0.1, 0.4, -0.1 come to 1.5. Of the 16 ways to set the signs of four of
    # them against the fifth, three come to 1.5 or more: all alike, or one of the 0.1 opposed.
    (found,) = compare({"worse": worse, "better": better}, "map", seed=0)
    assert (found.better, found.worse, found.n_users) == ("better", "worse", 5)
    assert found.difference == pytest.approx(0.3)
    assert found.p == pytest.approx(3 / 16, abs=0.005)


def test_a_p_is_that_of_scipy():
    rng = np.random.default_rng(8)
    first, second = like_ndcg(rng, 12) + 0.06, like_ndcg(rng, 12)
    expected = stats.permutation_test(
        (first, second),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        n_resamples=math.inf,
    )
    (found,) = compare({"first": first, "second": second}, "map", seed=0)
    assert 0.01 < expected.pvalue < 0.5
    assert found.p == pytest.approx(expected.pvalue, abs=0.006)
    assert found.difference == pytest.approx(abs(expected.statistic))


def test_the_found_signs_count_as_one_of_those_drawn():
    values = {"good": np.linspace(0.8, 1, 100), "bad": np.linspace(0, 0.1, 100)}
    (found,) = compare(values, "map", seed=0, n_permutations=99)
    assert found.p == pytest.approx(1 / 100)


@pytest.mark.parametrize("max_groups", [5000, 30])
def test_1_of_20_equal_models_has_a_p_below_5_percent(max_groups, monkeypatch):
    monkeypatch.setattr(certainty, "_MAX_GROUPS", max_groups)
    rng = np.random.default_rng(9)
    p = [
        compare(
            {"a": like_ndcg(rng, n), "b": like_ndcg(rng, n)},
            "map",
            seed=seed,
            n_permutations=999,
            n_resamples=10,
        )[0].p
        for seed, n in enumerate(rng.integers(50, 101, TIMES).tolist())
    ]
    assert 0.03 <= np.mean(np.array(p) < 0.05) <= 0.07
    assert 0.45 <= np.mean(np.array(p) < 0.5) <= 0.55


def test_1_of_20_families_of_equal_models_has_a_difference():
    rng = np.random.default_rng(10)
    alone, corrected = 0, 0
    for seed in range(TIMES):
        values = {name: like_ndcg(rng, 75) for name in "abc"}
        pairs = compare(values, "map", seed=seed, n_permutations=999, n_resamples=10)
        alone += min(pair.p for pair in pairs) < 0.05
        corrected += min(pair.p_adjusted for pair in pairs) < 0.05
    assert 0.02 <= corrected / TIMES <= 0.07 < alone / TIMES


def test_a_true_difference_is_found():
    rng = np.random.default_rng(11)
    ease = rng.random(300)
    values = {
        name: np.clip(ease + lead + rng.normal(0, 0.1, 300), 0, 2)
        for name, lead in {"low": 0.0, "high": 0.1, "same": 0.0}.items()
    }
    found = {(pair.better, pair.worse): pair for pair in compare(values, "map", seed=0)}
    for worse in ("low", "same"):
        pair = found["high", worse]
        assert pair.p_adjusted < 0.001
        assert 0 < pair.low < pair.difference < pair.high
        assert pair.difference == pytest.approx(0.1, abs=0.03)
    (equal,) = (pair for pair in found.values() if pair.better != "high")
    assert equal.p_adjusted > 0.05
    assert equal.low < 0 < equal.high


def test_ten_models_can_be_told_apart():
    rng = np.random.default_rng(12)
    values = {str(i): i + rng.random(40) for i in range(10)}
    found = compare(values, "map", seed=0)
    assert len(found) == 45
    assert max(pair.p_adjusted for pair in found) < 0.001


def test_identical_models_are_not_different():
    values = like_ndcg(np.random.default_rng(13), 200)
    (found,) = compare({"a": values, "b": values.copy()}, "map", seed=0)
    assert (found.better, found.worse) == ("a", "b")
    assert (found.difference, found.low, found.high) == (0, 0, 0)
    assert (found.p, found.p_adjusted) == (1, 1)


def test_equal_sums_but_for_rounding_are_not_different():
    values = np.array([0.1, 0.2, 0.3, 0.7, 0.6])
    (found,) = compare({"a": values, "b": values[::-1]}, "map", seed=0)
    assert found.p == 1


def test_signs_as_far_but_for_rounding_count():
    # All of 0.1: 2 of the 2**10 signs are as far, however their sums are rounded.
    (found,) = compare({"a": np.full(10, 0.1), "b": np.zeros(10)}, "map", seed=0)
    assert found.p == pytest.approx(2 / 1024, rel=0.2)


def test_users_without_a_value_of_both_are_left_out():
    first = np.array([0.5, NAN, 0.9, 0.4, 1.0])
    second = np.array([0.1, 1.0, 0.2, NAN, 0.2])
    (found,) = compare({"first": first, "second": second}, "map", seed=0)
    both = [0, 2, 4]
    (alone,) = compare({"first": first[both], "second": second[both]}, "map", seed=0)
    assert found == alone
    assert found.n_users == 3
    assert found.difference == pytest.approx((0.4 + 0.7 + 0.8) / 3)


def test_each_pair_has_users_of_its_own():
    values = {
        "a": np.array([1.0, 1.0, 1.0, 1.0]),
        "b": np.array([0.0, 0.5, NAN, NAN]),
        "c": np.array([NAN, 0.0, 0.0, 0.3]),
    }
    # b and c share one user, who tells nothing about others.
    a_b, a_c = compare(values, "map", seed=0)
    assert (a_b.worse, a_b.n_users, a_b.difference) == ("b", 2, 0.75)
    assert (a_c.worse, a_c.n_users) == ("c", 3)
    assert a_c.difference == pytest.approx(0.9)


def test_nothing_to_compare():
    values = np.array([0.1, 0.2])
    assert compare({}, "map", seed=0) == ()
    assert compare({"a": values}, "map", seed=0) == ()
    assert compare({"a": values, "b": np.full(2, NAN)}, "map", seed=0) == ()


def test_of_errors_the_lower_is_better():
    values = {"rough": np.array([1.0, 1.2, 0.9]), "fine": np.array([0.8, 0.9, 0.9])}
    (found,) = compare(values, "rmse", seed=0, lower_is_better=True)
    assert (found.better, found.worse) == ("fine", "rough")
    assert found.difference == pytest.approx(0.5 / 3)
    assert 0 <= found.low < found.difference < found.high


def test_pairs_come_in_the_order_of_the_models():
    values = {name: np.array([lead, lead + 0.1]) for name, lead in [("x", 0.3), ("y", 0), ("z", 1)]}
    found = compare(values, "ndcg@10", seed=0)
    assert [(pair.better, pair.worse) for pair in found] == [("x", "y"), ("z", "x"), ("z", "y")]
    assert {pair.metric for pair in found} == {"ndcg@10"}


def test_holm_by_hand():
    # Times 4, 3, 2, 1 in order of size; never less than the one before; never above 1.
    found = certainty._holm(np.array([0.04, 0.01, 0.9, 0.03]))
    assert found.tolist() == pytest.approx([0.09, 0.04, 0.9, 0.09])
    assert certainty._holm(np.array([0.6, 0.7])).tolist() == [1, 1]


def test_values_of_other_users_are_refused():
    with pytest.raises(InvalidRequestError, match=r"same users.* a 2, b 3"):
        compare({"a": np.zeros(2), "b": np.zeros(3)}, "map", seed=0)


# In words


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (0.0004, "hybrid beats als by 0.013 ± 0.004 NDCG@10, p < 0.001"),
        (0.0124, "hybrid beats als by 0.013 ± 0.004 NDCG@10, p = 0.012"),
        (0.05, "no difference shown between hybrid and als: 0.013 ± 0.004 NDCG@10, p = 0.05"),
        (0.31, "no difference shown between hybrid and als: 0.013 ± 0.004 NDCG@10, p = 0.31"),
        (1.0, "no difference shown between hybrid and als: 0.013 ± 0.004 NDCG@10, p = 1"),
    ],
)
def test_a_verdict_goes_by_the_corrected_p(p, expected):
    assert verdict(comparison(p=0.0001, p_adjusted=p), "NDCG@10") == expected


def test_a_narrow_interval_has_the_decimals_it_needs():
    narrow = comparison(difference=0.00042, low=0.00036, high=0.00048)
    assert "by 0.00042 ± 0.00006 RMSE" in verdict(narrow, "RMSE")


def test_an_interval_of_no_width_has_three_decimals():
    same = comparison(difference=0.0, low=0.0, high=0.0, p_adjusted=1.0)
    assert "als: 0.000 ± 0.000 MAP" in verdict(same, "MAP")
