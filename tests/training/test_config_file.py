import json

import pytest

from recsys.errors import InvalidRequestError
from recsys.models.als import ALSConfig
from recsys.models.base import Preference
from recsys.models.hybrid import HybridConfig
from recsys.training.config_file import read_configs, write_configs
from recsys.training.pipeline import TrainingConfig, model_configs


def read(tmp_path, content):
    path = tmp_path / "config.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_configs(path)


def test_what_was_written_is_read(tmp_path):
    configs = {
        "als": ALSConfig(n_factors=48, preference=Preference(gamma=0.5)),
        "hybrid": HybridConfig(alpha=(0.1, 0.2, 0.3, 0.4)),
    }
    path = tmp_path / "new folder" / "config.json"
    write_configs(path, configs, {"study": {"trials": 7}})
    assert read_configs(path) == configs
    assert json.loads(path.read_text())["study"] == {"trials": 7}
    assert [file.name for file in path.parent.iterdir()] == ["config.json"]


def test_what_is_left_out_keeps_its_default(tmp_path):
    configs = read(tmp_path, {"models": {"als": {"n_factors": 48, "preference": {"gamma": 1}}}})
    assert configs == {"als": ALSConfig(n_factors=48, preference=Preference(gamma=1))}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not JSON"),
        ("[]", "holds no settings"),
        ({"als": {}}, "holds no settings"),
        ({"models": {"bpr": {}}}, "no model 'bpr'"),
        ({"models": {"als": {"factors": 8}}}, "als has no setting 'factors'"),
        ({"models": {"als": {"preference": {"delta": 8}}}}, "als.preference has no setting"),
        ({"models": {"als": {"n_factors": "8"}}}, "als.n_factors must be a whole number"),
        ({"models": {"als": {"n_factors": 8.0}}}, "als.n_factors must be a whole number"),
        ({"models": {"als": {"n_factors": 0}}}, "als: ALS needs 1 factor"),
        ({"models": {"als": {"n_factors": 8.5}}}, "als.n_factors must be a whole number"),
        ({"models": {"als": {"n_factors": True}}}, "als.n_factors must be a whole number"),
        ({"models": {"als": {"alpha": -1}}}, "als.alpha must be a number of 0 or more"),
        ({"models": {"als": {"alpha": float("nan")}}}, "als.alpha must be a number"),
        ({"models": {"als": {"backend": 3}}}, 'als.backend must be like "numba"'),
        ({"models": {"als": 3}}, "als must be settings by name"),
        ({"models": {"hybrid": {"alpha": [0.5]}}}, "hybrid.alpha must be a list of 4 numbers"),
        ({"models": {"hybrid": {"alpha": [0.5, 2, 0, 0]}}}, "between 0 and 1"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path, content, message):
    with pytest.raises(InvalidRequestError, match=message):
        read(tmp_path, content)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InvalidRequestError, match="can't be read"):
        read_configs(tmp_path / "nothing.json")


def test_a_training_takes_the_settings_and_its_own_seed():
    configs = {"als": ALSConfig(n_factors=48, seed=1), "hybrid": HybridConfig()}
    found = model_configs(TrainingConfig(seed=7, configs=configs))
    assert (found["als"].n_factors, found["als"].seed) == (48, 7)
    assert found["hybrid"] == HybridConfig()
    assert model_configs(TrainingConfig())["hybrid"] is None  # it learns its weights
