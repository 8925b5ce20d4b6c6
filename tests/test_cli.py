"""The command line, as a person meets it."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from typer.testing import CliRunner, Result

from recsys.cli.app import app
from recsys.models.als import ALS
from recsys.models.registry import MODELS
from recsys.serving.recommender import Recommender
from recsys.store.store import ArtifactStore

ROOT = Path(__file__).parents[1]
LIST = ["rank", "item_id", "title", "score"]


def run(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=text)


def ok(*arguments: object, text: str | None = None) -> Result:
    result = run(*arguments, text=text)
    assert result.exit_code == 0, result.stderr or result.exception
    return result


def table(result: Result) -> tuple[list[str], list[dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(result.stdout, newline=""))
    rows = list(reader)
    return list(reader.fieldnames or ()), rows


def ids(result: Result) -> list[str]:
    return [row["item_id"] for row in table(result)[1]]


def refused(result: Result, *words: str, code: int = 2) -> str:
    """Check that a command ended with one line, and return it."""
    assert result.exit_code == code
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert not result.stdout
    for word in words:
        assert word in lines[0]
    return lines[0]


def process(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=options.pop("cwd", ROOT),
        text=True,
        encoding="utf-8",
        capture_output=True,
        timeout=120,
        **options,
    )


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
            assert {"user_id", *LIST, "reasons"} <= set(row)
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
        result = ok(
            "recommend", "--rate", "id:11=5", "--model", "als", "--artifacts", tiny_artifacts
        )
        assert "by popularity" in result.stdout
        assert "'als' has nothing to go by" in result.stderr

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


class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "word"),
        [
            ("recommend", "--user, --users-file and --rate"),
            ("recommend --user 1 --rate Alien=4", "one of"),
            ("recommend --user 999", "no user 999"),
            ("recommend --user -3", "no user -3"),
            (f"recommend --user {10**30}", "no user"),
            ("recommend --user 1 --model svd", "'svd'"),
            ("recommend --user 1 --alpha 1.5", "between 0 and 1"),
            ("recommend --user 1 --alpha nan", "between 0 and 1"),
            ("recommend --user 1 --alpha 0.5 --model als", "'als'"),
            ("recommend --user 1 -k 0", "1 or more"),
            ("recommend --user 1 --genre Cooking", "no genre 'Cooking'"),
            ("recommend --user 1 --from-year 2000 --to-year 1990", "swap"),
            ("recommend --rate Alien", "TITLE=RATING"),
            ("recommend --rate Alien=many", "TITLE=RATING"),
            ("recommend --rate Alien=9", "outside of the scale"),
            ("recommend --rate Alien=inf", "outside of the scale"),
            ("recommend --rate qzqzqzqz=3", "No film matches"),
            ("recommend --rate id:999=3", "no item 999"),
            ("recommend --rate Alien=3 --rate id:1=4", "rated twice"),
            ("recommend --users-file no-such-file", "no-such-file"),
            ("similar qzqzqzqz", "No film matches"),
            (f"similar id:{10**30}", "no item"),
            ("search alien -k 0", "1 or more"),
            ("history", "one user id"),
            ("history 1 --user 1", "one user id"),
            ("history 999", "no user 999"),
        ],
    )
    def test_one_line(self, tiny_artifacts: Path, arguments: str, word: str) -> None:
        refused(run(*arguments.split(), "--artifacts", tiny_artifacts), "Error: ", word)

    @pytest.mark.parametrize("text", ["", "user\n", "1\nx\n", "1\n-2\n", "1,2\n"])
    def test_users_file(self, tiny_artifacts: Path, tmp_path: Path, text: str) -> None:
        file = tmp_path / "ids.txt"
        file.write_text(text)
        refused(run("recommend", "--users-file", file, "--artifacts", tiny_artifacts), "ids.txt")

    def test_unknown_user_in_file_prints_no_header(
        self, tiny_artifacts: Path, tmp_path: Path
    ) -> None:
        file = tmp_path / "ids.txt"
        file.write_text("1\n999\n")
        result = run("recommend", "--users-file", file, "-f", "csv", "--artifacts", tiny_artifacts)
        assert result.exit_code == 2
        assert not result.stdout
        assert "no user 999" in result.stderr

    @pytest.mark.parametrize("arguments", ["recommend --user x", "recomend", "popular --board b"])
    def test_usage(self, arguments: str) -> None:
        result = run(*arguments.split())
        assert result.exit_code == 2
        assert "Traceback" not in result.output

    def test_control_characters_stay_away(self, tiny_artifacts: Path) -> None:
        result = run("similar", "\x1b[2Jqzqzqz\n\x07", "--artifacts", tiny_artifacts)
        assert not set("\x1b\x07") & set(refused(result))


class TestDamage:
    def test_nothing_trained(self, tmp_path: Path) -> None:
        for arguments in (["recommend", "--user", "1"], ["info"], ["session"], ["popular"]):
            refused(run(*arguments, "--artifacts", tmp_path), "no trained artifacts")

    @pytest.mark.parametrize("kind", ["truncated", "altered", "missing"])
    def test_damaged_file(self, own_artifacts: Path, kind: str) -> None:
        file = next(own_artifacts.glob("versions/*/als.item_factors.npy"))
        data = bytearray(file.read_bytes())
        if kind == "truncated":
            file.write_bytes(data[: len(data) // 2])
        elif kind == "altered":
            data[-1] ^= 1
            file.write_bytes(data)
        else:
            file.unlink()
        result = run("recommend", "--user", 1, "--artifacts", own_artifacts)
        refused(result, "als.item_factors.npy", "train again")

    def test_newer_schema(self, own_artifacts: Path) -> None:
        file = next(own_artifacts.glob("versions/*/manifest.json"))
        content = json.loads(file.read_text())
        file.write_text(json.dumps({**content, "schema_version": 99, "files": 3}))
        result = run("recommend", "--user", 1, "--artifacts", own_artifacts)
        refused(result, "schema 99", "update the program")

    def test_unreadable_current(self, own_artifacts: Path) -> None:
        (own_artifacts / "current.json").write_text("{")
        refused(run("info", "--artifacts", own_artifacts), "current.json")


class TestTrain:
    def test_summary(self, tiny_folder: Path, tmp_path: Path) -> None:
        result = ok("train", "--data", tiny_folder, "--artifacts", tmp_path / "a", "--name", "Mine")
        for text in ("Mine: 15 users", "120 ratings", "0 rows skipped", "streamlit run app.py"):
            assert text in result.stdout
        assert f"RECSYS_ARTIFACTS={tmp_path / 'a'}" in result.stdout
        assert "Training als: " in result.stderr
        assert not list((tmp_path / "a").glob("rejects-*"))

    def test_only_some_models(self, tiny_folder: Path, tmp_path: Path) -> None:
        ok("train", "--data", tiny_folder, "--artifacts", tmp_path, "--models", "als")
        assert list(Recommender.load(tmp_path).models) == ["popularity", "als"]
        ok("recommend", "--user", 1, "--artifacts", tmp_path)
        refused(run("similar", "alien", "--artifacts", tmp_path), "'hybrid'")

    def test_named_columns_and_rejects(self, tmp_path: Path) -> None:
        votes, films = tmp_path / "votes.csv", tmp_path / "films.csv"
        lines = [f"{who},{film},{(who + film) % 10 + 1}" for who in range(9) for film in range(9)]
        votes.write_text("\n".join(["who,film,score", *lines, "x,1,3", "1,2,99"]) + "\n")
        films.write_text("film,title,genre\n" + "".join(f"{n},Film {n},Noir\n" for n in range(9)))
        result = ok(
            *("train", "--ratings-file", votes, "--items-file", films, "--name", "my/data"),
            *("--columns", "user_id=who,item_id=film", "--scale", "1:10", "--keep", 1),
            *("--artifacts", tmp_path / "a"),
        )
        assert "2 rows skipped" in result.stdout
        rejects = (tmp_path / "a" / "rejects-my_data.csv").read_text().splitlines()
        assert len(rejects) == 3
        assert Recommender.load(tmp_path / "a").manifest.dataset.scale == (1, 10)

    def test_nothing_but_titles(self, tmp_path: Path) -> None:
        votes = [f"{user},{n},{(user + n) % 5 + 1}" for user in range(1, 6) for n in range(1, 6)]
        titles = [f"{n},Film {n}" for n in range(1, 16)]
        (tmp_path / "ratings.csv").write_text("\n".join(["userId,movieId,rating", *votes]))
        (tmp_path / "movies.csv").write_text("\n".join(["movieId,title", *titles]))
        ok("train", "--data", tmp_path, "--artifacts", tmp_path / "a")
        for model in MODELS:
            result = ok(
                *("recommend", "--user", 1, "--model", model),
                *("-f", "csv", "--artifacts", tmp_path / "a"),
            )
            assert len(ids(result)) == 10

    @pytest.mark.parametrize(
        ("arguments", "word"),
        [
            ("--dataset nothing", "choose demo"),
            ("--dataset ../demo", "--data for a path"),
            ("--data no-such-folder", "no-such-folder"),
            ("--dataset demo --data .", "not both"),
            ("--scale 5", "LOW:HIGH"),
            ("--scale 5:1", "scale"),
            ("--columns who", "OURS=YOURS"),
            ("--columns who=what", "'who'"),
            ("--models als,svd", "'svd'"),
            ("--max-rejects 2", "0 to 1"),
            ("--ratings-file x.csv", "--items-file"),
        ],
    )
    def test_bad_input(self, tmp_path: Path, arguments: str, word: str) -> None:
        result = run("train", *arguments.split(), "--artifacts", tmp_path / "a")
        refused(result, word)

    def test_download_is_offered(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from recsys.settings import settings

        monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
        settings.cache_clear()
        try:
            refused(run("train", "--dataset", "ml-1m"), "python scripts/download_data.py ml-1m")
        finally:
            settings.cache_clear()

    def test_two_at_once(self, own_artifacts: Path, tiny_folder: Path) -> None:
        with FileLock(own_artifacts / ".lock"):
            result = run("train", "--data", tiny_folder, "--artifacts", own_artifacts)
        assert result.exit_code == 2
        assert "Another training" in result.stderr.splitlines()[-1]

    def test_full_disk(
        self, own_artifacts: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*arguments: Any, **options: Any) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        self._fails_harmlessly(own_artifacts, tiny_folder, monkeypatch, np, "save", full, 2)

    def test_ctrl_c(
        self, own_artifacts: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(*arguments: Any) -> None:
            raise KeyboardInterrupt

        last = self._fails_harmlessly(
            own_artifacts, tiny_folder, monkeypatch, ALS, "fit", interrupted, 130
        )
        assert last == "Interrupted: the live version is as it was."

    def test_no_memory(
        self, own_artifacts: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def exhausted(*arguments: Any) -> None:
            raise MemoryError

        self._fails_harmlessly(own_artifacts, tiny_folder, monkeypatch, ALS, "fit", exhausted, 2)

    @staticmethod
    def _fails_harmlessly(
        artifacts: Path,
        data: Path,
        monkeypatch: pytest.MonkeyPatch,
        target: Any,
        name: str,
        replacement: Any,
        code: int,
    ) -> str:
        before = sorted(artifacts.rglob("[!.]*"))
        answer = ok("recommend", "--user", 1, "-f", "csv", "--artifacts", artifacts).stdout
        with monkeypatch.context() as patched:
            patched.setattr(target, name, replacement)
            result = run("train", "--data", data, "--artifacts", artifacts)
        assert result.exit_code == code
        assert "Traceback" not in result.output
        assert sorted(artifacts.rglob("[!.]*")) == before
        again = ok("recommend", "--user", 1, "-f", "csv", "--artifacts", artifacts).stdout
        assert again == answer
        return result.stderr.splitlines()[-1]

    @pytest.mark.skipif(os.name == "nt", reason="signals are different on Windows")
    def test_interrupt_signal(self, own_artifacts: Path, medium_folder: Path) -> None:
        before = ArtifactStore(own_artifacts).current()
        command = ["-m", "recsys", "train", "--data", medium_folder, "--artifacts", own_artifacts]
        training = subprocess.Popen(
            [sys.executable, *map(str, command)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A job in the background of a shell ignores the signal unless told otherwise.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        watchdog = threading.Timer(120, training.kill)
        watchdog.start()
        assert training.stderr is not None
        for line in training.stderr:
            if line.startswith("Training content"):
                training.send_signal(signal.SIGINT)
                break
        output, errors = training.communicate()
        watchdog.cancel()
        assert training.returncode == 130
        assert errors.splitlines()[-1] == "Interrupted: the live version is as it was."
        assert "Traceback" not in errors
        assert not output
        assert ArtifactStore(own_artifacts).current() == before
        assert len(list((own_artifacts / "versions").iterdir())) == 1


class TestSession:
    def test_tour(self, tiny_artifacts: Path) -> None:
        answers = [
            *("9", "1", "qzqzqz", "teh matrx"),
            *("2", "abc", "999", "1"),
            *("3", "alien"),
            *("4", "Alien", "Alien=99", "Alien=4.5", ""),
            "q",
        ]
        result = ok("session", "--artifacts", tiny_artifacts, text="\n".join(answers) + "\n")
        for text in (
            "Please type 1, 2, 3, 4 or q",
            "No film matches 'qzqzqz'",
            "The Matrix (1999)",
            "whole number, not 'abc'",
            "There is no user 999",
            "Rated by user 1",
            "Recommended for user 1",
            "Like Alien (1979)",
            "TITLE=RATING",
            "outside of the scale",
            "Rated Alien (1979) 4.5; 1 so far.",
            "Recommended for you",
        ):
            assert text in result.stdout
        assert result.stdout.endswith("Goodbye.\n")

    @pytest.mark.parametrize("text", ["", "1\n", "2\n1\n", "4\nAlien=3\n"])
    def test_end_of_input(self, tiny_artifacts: Path, text: str) -> None:
        result = ok("session", "--artifacts", tiny_artifacts, text=text)
        assert result.stdout.endswith("Goodbye.\n")

    def test_without_a_command(self, tiny_artifacts: Path) -> None:
        result = process(
            *("-m", "recsys"),
            env={**os.environ, "RECSYS_ARTIFACTS": str(tiny_artifacts)},
            input="1\nalien\nq\n",
        )
        assert result.returncode == 0, result.stderr
        assert "Aliens (1986)" in result.stdout


class TestProcess:
    def test_script_from_elsewhere(self, tiny_folder: Path, tmp_path: Path) -> None:
        script = ROOT / "scripts" / "train_and_save.py"
        trained = process(script, "--data", tiny_folder, "--artifacts", "made", cwd=tmp_path)
        assert trained.returncode == 0, trained.stderr
        assert len(ids_of(tmp_path / "made")) == 10

    def test_error_is_one_line(self, tmp_path: Path) -> None:
        result = process("-m", "recsys", "recommend", "--user", 1, "--artifacts", tmp_path)
        assert result.returncode == 2
        assert len(result.stderr.splitlines()) == 1

    @pytest.mark.skipif(os.name == "nt", reason="needs a POSIX pipe")
    def test_reader_that_leaves(self, tiny_artifacts: Path, tmp_path: Path) -> None:
        file = tmp_path / "ids.txt"
        file.write_text("\n".join(map(str, range(1, 16))))
        reading, writing = os.pipe()
        os.close(reading)
        arguments = ["recommend", "--users-file", file, "-f", "csv", "--artifacts", tiny_artifacts]
        result = subprocess.run(
            [sys.executable, "-m", "recsys", *map(str, arguments)],
            cwd=ROOT,
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
        os.close(writing)
        assert "Traceback" not in result.stderr
        assert "BrokenPipe" not in result.stderr

    def test_any_locale(self, tiny_artifacts: Path) -> None:
        result = process(
            *("-m", "recsys", "popular", "-k", 24, "--artifacts", tiny_artifacts),
            env={**os.environ, "PYTHONIOENCODING": "ascii"},
        )
        assert result.returncode == 0, result.stderr
        assert "七人の侍" in result.stdout


def ids_of(artifacts: Path) -> list[str]:
    return ids(ok("recommend", "--user", 1, "-f", "csv", "--artifacts", artifacts))


@pytest.mark.real_data
def test_real_data(real_data: Path, tmp_path: Path) -> None:
    ok("train", "--data", real_data, "--artifacts", tmp_path)
    seen = set(ids_seen(real_data))
    for model in MODELS:
        header, rows = table(
            ok("recommend", "--user", 1, "--model", model, "-f", "csv", "--artifacts", tmp_path)
        )
        assert header == ["user_id", *LIST]
        assert len(rows) == 10
        assert not {row["item_id"] for row in rows} & seen
    found = table(ok("search", "teh", "matrx", "-f", "csv", "--artifacts", tmp_path))[1]
    assert found[0]["title"] == "The Matrix"


def ids_seen(folder: Path) -> list[str]:
    with (folder / "ratings.csv").open(encoding="utf-8", newline="") as file:
        return [row["movieId"] for row in csv.DictReader(file) if row["userId"] == "1"]
