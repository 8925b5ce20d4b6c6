"""Models that can be looked at after each sweep of their fit."""

from dataclasses import replace
from itertools import pairwise

import numba
import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from recsys.errors import InvalidRequestError
from recsys.models.als import ALS, ALSConfig
from recsys.models.biased_als import BiasedALS, BiasedALSConfig, Sampling
from tests.builders import two_tastes

DATASET = two_tastes()
PROFILES = [DATASET.profile(user) for user in range(DATASET.n_users)]
MODELS = {
    "als": ALS(ALSConfig(n_factors=4, regularization=0.1, n_iterations=4)),
    "biased_als": BiasedALS(
        BiasedALSConfig(n_factors=4, regularization=1.0, n_iterations=4, tolerance=0.0)
    ),
}
POSTERIOR = BiasedALSConfig(
    n_factors=2, posterior=True, sampling=Sampling(burn_in=2, n_samples=3, thinning=1)
)
either = pytest.mark.parametrize("name", MODELS)


def new(name, **changes):
    config = replace(MODELS[name].config, **changes)
    return type(MODELS[name])(config)


def copies(model):
    return {name: array.copy() for name, array in model.arrays().items()}


def assert_same(arrays, others):
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)


def thread_settings():
    blas = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return numba.get_num_threads(), blas


@either
def test_the_model_itself_comes_after_every_sweep(name):
    model = new(name)
    n_losses = []
    for yielded in model.sweeps(DATASET):
        assert yielded is model
        n_losses.append(len(model.losses))
    assert n_losses == [1, 2, 3, 4]


@either
def test_after_each_sweep_it_is_the_fit_of_so_many_iterations(name):
    seen = 0
    for seen, model in enumerate(new(name).sweeps(DATASET), start=1):
        fitted = new(name, n_iterations=seen).fit(DATASET)
        assert_same(model.arrays(), fitted.arrays())
        np.testing.assert_array_equal(model.score(PROFILES), fitted.score(PROFILES))
        assert model.losses == fitted.losses
    assert seen == 4


def test_errors_and_predictions_too_are_those_of_the_fit():
    for n, model in enumerate(new("biased_als").sweeps(DATASET), start=1):
        fitted = new("biased_als", n_iterations=n).fit(DATASET)
        assert model.rmse == fitted.rmse
        stars, _ = model.predict(PROFILES[0], range(DATASET.n_items))
        np.testing.assert_array_equal(stars, fitted.predict(PROFILES[0], range(DATASET.n_items))[0])


@either
def test_no_two_sweeps_leave_the_same_model(name):
    scores = [model.score(PROFILES) for model in new(name).sweeps(DATASET)]
    for earlier, later in pairwise(scores):
        assert not np.array_equal(earlier, later, equal_nan=True)


@either
def test_who_stops_early_keeps_the_model_of_the_last_sweep_seen(name):
    model = new(name)
    sweeps = model.sweeps(DATASET)
    next(sweeps)
    next(sweeps)
    sweeps.close()
    fitted = new(name, n_iterations=2).fit(DATASET)
    assert_same(model.arrays(), fitted.arrays())
    np.testing.assert_array_equal(model.score(PROFILES), fitted.score(PROFILES))
    assert model.losses == fitted.losses


@either
def test_a_sweep_that_fails_leaves_the_model_of_the_one_before(name):
    def full_stop(done, total):
        if done == 3:
            raise KeyboardInterrupt

    model = new(name)
    with pytest.raises(KeyboardInterrupt):
        list(model.sweeps(DATASET, full_stop))
    assert_same(model.arrays(), new(name, n_iterations=2).fit(DATASET).arrays())
    assert len(model.losses) == 2


@either
def test_arrays_kept_from_a_sweep_do_not_change_later(name):
    kept = [(model.arrays(), copies(model)) for model in new(name).sweeps(DATASET)]
    for arrays, as_they_were in kept:
        assert_same(arrays, as_they_were)


@either
def test_a_model_can_go_through_its_sweeps_again(name):
    model = new(name).fit(two_tastes(seed=1))
    for _ in model.sweeps(DATASET):
        pass
    assert_same(model.arrays(), new(name).fit(DATASET).arrays())
    assert len(model.losses) == 4


@either
def test_nothing_is_learned_before_the_first_sweep_is_asked_for(name):
    model = new(name).fit(two_tastes(seed=1))
    before = copies(model)
    model.sweeps(DATASET).close()
    assert_same(model.arrays(), before)


@either
def test_the_sweeps_end_when_the_loss_hardly_falls(name):
    long = new(name, n_iterations=100, tolerance=0.02)
    n_sweeps = sum(1 for _ in long.sweeps(DATASET))
    assert 2 <= n_sweeps < 100
    falls = 1 - np.array(long.losses[1:]) / long.losses[:-1]
    assert (falls[:-1] >= 0.02).all()
    assert falls[-1] < 0.02
    assert_same(long.arrays(), new(name, n_iterations=n_sweeps).fit(DATASET).arrays())


@either
def test_progress_has_been_told_of_a_sweep_that_is_seen(name):
    calls = []
    for n, _ in enumerate(new(name).sweeps(DATASET, lambda *call: calls.append(call)), start=1):
        assert calls == [(done, 4) for done in range(1, n + 1)]


@either
def test_between_sweeps_threads_are_as_the_consumer_set_them(name):
    with threadpool_limits(2, "blas"):
        before = thread_settings()
        assert set(before[1]) == {2}
        # Sweeps run in one thread: settings that leaked out of them would be seen.
        between = [thread_settings() for _ in new(name, n_threads=1).sweeps(DATASET)]
        assert between == [before] * 4
        assert thread_settings() == before


@either
def test_an_abandoned_fit_leaves_threads_as_the_consumer_set_them(name):
    with threadpool_limits(2, "blas"):
        before = thread_settings()
        sweeps = new(name, n_threads=1).sweeps(DATASET)
        next(sweeps)
        assert thread_settings() == before
        sweeps.close()
        assert thread_settings() == before


@either
def test_threads_the_consumer_sets_between_sweeps_stay(name):
    before = numba.get_num_threads()
    try:
        sweeps = new(name).sweeps(DATASET)
        next(sweeps)
        numba.set_num_threads(1)
        next(sweeps)
        assert numba.get_num_threads() == 1
        sweeps.close()
        assert numba.get_num_threads() == 1
    finally:
        numba.set_num_threads(before)


def test_a_posterior_comes_once_at_the_end():
    model = BiasedALS(POSTERIOR)
    assert [yielded is model for yielded in model.sweeps(DATASET)] == [True]
    assert_same(model.arrays(), BiasedALS(POSTERIOR).fit(DATASET).arrays())
    assert len(model.rmse) == 5


def test_a_model_of_implicit_comes_once_at_the_end():
    calls = []
    model = new("als", backend="implicit")
    sweeps = model.sweeps(DATASET, lambda *call: calls.append(call))
    assert [yielded is model for yielded in sweeps] == [True]
    assert_same(model.arrays(), new("als", backend="implicit").fit(DATASET).arrays())
    assert model.losses == []
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]


@either
def test_a_fit_without_sweeps_is_refused(name):
    model = new(name, n_iterations=0)
    with pytest.raises(InvalidRequestError, match="n_iterations"):
        model.fit(DATASET)
    with pytest.raises(InvalidRequestError, match="n_iterations"):
        next(model.sweeps(DATASET))
