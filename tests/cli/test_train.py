"""Training from the command line."""

from __future__ import annotations

import errno
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

from recsys.models.als import ALS
from recsys.models.registry import MODELS
from recsys.serving.recommender import Recommender
from recsys.store.store import UNFINISHED, ArtifactStore
from tests.cli.commands import ROOT, ids, ok, refused, run


def versions_of(artifacts: Path) -> list[Path]:
    """Files of the versions; what an interrupted training has finished is no part of any."""
    files = artifacts.rglob("[!.]*")
    return sorted(path for path in files if UNFINISHED not in path.parts)


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
            ("--models als,bpr", "'bpr'"),
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
        before = versions_of(artifacts)
        answer = ok("recommend", "--user", 1, "-f", "csv", "--artifacts", artifacts).stdout
        with monkeypatch.context() as patched:
            patched.setattr(target, name, replacement)
            result = run("train", "--data", data, "--artifacts", artifacts)
        assert result.exit_code == code
        assert "Traceback" not in result.output
        assert versions_of(artifacts) == before
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
        assert len(ArtifactStore(own_artifacts).versions()) == 1
