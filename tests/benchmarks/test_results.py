import json

import pytest

from benchmarks import results
from benchmarks.report import MISSING, ROWS, quality_table, table, write_tables

FIT = {
    "ours_s": {"median": 0.7},
    "implicit_s": {"median": 1.4},
    "implicit_ratio": 2.0,
    "lenskit_ratio": "not installed",
    "spark_s": {"median": 70.0},
    "spark_ratio": 100.0,
}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(results, "versions", lambda: {"python": "3.11", "spark": "not installed"})
    monkeypatch.setattr(results, "commit", lambda: "abc")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "results.json"


def test_parts_are_merged(path):
    results.record("one", {"ratio": 1.0}, path)
    results.record("two", {"ratio": 2.0}, path)
    results.record("one", {"ratio": 3.0}, path)
    parts = results.load(path)["parts"]
    assert {name: part["ratio"] for name, part in parts.items()} == {"one": 3.0, "two": 2.0}
    assert parts["one"]["commit"] == "abc"


def test_figures_of_another_machine_are_dropped(path, monkeypatch):
    results.record("one", {}, path)
    monkeypatch.setattr(results, "machine", lambda: {"cpu": "another"})
    results.record("two", {}, path)
    assert set(results.load(path)["parts"]) == {"two"}


def test_the_results_are_replaced_as_a_whole(path):
    results.record("one", {}, path)
    with pytest.raises(TypeError):
        results.record("two", {"bad": object()}, path)
    assert set(json.loads(path.read_text())["parts"]) == {"one"}
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_summary_keeps_the_samples():
    assert results.summary([3.0, 1.0, 2.0]) == {"median": 2.0, "samples": [3.0, 1.0, 2.0]}


def test_nothing_measured_makes_a_whole_table():
    lines = table({"parts": {}}).splitlines()
    assert len(lines) == 2 + len(ROWS)
    assert all(MISSING in line for line in lines[2:])


def test_the_table_shows_figures_and_what_is_missing(path):
    results.record("fit-1m-64", FIT, path)
    lines = table(results.load(path)).splitlines()
    line = next(line for line in lines if "LensKit" in line)
    assert "2.0 x (1.40 s) / lenskit: not installed / 100.0 x (70.00 s); ours 0.70 s" in line
    assert "spark not installed" in lines[-1]


def test_an_extrapolated_figure_says_so(path):
    figures = {"seconds": {"median": 120.0}, "extrapolated": True, "asked": 500}
    results.record("lists-25m-als", figures, path)
    assert "2.0 min (extrapolated from 500 users)" in table(results.load(path))


def test_small_sets_are_not_taken_for_the_large_one(path):
    results.record("als-1m-64", {"ratio": 9.9}, path)
    assert "9.9" not in table(results.load(path))


def test_the_table_is_written_between_its_marks(tmp_path):
    readme = tmp_path / "README.md"
    places = [f"<!-- {name} -->\nold\n<!-- /{name} -->\n" for name in ("quality", "bench")]
    readme.write_text("before\n" + "between\n".join(places) + "after\n")
    for _ in range(2):
        write_tables({"parts": {}}, readme)
    text = readme.read_text()
    assert text.startswith("before\n<!-- quality -->\n\nNothing is measured yet.\n\n<!-- /quality")
    assert "<!-- /quality -->\nbetween\n<!-- bench -->\n\n| What" in text
    assert text.endswith("|\n\n<!-- /bench -->\nafter\n")
    assert "old" not in text


def test_a_readme_without_marks_is_left_alone(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("mine")
    with pytest.raises(ValueError, match="no place"):
        write_tables({"parts": {}}, readme)
    assert readme.read_text() == "mine"


def lead(better, worse, p):
    return {
        "metric": "ndcg@10",
        "better": better,
        "worse": worse,
        "difference": 0.02,
        "low": 0.01,
        "high": 0.03,
        "p": p,
        "p_adjusted": p,
        "n_users": 610,
    }


def lists_of(protocol, models, comparisons):
    return {
        "protocol": protocol,
        "users": 610,
        "metric": "ndcg@10",
        "models": {name: {"value": value} for name, value in models.items()},
        "comparisons": comparisons,
    }


FIRST = lists_of(
    "random:0.25",
    {"hybrid": 0.42, "als": 0.41, "svd": 0.3},
    [lead("hybrid", "als", 0.2), lead("hybrid", "svd", 0.001)],
)
SECOND = lists_of(
    "cold-items:0.2",
    {"als": 0.2, "hybrid": 0.18, "svd": 0.1},
    [lead("als", "hybrid", 0.01), lead("als", "svd", 0.001), lead("hybrid", "svd", 0.001)],
)
STARS = {
    "protocol": "random:0.2",
    "users": 610,
    "models": {
        "biases alone": {"value": 0.87, "low": 0.85, "high": 0.89},
        "biased_als": {"value": 0.85, "low": 0.83, "high": 0.87},
    },
}


def quality_of(*protocols):
    found = {"data": "ml-latest-small", "protocols": protocols, "stars": STARS}
    return quality_table({"parts": {"accuracy-ml-latest-small": found}}).splitlines()


def test_the_best_of_each_protocol_and_those_level_with_it_are_marked():
    assert quality_of(FIRST, SECOND)[:5] == [
        "| NDCG@10 | random:0.25, 610 users | cold-items:0.2, 610 users |",
        "| --- | ---: | ---: |",
        "| `hybrid` | **0.420** | 0.180 |",
        "| `als` | 0.410 = | **0.200** |",
        "| `svd` | 0.300 | 0.100 |",
    ]


def test_where_the_hybrid_is_behind_is_said():
    text = quality_of(FIRST, SECOND)
    assert "- cold-items:0.2: als beats hybrid by 0.020 ± 0.010 NDCG@10, p = 0.01" in text
    assert not any("random:0.25:" in line for line in text)


def test_a_hybrid_nobody_is_shown_to_beat_is_level():
    level = lists_of(
        "few-ratings:1",
        {"als": 0.2, "hybrid": 0.18, "svd": 0.1},
        [lead("als", "hybrid", 0.3), lead("als", "svd", 0.001)],
    )
    assert "`hybrid` is first or level with the best everywhere." in quality_of(FIRST, level)


def test_the_least_error_of_stars_comes_first():
    assert quality_of(FIRST)[-4:] == [
        "| Predicted stars, random:0.2 | RMSE | 95 % |",
        "| --- | ---: | ---: |",
        "| biased_als | 0.850 | 0.830-0.870 |",
        "| biases alone | 0.870 | 0.850-0.890 |",
    ]


def test_only_the_real_data_are_shown_as_such():
    found = {"data": "demo", "protocols": [FIRST], "stars": STARS}
    results = {"parts": {"accuracy-demo": found}}
    assert quality_table(results) == "Nothing is measured yet."
    assert "**0.420**" in quality_table(results, "accuracy-demo")
