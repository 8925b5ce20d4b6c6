"""Evaluating and tuning from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recsys.evaluation.results import Evaluation
from recsys.serving.recommender import Recommender
from tests.cli.commands import ok, refused, run

FAST = ("--models", "als,content")


class TestEvaluate:
    def test_table_and_verdicts(self, tiny_folder: Path) -> None:
        result = ok("evaluate", "--data", tiny_folder, "--protocol", "random,few-ratings:1", *FAST)
        for text in ("random:0.25: ", "few-ratings:1: ", "NDCG", "most_rated", "als", "p "):
            assert text in result.stdout
        assert "Judging als: " in result.stderr
        assert "svd" not in result.stdout

    def test_files(self, tiny_folder: Path, tmp_path: Path) -> None:
        figures, report = tmp_path / "figures.json", tmp_path / "report.html"
        options = ("--data", tiny_folder, *FAST, "-k", "3,7", "--users", 5, "--relevant", 2)
        ok("evaluate", *options, "--seed", 3, "--json", figures, "--html", report)
        found = Evaluation.model_validate_json(figures.read_text())
        assert (found.ks, found.n_sampled, found.relevant, found.seed) == ((3, 7), 5, 2.0, 3)
        assert {"ndcg@3", "ndcg@7"} <= set(found.protocols[0].models[0].metrics)
        assert found.command.startswith("python -m recsys ")
        assert report.read_text().startswith("<!doctype html>")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["figures.json", "report.html"]

    def test_the_same_seed_gives_the_same_figures(self, tiny_folder: Path, tmp_path: Path) -> None:
        files = [tmp_path / "a.json", tmp_path / "b.json"]
        for file in files:
            ok("evaluate", "--data", tiny_folder, "--protocol", "random", *FAST, "--json", file)
        first, second = (json.loads(file.read_text())["protocols"][0] for file in files)
        for one in (*first["models"], *second["models"]):
            del one["fit_seconds"], one["list_seconds"]
        assert first == second

    def test_settings_of_a_file_are_taken(self, tiny_folder: Path, tmp_path: Path) -> None:
        settings, figures = tmp_path / "settings.json", tmp_path / "figures.json"
        settings.write_text('{"models": {"als": {"n_factors": 3}}}')
        ok("evaluate", "--data", tiny_folder, *FAST, "--config", settings, "--json", figures)
        found = Evaluation.model_validate_json(figures.read_text())
        (als,) = (model for model in found.protocols[0].models if model.name == "als")
        assert als.config["n_factors"] == 3

    @pytest.mark.parametrize(
        ("arguments", "word"),
        [
            ("--protocol rndom", "no protocol 'rndom'"),
            ("--protocol random:2", "between 0 and 1"),
            ("--models bpr", "no model 'bpr'"),
            ("-k 0", "1 or more"),
            ("-k ten", "whole numbers"),
            ("--config nowhere.json", "nowhere.json can't be read"),
            ("--json nowhere/figures.json", "no folder nowhere"),
            ("--dataset ml-100m", "no data set 'ml-100m'"),
        ],
    )
    def test_refusals(self, arguments: str, word: str) -> None:
        refused(run("evaluate", *arguments.split()), "Error: ", word)

    def test_what_was_found_is_kept_when_the_next_protocol_fails(
        self, tiny_folder: Path, tmp_path: Path
    ) -> None:
        figures = tmp_path / "figures.json"
        asked = ("--protocol", "random,few-ratings:5000", *FAST, "--json", figures)
        assert run("evaluate", "--data", tiny_folder, *asked).exit_code == 2
        found = Evaluation.model_validate_json(figures.read_text())
        assert [one.protocol for one in found.protocols] == ["random:0.25"]

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        refused(run("evaluate", "--json", tmp_path), "can't be written")

    def test_nothing_relevant(self, tiny_folder: Path) -> None:
        result = run("evaluate", "--data", tiny_folder, "--relevant", 99, *FAST)
        assert result.exit_code == 2
        assert "No rating to be found reaches 99" in result.stderr


class TestTune:
    def test_found_settings_train(self, tiny_folder: Path, tmp_path: Path) -> None:
        where = ("--data", tiny_folder, "--artifacts", tmp_path)
        result = ok("tune", "--model", "biased_als", "--trials", 2, *where)
        for text in ("2 finished", "RMSE", "n_factors", "usual", "tuned"):
            assert text in result.stdout
        settings = tmp_path / "tuned-biased_als.json"
        assert "Trial 1: " in result.stderr
        about = json.loads(settings.read_text())["study"]
        assert about["trials"] == 2
        assert about["digest"]
        ok("train", *where, "--models", "biased_als", "--config", settings)
        trained = Recommender.load(tmp_path).manifest.models["biased_als"]
        found = json.loads(settings.read_text())["models"]["biased_als"]
        assert {**found, "n_threads": 0} == {**trained, "n_threads": 0}

    @pytest.mark.parametrize(
        ("arguments", "word"),
        [
            ("--model popularity", "popularity"),
            ("--model als --metric rmse", "says nothing about their order"),
            ("--model als --trials 0", "--trials"),
            ("--model als --protocol few-ratings", "one protocol"),
            ("--model als --study nowhere", "can't be opened"),
        ],
    )
    def test_refusals(self, arguments: str, word: str, tmp_path: Path) -> None:
        result = run("tune", *arguments.split(), "--artifacts", tmp_path)
        assert result.exit_code == 2
        assert word in result.stderr
        assert "Traceback" not in result.output
        assert not list(tmp_path.glob("tuned-*"))
