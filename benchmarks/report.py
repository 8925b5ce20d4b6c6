"""The tables of the README, made from the results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT
from recsys.evaluation.certainty import SIGNIFICANT, verdict
from recsys.evaluation.definitions import label
from recsys.evaluation.results import Comparison

README = ROOT / "README.md"
SPEED, QUALITY = "bench", "quality"
"""Names of places in the README."""

REAL = "accuracy-ml-latest-small"
"""Part of the results that the table of quality shows."""

HYBRID = "hybrid"
MISSING = "not measured"

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes
    ----------
    what : str
    bar : str
        What is asked for.
    part : str
        Whose figures it shows.
    show : callable
        Words for the figures.
    """

    what: str
    bar: str
    part: str
    show: Callable[[Figures], str]


def _iteration(found: Figures) -> str:
    ours, theirs = found["ours_s"]["median"], found["implicit_s"]["median"]
    return f"{found['ratio']:.1f} x ({ours:.2f} s against {theirs:.2f} s)"


def _quality(found: Figures) -> str:
    return (
        f"loss {found['loss_excess']:+.4%}, NDCG@10 {found['ours_ndcg']:.4f} against "
        f"{found['implicit_ndcg']:.4f} (popularity {found['popularity_ndcg']:.4f})"
    )


def _fits(found: Figures) -> str:
    parts = []
    for name in ("implicit", "lenskit", "spark"):
        ratio = found.get(f"{name}_ratio", MISSING)
        if isinstance(ratio, str):
            parts.append(f"{name}: {ratio}")
        else:
            parts.append(f"{ratio:.1f} x ({found[f'{name}_s']['median']:.2f} s)")
    return f"{' / '.join(parts)}; ours {found['ours_s']['median']:.2f} s"


def _pipeline(found: Figures) -> str:
    peak = found["peak_gib"]["median"]
    return f"{_minutes(found['seconds']['median'])}, {peak:.1f} GiB{_once(found)}"


def _once(found: Figures) -> str:
    """Say so where there is no median."""
    return " (one run)" if len(found["seconds"].get("samples", ())) == 1 else ""


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s"


def _load(found: Figures) -> str:
    loaded, used = found["loaded_mb"], found["first_list_mb"]
    return (
        f"{found['load_s']['median']:.2f} s, {loaded['VmRSS']:.0f} MB; after a list "
        f"{used['VmRSS']:.0f} MB, of which {used['RssFile']:.0f} MB are mapped files"
    )


def _latency(found: Figures) -> str:
    hybrid = f"{found['hybrid_p50_ms']['median']:.1f} / {found['hybrid_p99_ms']['median']:.1f} ms"
    return (
        f"{hybrid}; als {found['als_p50_ms']['median']:.1f} ms; "
        f"similar {found['similar_p50_ms']['median']:.1f} ms"
    )


def _lists(found: Figures) -> str:
    text = _minutes(found["seconds"]["median"])
    if found["extrapolated"]:
        text += f" (extrapolated from {found['asked']:,} users)"
    return text + _once(found)


ROWS = (
    Row(
        "ALS iteration, 25 M ratings, 64 factors, against `implicit` with 2 threads",
        "4 x or more",
        "als-25m-64",
        _iteration,
    ),
    Row(
        "what it comes to: loss against `implicit`'s, NDCG@10 on held-out ratings",
        "within 0.1 %, within 0.003",
        "quality-25m-64",
        _quality,
    ),
    Row("the same iteration, 128 factors", "3.5 x or more", "als-25m-128", _iteration),
    Row(
        "ALS fit, 1 M ratings, 64 factors, 15 iterations, against `implicit` / LensKit / Spark",
        "1.8 x / 4 x / 40 x or more",
        "fit-1m-64",
        _fits,
    ),
    Row(
        "whole pipeline, 25 M csv to live artifacts, and its peak of memory",
        "8 min, under 8 GiB",
        "pipeline-25m",
        _pipeline,
    ),
    Row(
        "artifacts for 25 M on disk",
        "under 400 MB",
        "pipeline-25m",
        lambda found: f"{found['disk_mb']:.0f} MB",
    ),
    Row("load for serving, resident memory", "under 1 s, under 400 MB", "serving-25m", _load),
    Row(
        "one hybrid list for 50 ratings, one thread, p50 / p99; als, similar p50",
        "10 / 25 ms; 2 ms; 3 ms",
        "serving-25m",
        _latency,
    ),
    Row("lists of 10 for all 162,541 users, als", "3 min", "lists-25m-als", _lists),
    Row("the same, hybrid", "15 min", "lists-25m-hybrid", _lists),
)


def table(results: Mapping[str, Any]) -> str:
    """Markdown of the bars and what was measured, and of what it was measured with."""
    lines = ["| What | Bar | Measured |", "|---|---|---|"]
    for row in ROWS:
        found = results["parts"].get(row.part)
        lines.append(f"| {row.what} | {row.bar} | {row.show(found) if found else MISSING} |")
    if shown := [results["parts"][row.part] for row in ROWS if row.part in results["parts"]]:
        lines += ["", _setting(results, shown)]
    return "\n".join(lines)


def quality_table(results: Mapping[str, Any], part: str = REAL) -> str:
    """Markdown of how good lists and predicted stars are."""
    found = results["parts"].get(part)
    if not found:
        return "Nothing is measured yet."
    protocols = found["protocols"]
    return "\n\n".join([_lists_table(protocols), _where_behind(protocols), _stars(found["stars"])])


def _lists_table(protocols: Sequence[Figures]) -> str:
    """Models in rows, those first that are good under the first protocol; protocols in columns."""
    headings = [f"{one['protocol']}, {one['users']:,} users" for one in protocols]
    rows = [
        [f"`{name}`", *(_cell(one, name) for one in protocols)] for name in protocols[0]["models"]
    ]
    return markdown([protocols[0]["metric"].upper(), *headings], rows)


def _cell(protocol: Figures, name: str) -> str:
    """Bold for the best, "=" where no difference to it is shown."""
    models = protocol["models"]
    text = f"{models[name]['value']:.3f}"
    if name == next(iter(models)):
        return f"**{text}**"
    return text + (" =" if _against_best(protocol, name).p_adjusted >= SIGNIFICANT else "")


def _against_best(protocol: Figures, name: str) -> Comparison:
    """Find the comparison of a model with the best."""
    pair = {name, next(iter(protocol["models"]))}
    return next(
        Comparison(**one)
        for one in protocol["comparisons"]
        if {one["better"], one["worse"]} == pair
    )


def _where_behind(protocols: Sequence[Figures]) -> str:
    """Say where another model is shown to be better than the hybrid."""
    others = [one for one in protocols if next(iter(one["models"])) != HYBRID]
    found = [(one, _against_best(one, HYBRID)) for one in others]
    lines = [
        f"- {one['protocol']}: {verdict(comparison, label(one['metric']))}"
        for one, comparison in found
        if comparison.p_adjusted < SIGNIFICANT
    ]
    if not lines:
        return f"`{HYBRID}` is first or level with the best everywhere."
    return "\n".join([f"`{HYBRID}` is first or level with the best but for these:", "", *lines])


def _stars(found: Figures) -> str:
    """RMSE of predicted stars with its interval, the least first."""
    models = sorted(found["models"].items(), key=lambda item: item[1]["value"])
    rows = [
        [name, f"{one['value']:.3f}", f"{one['low']:.3f}-{one['high']:.3f}"] for name, one in models
    ]
    return markdown([f"Predicted stars, {found['protocol']}", "RMSE", "95 %"], rows)


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown of a table, figures to the right."""
    ruler = ["---"] + ["---:"] * (len(headings) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in (headings, ruler, *rows))


def _setting(results: Mapping[str, Any], shown: Sequence[Figures]) -> str:
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    dates = sorted(part["measured"][:10] for part in shown)
    when = dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
    return (
        f"Measured {when} on {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory_gib']:.0f} GiB, {machine['os']}; {versions}. The data are made up, with "
        "the counts of MovieLens and spread like it; medians of all rounds, the libraries in turn."
    )


def write_tables(results: Mapping[str, Any], readme: Path = README) -> None:
    """Put both tables of the results in their places in the README."""
    put(SPEED, table(results), readme)
    put(QUALITY, quality_table(results), readme)


def put(place: str, text: str, readme: Path = README) -> None:
    """Put a text between the two marks of a place.

    Raises
    ------
    ValueError
        If the marks are not there.
    """
    start, end = f"<!-- {place} -->", f"<!-- /{place} -->"
    head, found, rest = readme.read_text(encoding="utf-8").partition(start)
    _, ended, tail = rest.partition(end)
    if not found or not ended:
        raise ValueError(f"{readme} has no place for the table: {start} and {end}")
    making = readme.with_name(f".{readme.name}.new")
    making.write_text(f"{head}{start}\n\n{text}\n\n{end}{tail}", encoding="utf-8")
    making.replace(readme)
