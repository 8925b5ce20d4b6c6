"""Compare our lists with those of other libraries, on the same split and by the same metrics.

python scripts/compare_libraries.py --dataset ml-latest-small
python scripts/compare_libraries.py --data FOLDER --protocol few-ratings:3 --users 1000 --trials 0
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

# A script's own folder is on the import path, the project's is not.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

PLACE = "compare"
"""Name of the place in the README."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns 2 after an error."""
    from recsys.errors import RecsysError

    options = _parser().parse_args(arguments)
    try:
        _run(options)
    except (RecsysError, RuntimeError) as error:
        # Of a program that failed, the last line says why.
        print(f"Error: {str(error).strip().splitlines()[-1]}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--dataset", metavar="NAME", help="a bundled or downloaded data set (demo)")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="a folder of data, instead")
    parser.add_argument("--protocol", default="random", help="as `recsys evaluate` takes it")
    parser.add_argument("--users", type=int, metavar="N", help="judge by so many users (all)")
    parser.add_argument(
        "--trials",
        type=int,
        default=100,
        metavar="N",
        help="settings to try for implicit's ALS; 0 leaves the tuned one out (100)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there")
    parser.add_argument("--write", action="store_true", help="write the table into README.md")
    return parser


def _run(options: argparse.Namespace) -> None:
    from benchmarks.compare import compare, install, report
    from benchmarks.report import put
    from recsys.cli.output import console, stages
    from recsys.cli.source import Source
    from recsys.errors import InvalidRequestError
    from recsys.evaluation.protocols import Protocol
    from recsys.evaluation.record import record_of
    from recsys.evaluation.task import Rules
    from recsys.store.version import replace_text

    if options.trials < 0:
        raise InvalidRequestError("Try 0 settings or more: give such a number to --trials.")
    rules, protocols = Rules(n_sampled=options.users), Protocol.parse(options.protocol)
    for file in (options.json, options.markdown):
        if file is not None and not file.absolute().parent.is_dir():
            raise InvalidRequestError(f"There is no folder {file.parent} for {file.name}: make it.")
    source = Source(options.dataset, options.data)
    with stages(console(stderr=True)) as stage:
        with stage(f"Reading {source.label}"):
            dataset, _ = source.read()
        python = install(stage)
        lenskit = [python, "-m", "benchmarks.peer_lists"] if python else None
        found = [
            compare(dataset, protocol, rules, options.trials, lenskit, stage)
            for protocol in protocols
        ]
    results = [one.result for one in found]
    command = "python scripts/compare_libraries.py " + shlex.join(sys.argv[1:])
    evaluation = record_of(dataset, rules, results, command)
    packages = evaluation.packages | found[0].versions
    evaluation = evaluation.model_copy(update={"packages": packages})
    versions = ", ".join(f"{name} {version}" for name, version in packages.items())
    simulated = " (simulated)" if dataset.simulated else ""
    text = "\n\n".join([*map(report, results), f"{dataset.name}{simulated}; {versions}."])
    print(text)
    if options.json is not None:
        replace_text(options.json, evaluation.model_dump_json(indent=2) + "\n")
    if options.markdown is not None:
        replace_text(options.markdown, text + "\n")
    if options.write:
        put(PLACE, text)


if __name__ == "__main__":
    sys.exit(main())
