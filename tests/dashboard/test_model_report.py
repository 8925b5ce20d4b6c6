"""The page that says how good the live version is, and what it was made of."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recsys.evaluation.definitions import METRICS
from recsys.store.manifest import Manifest
from tests.conftest import write_movielens
from tests.dashboard.page_runs import REPORT, checked, notices, open_page

Use = Callable[..., None]


def manifest_of(artifacts: Path) -> Manifest:
    """Manifest of the live version."""
    version = json.loads((artifacts / "current.json").read_text())["version"]
    return Manifest.parse((artifacts / "versions" / version / "manifest.json").read_text(), "")


def charts(test: AppTest) -> list[str]:
    """Alternative texts of all charts."""
    return [chart.proto.alt for chart in test.get("vega_lite_chart")]


def cells(test: AppTest) -> list[str]:
    """Everything that is in tables, headings included."""
    frames = [table.value for table in test.table]
    return [
        str(cell)
        for frame in frames
        for cell in (*frame.columns, *frame.index, *frame.to_numpy().ravel())
    ]


def unescaped(text: str) -> str:
    # An invisible joiner keeps what looks like an address from becoming a link.
    return text.replace("\\", "").replace("\u2060", "")


def test_quality_has_words_figures_and_charts(demo: Path, use: Use) -> None:
    use(demo)
    shown = open_page(REPORT)
    evaluation = manifest_of(demo).evaluation
    assert evaluation is not None
    (result,) = evaluation.protocols
    said = unescaped(notices(shown))
    assert result.description in said
    assert all(verdict in said for verdict in result.verdicts)
    assert "python -m recsys evaluate --html report.html" in said
    best = result.models[0]
    value = best.metrics[result.primary].value
    assert value is not None
    first = shown.table[0].value
    assert unescaped(first.index[0]) == best.name
    assert first["NDCG@10"].iloc[0].startswith(f"**{value:.3f}** ")
    assert sum(cell.startswith("**") for cell in first["NDCG@10"]) == 1
    for metric in METRICS.values():
        assert f"**{metric.label}" in said
        assert metric.definition in said
    assert len(charts(shown)) == 7
    assert charts(shown)[0].startswith(f"{best.name} has the highest NDCG@10, {value:.3f}")


def test_the_length_of_the_lists_can_be_chosen(demo: Path, use: Use) -> None:
    use(demo)
    shown = open_page(REPORT)
    assert "Recall@10" in cells(shown)
    checked(shown.segmented_control(key="k").set_value("20").run())
    assert "Recall@20" in cells(shown)
    assert "Recall@10" not in cells(shown)
    assert "highest NDCG@20" in charts(shown)[0]
    assert "Recall@5" in cells(open_page(REPORT, k="5"))


@pytest.mark.parametrize("query", [{"part": "Nonsense"}, {"k": "7"}, {"k": ""}, {"part": ""}])
def test_strange_addresses_show_quality(query: dict[str, str], demo: Path, use: Use) -> None:
    use(demo)
    assert "Recall@10" in cells(open_page(REPORT, **query))


def test_data_has_four_charts(demo: Path, use: Use) -> None:
    use(demo)
    shown = open_page(REPORT, part="Data")
    assert len(charts(shown)) == 4
    data = manifest_of(demo).dataset
    assert f"**{data.n_ratings:,}** simulated ratings" in notices(shown)
    assert f"of all {data.n_ratings:,}" in charts(shown)[0]


@pytest.fixture
def unevaluated(tmp_path: Path, train_folder: Callable[..., Manifest]) -> Path:
    """Artifacts of 15 people with a single rating each, so that none can be held out."""
    data = write_movielens(tmp_path / "data", n_seen=1)
    manifest = train_folder(data, tmp_path / "artifacts", models=("popularity",))
    assert manifest.evaluation is None
    return tmp_path / "artifacts"


def test_data_that_training_did_not_count_is_counted(unevaluated: Path, use: Use) -> None:
    use(unevaluated)
    shown = open_page(REPORT, part="Data")
    assert len(charts(shown)) == 4
    assert "of all 15;" in charts(shown)[0]
    assert charts(shown)[3].startswith("15 of 15 users (100%) have 1 or more ratings")


def test_a_version_without_evaluation_says_so(unevaluated: Path, use: Use) -> None:
    use(unevaluated)
    shown = open_page(REPORT)
    assert "was not evaluated" in notices(shown)
    assert charts(shown) == []
    assert len(shown.table) == 0


def test_version_has_the_models_their_settings_and_the_learned_weights(
    demo: Path, use: Use
) -> None:
    use(demo)
    shown = open_page(REPORT, part="Version")
    manifest = manifest_of(demo)
    found = [unescaped(cell) for cell in cells(shown)]
    size = sum(path.stat().st_size for path in demo.glob("versions/*/*.*"))
    assert manifest.version in found
    assert any(cell.endswith(" MB") for cell in found)
    megabytes = next(float(cell.removesuffix(" MB")) for cell in found if cell.endswith(" MB"))
    assert megabytes == pytest.approx(size / 1e6, abs=0.2)
    assert [unescaped(expander.label) for expander in shown.expander] == list(manifest.models)
    assert "preference.gamma" in found
    weights = next(table.value for table in shown.table if "ALS weight" in table.value.columns)
    assert list(weights.index)[-1].endswith("or more")
    for record, (_, row) in zip(manifest.blend, weights.iterrows(), strict=True):
        shares = [float(row[f"{part} weight"]) for part in PARTS]
        assert sum(shares) == pytest.approx(1, abs=0.021)
        assert shares[0] == pytest.approx(record.alpha * record.popularity, abs=0.006)
        assert shares[3] == pytest.approx(1 - record.alpha, abs=0.006)
        assert row["Hybrid"].strip("*") == f"{record.ndcg_at_10['hybrid']:.3f}"


PARTS = ("Popularity", "ALS", "Item-item", "Content")


@pytest.mark.parametrize("models", ["popularity", "als", "content,als"])
@pytest.mark.parametrize("part", ["Quality", "Data", "Version"])
def test_a_subset_of_the_models(
    part: str, models: str, subset: Callable[[str], Path], use: Use
) -> None:
    use(subset(models))
    shown = open_page(REPORT, part=part)
    if part == "Version":
        assert "The hybrid was not trained." in notices(shown)


@pytest.mark.parametrize("part", ["Quality", "Data", "Version"])
def test_hostile_genres_and_no_timestamps(
    part: str, hostile_artifacts: Callable[[bool], Path], use: Use
) -> None:
    use(hostile_artifacts(False))
    shown = open_page(REPORT, part=part)
    for code in ("<script", "<img src=x", "](http"):
        assert code not in notices(shown)


@pytest.mark.real_data
def test_the_real_data_is_described(real_artifacts: Path, use: Use) -> None:
    use(real_artifacts)
    shown = open_page(REPORT, part="Data")
    assert "The most rated 972 of 9,724 films (10%) have 60% of the ratings." in charts(shown)
    assert "simulated" not in notices(shown)
