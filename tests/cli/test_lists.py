"""Lists on the command line, as a person meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recsys.models.registry import MODELS
from recsys.serving.recommender import Recommender
from recsys.store.store import ArtifactStore
from tests.cli.commands import LIST, ids, ok, refused, run, table


class TestRecommend:
    @pytest.mark.parametrize("model", MODELS)
    def test_ten_unseen(self, tiny_artifacts: Path, model: str) -> None:
        header, rows = table(
            ok(
                "recommend",
                "--user",
                1,
                "--model",
                model,
                "-f",
                "csv",
                "--artifacts",
                tiny_artifacts,
            )
        )
        assert header == ["user_id", *LIST]
        assert [row["rank"] for row in rows] == [str(n) for n in range(1, 11)]
        assert {row["user_id"] for row in rows} == {"1"}
        seen = Recommender.load(tiny_artifacts).history(1).item_ids
        assert not {int(row["item_id"]) for row in rows} & set(seen.tolist())
        scores = [float(row["score"]) for row in rows]
        assert scores == sorted(scores, reverse=True)

    def test_rating_the_same_films_gives_the_same_list(self, tiny_artifacts: Path) -> None:
        history = Recommender.load(tiny_artifacts).history(2)
        rates = [
            part
            for item, rating in zip(history.item_ids, history.ratings, strict=True)
            for part in ("--rate", f"id:{item}={rating}")
        ]
        common = ("-f", "csv", "--artifacts", tiny_artifacts)
        known = ok("recommend", "--user", 2, *common)
        new = ok("recommend", *rates, *common)
        assert ids(new) == ids(known)
        assert {row["user_id"] for row in table(new)[1]} == {""}

    def test_titles_are_understood_and_shown(self, tiny_artifacts: Path) -> None:
        result = ok(
            *("recommend", "--rate", "teh matrx=4.5", "--model", "als", "-f", "json"),
            *("--artifacts", tiny_artifacts),
        )
        assert result.stderr.startswith("Rated: The Matrix (1999) 4.5.")
        reasons = json.loads(result.stdout)[0]["reasons"]
        assert [reason["text"] for reason in reasons] == ["because you rated The Matrix 4.5★"]

    def test_json_has_reasons(self, tiny_artifacts: Path) -> None:
        result = ok("recommend", "--user", 1, "-k", 3, "-f", "json", "--artifacts", tiny_artifacts)
        rows = json.loads(result.stdout)
        assert len(rows) == 3
        for row in rows:
            assert {"user_id", *LIST, "predicted", "reasons"} <= set(row)
            assert 0.5 <= row["predicted"] <= 5
            total = sum(reason["value"] for reason in row["reasons"])
            assert total == pytest.approx(row["score"], abs=1e-3)

    @pytest.mark.parametrize("start", ["", "user_id\n", "\n"])
    def test_users_file(self, tiny_artifacts: Path, tmp_path: Path, start: str) -> None:
        file = tmp_path / "ids.txt"
        file.write_text(f"{start}3\n1\n\n2\n")
        common = ("-k", 4, "--artifacts", tiny_artifacts)
        many = ok("recommend", "--users-file", file, "-f", "csv", *common)
        header, rows = table(many)
        assert header == ["user_id", *LIST]
        assert [row["user_id"] for row in rows] == ["3"] * 4 + ["1"] * 4 + ["2"] * 4
        single = ok("recommend", "--user", 1, "-f", "csv", *common)
        assert ids(many)[4:8] == ids(single)
        as_json = ok("recommend", "--users-file", file, "-f", "json", *common)
        assert [str(row["item_id"]) for row in json.loads(as_json.stdout)] == ids(many)
        assert "For user 3" in ok("recommend", "--users-file", file, *common).stdout

    def test_filters(self, tiny_artifacts: Path) -> None:
        result = ok(
            *("recommend", "--user", 1, "-f", "json", "--artifacts", tiny_artifacts),
            *("--genre", "comedy", "--genre", "Drama", "--not-genre", "romance"),
            *("--from-year", 1950, "--to-year", 1990, "--min-ratings", 1),
        )
        rows = json.loads(result.stdout)
        assert rows
        assert all(row["genres"] == ["Drama"] and 1950 <= row["year"] <= 1990 for row in rows)
        assert f"Only {len(rows)} films pass" in result.stderr

    def test_fallback_is_told(self, tiny_artifacts: Path) -> None:
        # Nobody has rated film 11, so item-item does not know it.
        choice = ("--rate", "id:11=5", "--model", "item_item")
        result = ok("recommend", *choice, "--artifacts", tiny_artifacts)
        assert "by popularity" in result.stdout
        assert "'item_item' has nothing to go by" in result.stderr

    def test_simulated_is_told(self, tiny_folder: Path, tmp_path: Path) -> None:
        data = tmp_path / "made-up"
        data.mkdir()
        for file in tiny_folder.iterdir():
            (data / file.name).write_bytes(file.read_bytes())
        (data / "SIMULATED").touch()
        trained = ok("train", "--data", data, "--artifacts", tmp_path / "a")
        assert "(simulated)" in trained.stdout
        shown = ok("recommend", "--user", 1, "--artifacts", tmp_path / "a")
        assert "simulated" in shown.stdout.splitlines()[-1]
        data_only = ok("recommend", "--user", 1, "-f", "csv", "--artifacts", tmp_path / "a")
        assert "simulated" in data_only.stderr
        assert "simulated" not in data_only.stdout


class TestOtherLists:
    def test_headers(self, tiny_artifacts: Path) -> None:
        common = ("-f", "csv", "-k", 3, "--artifacts", tiny_artifacts)
        for arguments, header in (
            (("similar", "alien"), LIST),
            (("popular", "--board", "most_rated"), LIST),
            (("search", "the", "matrix"), ["rank", "item_id", "title", "year", "score"]),
            (("history", "1"), ["user_id", "item_id", "title", "rating", "date"]),
        ):
            found, rows = table(ok(*arguments, *common))
            assert found == header
            assert 1 <= len(rows) <= 3

    @pytest.mark.parametrize("by", ["taste", "content", "both"])
    def test_similar_leaves_the_film_out(self, tiny_artifacts: Path, by: str) -> None:
        for film in ("Alien", "1", "id:1"):
            result = ok("similar", film, "--by", by, "-f", "csv", "--artifacts", tiny_artifacts)
            assert len(ids(result)) == 10
            assert "1" not in ids(result)

    def test_a_number_may_be_a_title(self, tiny_artifacts: Path) -> None:
        result = ok("similar", "1917", "--artifacts", tiny_artifacts)
        assert result.stdout.startswith("Like 1917 (2019)")

    def test_search_without_result(self, tiny_artifacts: Path) -> None:
        result = ok("search", "qzqzqzqz", "-f", "csv", "--artifacts", tiny_artifacts)
        assert result.stdout == "rank,item_id,title,year,score\n"
        assert ok("search", "qzqzqz", "-f", "json", "--artifacts", tiny_artifacts).stdout == "[]\n"

    def test_history_both_ways(self, tiny_artifacts: Path) -> None:
        common = ("-f", "csv", "--artifacts", tiny_artifacts)
        first = ok("history", 1, *common)
        assert first.stdout == ok("history", "--user", 1, *common).stdout
        dates = [row["date"] for row in table(first)[1]]
        assert dates == sorted(dates, reverse=True)

    def test_titles_are_text(self, tiny_artifacts: Path) -> None:
        common = ("-k", 24, "--artifacts", tiny_artifacts)
        printed = ok("popular", *common).stdout
        for title in ("[bold]Red[/bold]", ":smile:", "=1+1", 'Say "Yes", Please', "七人の侍"):
            assert title in printed
        titles = {row["title"] for row in table(ok("popular", "-f", "csv", *common))[1]}
        assert {"[bold]Red[/bold]", "=1+1", 'Say "Yes", Please'} <= titles

    def test_info(self, tiny_artifacts: Path) -> None:
        live = ArtifactStore(tiny_artifacts).current()
        assert live in ok("info", "--artifacts", tiny_artifacts).stdout
        known = json.loads(ok("info", "-f", "json", "--artifacts", tiny_artifacts).stdout)
        assert known["versions"] == [known["version"]] == [live]
        assert list(known["models"]) == list(MODELS)

    def test_promote(self, own_artifacts: Path, tiny_folder: Path) -> None:
        before = ArtifactStore(own_artifacts).current()
        ok("train", "--data", tiny_folder, "--artifacts", own_artifacts, "--models", "popularity")
        assert ArtifactStore(own_artifacts).current() != before
        ok("promote", before, "--artifacts", own_artifacts)
        assert ArtifactStore(own_artifacts).current() == before
        for name in ("", "..", "nothing"):
            refused(run("promote", name, "--artifacts", own_artifacts), before)

    def test_help_and_version(self) -> None:
        assert ok("--version").stdout.startswith("recsys ")
        commands = ["train", "recommend", "similar", "popular", "search", "history", "info"]
        for command in [*commands, "promote", "session"]:
            assert f"python -m recsys {command}" in ok(command, "--help").stdout
