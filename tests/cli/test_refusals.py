"""Bad input and damaged artifacts: one line each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import refused, run


class TestBadInput:
    @pytest.mark.parametrize(
        ("arguments", "word"),
        [
            ("recommend", "--user, --users-file and --rate"),
            ("recommend --user 1 --rate Alien=4", "one of"),
            ("recommend --user 999", "no user 999"),
            ("recommend --user -3", "no user -3"),
            (f"recommend --user {10**30}", "no user"),
            ("recommend --user 1 --model bpr", "'bpr'"),
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
