from benchmarks.accuracy import RULES, VARIANTS, accuracy
from benchmarks.report import quality_table
from recsys.models.registry import MODELS
from tests.conftest import quiet_stage, write_movielens


def test_every_protocol_and_every_way_to_predict_stars_is_measured(tmp_path):
    found = accuracy(write_movielens(tmp_path / "tiny", n_seen=14), quiet_stage)
    names = [one["protocol"].partition(":")[0] for one in found["protocols"]]
    assert names == ["random", "leave-last", "temporal", "unseen-users"] + ["few-ratings"] * 4 + [
        "cold-items"
    ]
    for one in found["protocols"]:
        assert set(one["models"]) == {*MODELS, "random", "most_rated"}
    assert found["stars"]["protocol"] == "random:0.2"
    assert set(found["stars"]["models"]) == set(VARIANTS)
    assert all(0 < one["low"] < one["high"] for one in found["stars"]["models"].values())
    text = quality_table({"parts": {"accuracy-tiny": found}}, "accuracy-tiny")
    assert text.count("**") == 2 * len(found["protocols"])
    assert RULES.seed == 42
