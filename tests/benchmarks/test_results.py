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


def test_only_the_real_data_are_shown_as_such(path):
    figures = {
        "ndcg_at_10": {"als": 0.123},
        "rmse": {"biased_als": 0.987},
        "new_films": {
            "n_withheld": 10,
            "n_wanted": 9,
            "found": {"hybrid": 8, "popularity_by_genre": 2},
            "ratio": 4.0,
        },
    }
    results.record("accuracy-demo", figures, path)
    assert quality_table(results.load(path)) == "Nothing is measured yet."
    results.record("accuracy-ml-latest-small", figures, path)
    text = quality_table(results.load(path))
    for part in ("| `als` | 0.123 |", "| biased_als | 0.987 |", "8 of 9 wanted", "4.0 times"):
        assert part in text
