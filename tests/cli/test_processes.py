"""The interactive session, and the command line as a process."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from recsys.models.registry import MODELS
from tests.cli.commands import LIST, ROOT, ids, ok, process, table


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
