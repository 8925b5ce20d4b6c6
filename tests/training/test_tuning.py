import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys.errors import InvalidRequestError
from recsys.evaluation.task import Rules
from recsys.models.als import ALSConfig
from recsys.models.registry import MODELS
from recsys.training import tuning
from recsys.training.search_spaces import SPACES, names_of, values_of, with_values
from recsys.training.study import enqueue_first, open_study
from recsys.training.tuning import contenders, tune
from recsys.training.tuning_config import TuningConfig
from tests.builders import two_tastes
from tests.conftest import quiet_stage
from tests.evaluation.test_protocols import diary

ROOT = Path(__file__).resolve().parents[2]
DATASET = diary(n_users=24, per_user=12)
SMALL = {"als": ALSConfig(n_factors=16)}


def run(model="item_item", n_trials=3, dataset=DATASET, **options):
    return tune(dataset, TuningConfig(model, n_trials, **options), quiet_stage)


@pytest.mark.parametrize("model", SPACES)
def test_every_setting_of_a_space_can_be_read_and_replaced(model):
    usual = MODELS[model][1]()
    values = values_of(usual, list(SPACES[model]))
    assert with_values(usual, values) == usual
    for name, value in values.items():
        assert SPACES[model][name].low <= value <= SPACES[model][name].high
        other = SPACES[model][name].high
        assert values_of(with_values(usual, {name: other}), [name]) == {name: other}


def test_only_weights_that_some_profile_uses_are_tuned():
    assert names_of("hybrid", [2, 12]) == [
        f"{weight}.{size}" for weight in ("alpha", "item_item", "popularity") for size in (0, 2)
    ]


@pytest.mark.parametrize("model", SPACES)
def test_the_search_is_never_behind_what_it_began_with(model):
    found = run(model, configs=SMALL)
    assert found.n_finished == 3
    assert found.usual_value is not None
    better = min if model == "biased_als" else max
    assert better(found.value, found.usual_value) == found.value
    assert type(found.config) is MODELS[model][1]


def test_the_better_settings_are_found():
    # A penalty like this leaves nothing of the ratings.
    poor = {"biased_als": replace(MODELS["biased_als"][1](), bias_regularization=30.0)}
    found = run("biased_als", 12, two_tastes(), configs=poor)
    assert found.value < found.usual_value
    assert found.config.bias_regularization < 30


def test_a_search_goes_on_where_another_ended(tmp_path):
    study = f"sqlite:///{tmp_path / 'studies.db'}"
    first = run(n_trials=2, study=study)
    again = run(n_trials=2, study=study)
    more = run(n_trials=4, study=study)
    assert (first.n_finished, again.n_finished, more.n_finished) == (2, 2, 4)
    assert again.config == first.config
    assert more.value >= first.value
    other = run(n_trials=1, study=study, dataset=two_tastes())
    assert other.n_finished == 1


@pytest.mark.parametrize(
    ("model", "metric", "message"),
    [
        ("als", "rmse", "makes lists, and 'rmse' says nothing about their order"),
        ("hybrid", "mae", "makes lists"),
        ("biased_als", "ndcg", "predicts stars, and 'ndcg' does not measure them"),
        ("als", "auc", "choose ndcg or recall or map"),
    ],
)
def test_a_metric_that_says_nothing_of_the_model_is_refused(model, metric, message):
    with pytest.raises(InvalidRequestError, match=message):
        TuningConfig(model, metric=metric)


def test_models_without_settings_to_tune_are_refused():
    with pytest.raises(InvalidRequestError, match="nothing to tune of 'popularity'"):
        TuningConfig("popularity")


def test_a_study_that_can_not_be_opened_is_refused(tmp_path):
    for address in ("nowhere", f"sqlite:///{tmp_path}/no/folder.db", "postgresql://x"):
        with pytest.raises(InvalidRequestError, match="can't be opened"):
            run(study=address)


def test_data_of_one_user_is_refused():
    with pytest.raises(InvalidRequestError, match="2 users"):
        run(dataset=diary(n_users=1, per_user=10))


def test_who_tests_did_not_judge_the_search(monkeypatch):
    asked = []
    of = tuning.Task.of
    monkeypatch.setattr(
        tuning.Task,
        "of",
        lambda split, rules, users: asked.append(users) or of(split, rules, users),
    )
    found = run()
    (judges,) = asked
    assert not np.intersect1d(judges, found.testers).size
    np.testing.assert_array_equal(np.union1d(judges, found.testers), found.split.users)


@pytest.mark.parametrize("model", ["item_item", "hybrid"])
def test_what_was_found_is_fitted_beside_what_it_began_with(model):
    config = TuningConfig(model, 2, configs=SMALL)
    found = tune(DATASET, config, quiet_stage)
    names = [name for name, _ in contenders(config, found, quiet_stage, found.split.train)]
    assert names == [f"{model}, usual", f"{model}, tuned"]


def test_a_time_too_short_for_a_trial_is_told(monkeypatch):
    monkeypatch.setattr(tuning, "finished_trials", lambda study: [])
    with pytest.raises(InvalidRequestError, match="longer timeout"):
        run(n_trials=1, timeout=0.001)


def trials_of(database):
    """Return the finished trials of a study on disk: number and values."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return set(
            connection.execute(
                "SELECT number, value FROM trials JOIN trial_values USING (trial_id) "
                "WHERE state = 'COMPLETE'"
            )
        )


def test_a_killed_search_loses_no_finished_trial(medium_folder, tmp_path):
    command = [sys.executable, "-m", "recsys", "tune", "--model", "biased_als"]
    command += ["--data", str(medium_folder), "--artifacts", str(tmp_path)]
    database = tmp_path / "studies.db"
    searching = subprocess.Popen(
        [*command, "--trials", "500"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    finished = set()
    while len(finished) < 4:
        assert searching.poll() is None
        time.sleep(0.2)
        if database.exists():
            try:
                finished = trials_of(database)
            except sqlite3.OperationalError:  # its tables are being made
                continue
    os.kill(searching.pid, signal.SIGKILL)
    searching.wait()
    before = trials_of(database)
    ended = subprocess.run(
        [*command, "--trials", str(len(before) + 2)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    after = trials_of(database)
    assert before <= after
    assert f"{len(before) + 2} finished" in ended.stdout
    assert (tmp_path / "tuned-biased_als.json").exists()


def test_a_search_with_another_aim_is_another_study(tmp_path):
    study = f"sqlite:///{tmp_path / 'studies.db'}"
    aims = [Rules(ks=(10,)), Rules(ks=(10,), relevant=4.0), Rules(ks=(10,), n_sampled=6)]
    found = [run(n_trials=1, study=study, rules=rules) for rules in aims]
    assert len({one.study for one in found}) == 3
    assert [one.n_finished for one in found] == [1, 1, 1]


def test_a_first_trial_that_failed_is_tried_again():
    study = open_study(None, "x", lower_is_better=False, seed=1)
    values = {"a": 0.5}
    for _ in range(2):
        enqueue_first(study, values)
    assert len(study.trials) == 1
    study.optimize(lambda trial: trial.suggest_float("a", 0, 1) / 0, 1, catch=ZeroDivisionError)
    enqueue_first(study, values)
    study.optimize(lambda trial: trial.suggest_float("a", 0, 1), 1)
    assert study.best_params == values
    enqueue_first(study, values)
    assert [trial.state.name for trial in study.trials] == ["FAIL", "COMPLETE"]


def test_a_fit_that_ends_early_has_a_value():
    usual = MODELS["biased_als"][1]()
    for begun in (replace(usual, tolerance=0.9), replace(usual, posterior=True)):
        found = run("biased_als", 1, configs={"biased_als": begun})
        assert np.isfinite(found.value)
