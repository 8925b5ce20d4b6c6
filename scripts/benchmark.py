"""Measure speed and size, and write the figures to benchmarks/results.json.

python scripts/benchmark.py all                          everything in the README's table of speed
python scripts/benchmark.py als --ratings 1m --rounds 1  one part, on a smaller set
python scripts/benchmark.py table --write                the README's tables from the results
python scripts/benchmark.py accuracy --data FOLDER_OF_ML_LATEST_SMALL
python scripts/benchmark.py titles --data FOLDER_OF_ML_LATEST_SMALL
"""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.processes import DATA  # noqa: E402
from benchmarks.report import quality_table, table, write_tables  # noqa: E402
from benchmarks.results import load, record  # noqa: E402
from benchmarks.shapes import SHAPES  # noqa: E402
from recsys.errors import RecsysError  # noqa: E402

Options = argparse.Namespace


def main() -> None:
    """Run the part that was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")

    def part(
        name: str, run: Callable[[Options], None], ratings: str = ""
    ) -> argparse.ArgumentParser:
        found = parts.add_parser(name, help=run.__doc__, description=run.__doc__)
        found.set_defaults(run=run)
        if ratings:
            found.add_argument("--ratings", choices=SHAPES, default=ratings, help="data set")
            found.add_argument("--rounds", type=int, default=3)
        return found

    found = part("data", _data, "25m")
    found.add_argument("--no-tags", action="store_true", help="without tags and genome")
    found = part("als", _als, "25m")
    found.add_argument("--factors", type=int, nargs="+", default=[64, 128])
    found.add_argument("--iterations", type=int, default=3, help="timed in each round, less one")
    found = part("quality", _quality, "25m")
    found.add_argument("--factors", type=int, nargs="+", default=[64])
    found.add_argument("--judges", type=int, default=10_000, help="users with held-out ratings")
    found = part("fit", _fit, "1m")
    found.add_argument("--factors", type=int, nargs="+", default=[64])
    found.add_argument("--no-peers", action="store_true", help="implicit alone")
    found = part("pipeline", _pipeline, "25m")
    found.add_argument("--models", help="names, with commas between", default=None)
    found = part("serving", _serving, "25m")
    found.add_argument("--profiles", type=int, default=500)
    found = part("lists", _lists, "25m")
    found.add_argument("--models", nargs="+", default=["als", "hybrid"])
    found.add_argument("--users-sample", type=int, metavar="N", help="ask for N, extrapolate")
    found = part("table", _table)
    found.add_argument("--write", action="store_true", help="into README.md")
    found = part("accuracy", _accuracy)
    found.add_argument("--data", type=Path, required=True, help="folder of ml-latest-small")
    found = part("titles", _titles)
    found.add_argument("--data", type=Path, default=DATA / "demo")
    found.add_argument("--size", type=int, default=87_000, help="titles in the catalogue")
    found = part("all", _all)
    found.add_argument("--ratings", choices=SHAPES, help="all parts on this data set, for a trial")
    found.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    try:
        options.run(options)
    except RecsysError as error:
        sys.exit(f"Error: {error}")


def _folder(options: Options, *, tags: bool = True) -> Path:
    from benchmarks.generate import data_folder

    return data_folder(SHAPES[options.ratings], DATA, tags=tags)


def _artifacts(options: Options) -> Path:
    return DATA / f"bench-{options.ratings}-artifacts"


def _trained(options: Options) -> Path:
    artifacts = _artifacts(options)
    if not (artifacts / "current.json").exists():
        sys.exit(f"Nothing is in {artifacts}: run `{sys.argv[0]} pipeline` first.")
    return artifacts


def _data(options: Options) -> None:
    """Make the data, unless they are there."""
    print(_folder(options, tags=not options.no_tags))


def _als(options: Options) -> None:
    """Time an iteration of ALS against implicit."""
    from benchmarks.als import iterations

    for n in options.factors:
        figures = iterations(_folder(options), n, options.rounds, options.iterations)
        record(f"als-{options.ratings}-{n}", figures)
        print(f"{figures['ratio']:.1f} times faster than implicit")


def _quality(options: Options) -> None:
    """Compare the losses and the lists of both ALS."""
    from benchmarks.als import quality

    for n in options.factors:
        record(f"quality-{options.ratings}-{n}", quality(_folder(options), n, options.judges))


def _fit(options: Options) -> None:
    """Time a fit of ALS against implicit, LensKit and Spark."""
    from benchmarks.als import fits

    for n in options.factors:
        figures = fits(_folder(options), n, options.rounds, peers=not options.no_peers)
        record(f"fit-{options.ratings}-{n}", figures)


def _pipeline(options: Options) -> None:
    """Time the training from csv to live artifacts."""
    from benchmarks.pipeline import pipeline

    figures = pipeline(_folder(options), _artifacts(options), options.rounds, options.models)
    some = f"-{options.models}" if options.models else ""
    record(f"pipeline-{options.ratings}{some}", figures)


def _serving(options: Options) -> None:
    """Measure loading and single lists."""
    from benchmarks.serving import serving

    figures = serving(_trained(options), options.rounds, options.profiles)
    record(f"serving-{options.ratings}", figures)


def _lists(options: Options) -> None:
    """Time the lists of all users."""
    from benchmarks.serving import lists

    for model in options.models:
        figures = lists(_trained(options), model, options.rounds, options.users_sample)
        record(f"lists-{options.ratings}-{model}", figures)


def _table(options: Options) -> None:
    """Print the table, or write it into the README."""
    results = load()
    print(table(results))
    if options.write:
        write_tables(results)


def _accuracy(options: Options) -> None:
    """Measure lists and predicted stars under every protocol; write the README's tables."""
    from benchmarks.accuracy import accuracy
    from recsys.cli.output import console, stages

    with stages(console(stderr=True)) as stage:
        figures = accuracy(options.data, stage)
    part = f"accuracy-{figures['data']}"
    record(part, figures)
    print(quality_table(load(), part))
    write_tables(load())


def _titles(options: Options) -> None:
    """Time the title search."""
    from benchmarks.titles import titles

    titles(options.data, options.size)


def _all(options: Options) -> None:
    """Measure everything, each part in a process of its own, and write the table."""
    for part in ("data", "als", "quality", "fit", "pipeline", "serving", "lists"):
        print(f"\n{part}", flush=True)
        command = [sys.executable, __file__, part, "--rounds", str(options.rounds)]
        if options.ratings:
            command += ["--ratings", options.ratings]
        subprocess.run(command, check=True)
    subprocess.run([sys.executable, __file__, "table", "--write"], check=True)


if __name__ == "__main__":
    main()
