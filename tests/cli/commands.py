"""Running commands, and reading what they print."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from recsys.cli.app import app

ROOT = Path(__file__).parents[2]
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
