"""Download a MovieLens data set: ``python scripts/download_data.py ml-latest-small``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

# A script's own folder is on the import path, the project's is not.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns 2 after an error."""
    from rich.console import Console
    from rich.prompt import Confirm

    from recsys.data.download import DATASETS, download
    from recsys.errors import RecsysError

    parser = argparse.ArgumentParser(description="Download a MovieLens data set from GroupLens.")
    parser.add_argument("name", metavar="NAME", help=", ".join(DATASETS))
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder of data sets (data)")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args(arguments)
    console = Console(stderr=True)

    def ask(question: str) -> bool:
        try:
            return Confirm.ask(question, console=console, default=True)
        except EOFError:
            return False

    try:
        folder = download(
            options.name,
            options.output,
            console=console,
            # Without a person at the keyboard there is nobody to ask.
            confirm=None if options.yes or not sys.stdin.isatty() else ask,
        )
    except RecsysError as error:
        console.print(f"Error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 2
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
