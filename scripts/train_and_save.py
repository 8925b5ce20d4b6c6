"""Train and save a version: ``python -m recsys train``, from any folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from recsys.cli.app import main

if __name__ == "__main__":
    main(["train", *sys.argv[1:]])
