"""The commands, and how each failure ends: in one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated, Any, Literal, NoReturn

import typer
from typer.core import TyperGroup

from recsys.cli import evaluate, lists, train, tune
from recsys.cli.options import ArtifactsOption, default_artifacts
from recsys.cli.output import note
from recsys.errors import InvalidRequestError, RecsysError

UsageError: Any = typer.BadParameter.__mro__[1]
"""What typer raises for options that can't be understood; only its kinds are public."""


class Commands(TyperGroup):
    """Ends every failure a person can cause or meet with one line instead of a traceback."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line and end the process; a wrong option is one line, too."""
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except UsageError as error:
            note(f"Error: {error.format_message()} See --help.")
            code = 2
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except RecsysError as error:
            _fail(f"Error: {error}", 2)
        except BrokenPipeError:
            # Whoever read the answer has seen enough, as `head` does; nobody is left to tell, and
            # what is still buffered must not fail once more when the program ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            training = ctx.invoked_subcommand == "train"
            _fail("Interrupted" + (": the live version is as it was." if training else "."), 130)
        except MemoryError:
            _fail("Error: There is not enough memory; try a smaller data set, or fewer models.", 2)
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            _fail(f"Error: {error.strerror or error}{where}; check the file or disk.", 2)


def _fail(text: str, code: int) -> NoReturn:
    note(text)
    raise typer.Exit(code)


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.command()(train.train)
app.command()(evaluate.evaluate)
app.command()(tune.tune)
for command in (
    lists.recommend,
    lists.similar,
    lists.popular,
    lists.search,
    lists.history,
):
    app.command()(command)


@app.callback()
def start(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False,
) -> None:
    """Recommend movies, and say why. Without a command an interactive session starts.

    Example: python -m recsys recommend --user 1
    """
    if version:
        from recsys import __version__

        print(f"recsys {__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        session(default_artifacts())


@app.command()
def session(artifacts: ArtifactsOption) -> None:
    """Start an interactive session, as without any command.

    Example: python -m recsys session --artifacts artifacts
    """
    from recsys.cli.session import run_session

    run_session(artifacts)


@app.command()
def info(
    artifacts: ArtifactsOption,
    form: Annotated[Literal["table", "json"], typer.Option("--format", "-f")] = "table",
) -> None:
    """Show what the live version was made from, and which versions there are.

    Example: python -m recsys info --format json
    """
    import json

    from recsys.cli.output import SIMULATED, plain
    from recsys.serving.description import content_sources
    from recsys.store.store import ArtifactStore

    store = ArtifactStore(artifacts)
    manifest = store.open().manifest
    versions = store.versions()
    size = sum(file.size for file in manifest.files.values())
    if form == "json":
        known = manifest.model_dump(mode="json")
        print(json.dumps({**known, "bytes": size, "versions": versions}, indent=2))
        return
    data = manifest.dataset
    low, high = data.scale
    lines = {
        "Live": f"{manifest.version}, trained {manifest.created} with seed {manifest.seed}",
        "Data": f"{data.name} ({data.source_format or 'unknown format'})",
        "": f"{data.n_users:,} users, {data.n_items:,} movies, {data.n_ratings:,} ratings "
        f"from {low:g} to {high:g}, {data.n_rejected:,} rows skipped",
        "On disk": f"{size / 1e6:,.1f} MB in {len(manifest.files)} files, all verified",
        "Packages": ", ".join(f"{name} {number}" for name, number in manifest.packages.items()),
    }
    if sources := content_sources(data):
        lines["Content"] = sources
    for name, config in manifest.models.items():
        lines[f"Model {name}"] = json.dumps(config)[1:-1].replace('"', "")
    for record in manifest.blend:
        last = "or more" if record.to_ratings is None else f"to {record.to_ratings}"
        scores = ", ".join(f"{name} {value:.3f}" for name, value in record.ndcg_at_10.items())
        lines[f"For {record.from_ratings} {last}"] = (
            f"ratings: alpha {record.alpha:g}, item_item {record.item_item:g}, "
            f"popularity {record.popularity:g}, learned from "
            f"{record.n_profiles:,} profiles; NDCG@10 on held-out ratings: {scores}"
        )
    for number, version in enumerate(reversed(versions), 1):
        live = " (live)" if version == manifest.version else ""
        lines[f"Version {number}"] = f"{version}{live}"
    for name, text in lines.items():
        print(plain(f"{name:<17}{text}").rstrip())
    if data.simulated:
        print(SIMULATED)


@app.command()
def promote(
    version: Annotated[str, typer.Argument(help="One of the versions that `info` lists.")],
    artifacts: ArtifactsOption,
) -> None:
    """Make another version the live one, such as the one before.

    Example: python -m recsys promote 20260131-120000-000000-0a1b2c3d
    """
    from recsys.store.store import ArtifactStore

    store = ArtifactStore(artifacts)
    store.current()
    versions = store.versions()
    if version not in versions:
        raise InvalidRequestError(
            f"There is no version '{version}' in {artifacts}: choose among "
            f"{', '.join(reversed(versions))}."
        )
    store.promote(version)
    print(f"Live version: {version}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process by default.
    """
    for stream in (sys.stdin, sys.stdout):
        # Titles are in all languages; what a program reads is UTF-8 whatever the terminal's is.
        if isinstance(stream, TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="replace")
    app(args=None if arguments is None else list(arguments), prog_name="python -m recsys")
