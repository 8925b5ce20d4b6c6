"""Tables of a report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from recsys.evaluation.certainty import SIGNIFICANT
from recsys.evaluation.definitions import METRICS, label
from recsys.evaluation.markup import Content, element, table
from recsys.evaluation.results import Comparison, Estimate, Evaluation, ModelResult, ProtocolResult
from recsys.evaluation.table import interval, shown

ACCURACY = ("ndcg", "hit_rate", "precision", "recall", "map", "mrr")
ERRORS = ("rmse", "mae")
BREADTH = ("coverage", "gini", "diversity", "serendipity", "novelty", "popularity")

ALIKE = "\N{ALMOST EQUAL TO}"
_ARROWS = {"higher": "\N{UPWARDS ARROW}", "lower": "\N{DOWNWARDS ARROW}", None: ""}


def metric_tables(result: ProtocolResult, k: int) -> Iterator[Element]:
    """Make the tables of one list length: what was found, then what the lists are like.

    Errors of predicted ratings, which have no list, are with the primary length.

    Parameters
    ----------
    result : ProtocolResult
    k : int
        Length of the lists.
    """
    primary = result.primary.endswith(f"@{k}")
    accuracy = [f"{name}@{k}" for name in ACCURACY] + list(ERRORS if primary else ())
    breadth = [f"{name}@{k}" for name in BREADTH]
    for title, keys in (("Accuracy", accuracy), ("Beyond accuracy", breadth)):
        known = [key for key in keys if any(key in model.metrics for model in result.models)]
        if known:
            yield _metric_table(f"{title}, lists of {k}", result, known)


def _metric_table(caption: str, result: ProtocolResult, keys: Sequence[str]) -> Element:
    columns = [_column(result, key) for key in keys]
    names = (model.name for model in result.models)
    return table(
        caption,
        ["Model", *map(_heading, keys)],
        [[name, *cells] for name, *cells in zip(names, *columns, strict=True)],
    )


def _heading(key: str) -> Element:
    name = key.partition("@")[0]
    metric = METRICS[name]
    link = element("a", metric.label, href=f"#metric-{name}")
    return element("span", link, f" {_ARROWS[metric.better]}")


def _column(result: ProtocolResult, key: str) -> list[Element]:
    best = _best(result.models, key)
    alike = not_shown_to_differ(result) if key == result.primary else set()
    return [
        _value(
            shown(model, key),
            model.metrics.get(key),
            key,
            best=shown(model, key) == best,
            alike=model.name in alike,
        )
        for model in result.models
    ]


def _value(
    text: str, estimate: Estimate | None, key: str, *, best: bool = False, alike: bool = False
) -> Element:
    """Write a value above its interval."""
    made = element("span", element("strong", text) if best else text)
    if alike:
        made.append(
            element("abbr", ALIKE, title="not shown to differ from the best", class_="alike")
        )
    if ends := interval(estimate, key):
        made.append(element("small", ends.replace("-", "\N{EN DASH}")))
    return made


def _best(models: Sequence[ModelResult], key: str) -> str | None:
    """Write the best value; None where no value is better than another.

    What rounds to the same is the best with it: the table does not show who leads.
    """
    better = METRICS[key.partition("@")[0]].better
    values = [
        (estimate.value, shown(model, key))
        for model in models
        if (estimate := model.metrics.get(key)) is not None and estimate.value is not None
    ]
    if better is None or len(values) < 2:
        return None
    return (max if better == "higher" else min)(values)[1]


def not_shown_to_differ(result: ProtocolResult) -> set[str]:
    """Name the models that no test shows to be worse than the best, by the primary metric."""
    best = result.models[0].name if result.models else ""
    return {
        name
        for one in result.comparisons
        for name in (one.better, one.worse)
        if one.metric == result.primary
        and one.p_adjusted >= SIGNIFICANT
        and best in (one.better, one.worse)
        and name != best
    }


def legend(result: ProtocolResult) -> Element:
    """Say what the marks of a table mean."""
    words = (
        "Below a value stands its 95 % interval, over users. Bold: the best. "
        "\N{UPWARDS ARROW} higher is better, \N{DOWNWARDS ARROW} lower is, without an arrow "
        "neither. - nothing to measure."
    )
    if not_shown_to_differ(result):
        words += (
            f" {ALIKE} not shown to differ from the best (corrected p of {SIGNIFICANT:g} or more); "
            f"tested for {label(result.primary)} alone."
        )
    return element("p", words, class_="legend")


def slice_tables(result: ProtocolResult) -> Iterator[Element]:
    """Make a table of each kind of slice."""
    k = result.primary.partition("@")[2]
    for kind in dict.fromkeys(kind for model in result.models for kind in model.slices):
        key = result.primary if kind == "profile size" else f"recall@{k}"
        names = dict.fromkeys(
            name for model in result.models for name in model.slices.get(kind, {})
        )
        yield table(
            f"{label(key)} by {kind}",
            ["Model", *names],
            [[model.name, *_slice_cells(model, kind, names, key)] for model in result.models],
        )


def _slice_cells(
    model: ModelResult, kind: str, names: Iterable[str], key: str
) -> Iterator[Element]:
    for name in names:
        estimate = model.slices.get(kind, {}).get(name)
        one = ModelResult(name=name, metrics={key: estimate} if estimate else {})
        yield _value(shown(one, key), estimate, key)


def comparison_table(comparisons: Sequence[Comparison]) -> Element:
    """Make a table of pairs of models."""
    made = table(
        "Paired comparisons, on the same users",
        ["Better", "Worse", "Metric", "Lead", "95 %", "p", "p, corrected", "Users"],
        [
            [
                one.better,
                one.worse,
                label(one.metric),
                f"{one.difference:.4f}",
                f"{one.low:.4f} to {one.high:.4f}",
                chance(one.p),
                chance(one.p_adjusted),
                f"{one.n_users:,}",
            ]
            for one in comparisons
        ],
    )
    made.set("class", "scroll pairs")
    return made


def chance(p: float) -> str:
    """Write a probability; small ones as less than they need to be."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def definitions_table() -> Element:
    """Make the table of all metrics, to which the headings of the others link."""
    made = table(
        "Each metric, its convention and who introduced it in this form",
        ["Metric", "Definition", "Better", "Source"],
        [
            [
                element("span", metric.label, id=f"metric-{name}"),
                metric.definition,
                metric.better or "neither",
                metric.source,
            ]
            for name, metric in METRICS.items()
        ],
    )
    made.set("class", "scroll prose")
    return made


def settings_table(evaluation: Evaluation) -> Element:
    """Make the table of the settings each model was fitted with, once where they are the same."""
    rows: dict[tuple[str, str], list[str]] = {}
    for result in evaluation.protocols:
        for model in result.models:
            rows.setdefault((model.name, _settings(model.config)), []).append(result.protocol)
    made = table(
        "Settings of each model",
        ["Model", "Settings", "Protocols"],
        [[name, settings, ", ".join(used)] for (name, settings), used in rows.items()],
    )
    made.set("class", "scroll prose")
    return made


def _settings(config: dict[str, Any]) -> str:
    pairs = (
        f"{key} = {json.dumps(value, ensure_ascii=False, default=str)}"
        for key, value in config.items()
    )
    return ", ".join(pairs) or "none"


def seconds_table(evaluation: Evaluation) -> Element:
    """Make the table of the time each model took."""
    names = dict.fromkeys(model.name for one in evaluation.protocols for model in one.models)
    columns: list[list[Content]] = []
    for result in evaluation.protocols:
        models = {model.name: model for model in result.models}
        for seconds in ("fit_seconds", "list_seconds"):
            columns.append(
                [f"{getattr(models[n], seconds):.2f}" if n in models else "-" for n in names]
            )
    headings = [
        f"{what}, {one.protocol}" for one in evaluation.protocols for what in ("Fit", "Lists")
    ]
    return table(
        "Seconds to fit a model, and to list for all judged users",
        ["Model", *headings],
        [[name, *cells] for name, *cells in zip(names, *columns, strict=True)],
    )
