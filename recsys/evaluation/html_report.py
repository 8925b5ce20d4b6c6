"""An evaluation as one page that needs nothing else: to read, to print and to send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from recsys.evaluation.charts import quality_pictures
from recsys.evaluation.data_charts import data_pictures
from recsys.evaluation.definitions import label
from recsys.evaluation.html_tables import (
    comparison_table,
    definitions_table,
    legend,
    metric_tables,
    seconds_table,
    settings_table,
    slice_tables,
)
from recsys.evaluation.markup import Content, drawing, element, folded, page, printable
from recsys.evaluation.pictures import Picture, themed
from recsys.evaluation.results import Evaluation, ProtocolResult
from recsys.evaluation.table import shown

SIMULATED = "The ratings behind this are simulated: no person gave them."

CHART_WIDTH = 400
"""Pixels: about that of a phone, of half a page on paper, and somewhat less than half a screen."""

_NOTHING_FROM_OUTSIDE = "default-src 'none'; style-src 'unsafe-inline'"


def html_report(evaluation: Evaluation) -> str:
    """Write an evaluation as one HTML file, without scripts and without requests.

    Parameters
    ----------
    evaluation : Evaluation
        Names, genres and commands in it may be anything: they stay text.

    Returns
    -------
    str
        For UTF-8. Charts are inline SVG. It fits phones, A4 paper, and light and dark screens.
    """
    evaluation = Evaluation.model_validate(printable(evaluation.model_dump()))
    return page(element("html", _head(evaluation), element("body", *_body(evaluation)), lang="en"))


def _head(evaluation: Evaluation) -> Element:
    policy = element("meta", content=_NOTHING_FROM_OUTSIDE)
    policy.set("http-equiv", "Content-Security-Policy")
    return element(
        "head",
        element("meta", charset="utf-8"),
        policy,
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"Evaluation: {evaluation.data.name}"),
        element("style", Path(__file__).with_name("report.css").read_text(encoding="utf-8")),
    )


def _body(evaluation: Evaluation) -> Iterator[Element]:
    yield element("header", *_heading(evaluation), _contents(evaluation))
    main = element("main")
    for place, result in enumerate(evaluation.protocols):
        main.append(element("section", *_protocol(evaluation, result, place), id=f"p{place}"))
    if evaluation.summary is not None:
        pictures = data_pictures(evaluation.summary)
        heading = element("h2", "The data")
        main.append(element("section", heading, _figures(pictures, "data"), id="data"))
    main.append(_definitions())
    main.append(element("section", *_again(evaluation), id="again"))
    yield main


def _heading(evaluation: Evaluation) -> Iterator[Element]:
    data = evaluation.data
    yield element("h1", f"Evaluation: {data.name}")
    low, high = data.scale
    yield element(
        "p",
        f"{data.n_users:,} users, {data.n_items:,} films, {data.n_ratings:,} ratings of {low:g} "
        f"to {high:g} stars. Made on {_when(evaluation.created)}, seed {evaluation.seed}.",
    )
    if data.simulated:
        yield element("p", SIMULATED, class_="warning")
    if evaluation.command:
        yield element("pre", evaluation.command)


def _when(created: str) -> str:
    return created.replace("T", " ").replace("+00:00", " UTC")


def _contents(evaluation: Evaluation) -> Element:
    entries: list[Element] = []
    for place, result in enumerate(evaluation.protocols):
        entries.append(_entry(f"p{place}", result.protocol, _winner(result)))
    if evaluation.summary is not None:
        entries.append(_entry("data", "The data"))
    entries.append(_entry("definitions", "Definitions of the metrics"))
    entries.append(_entry("again", "How to make this again"))
    return element("nav", element("ol", *entries), aria_label="Contents")


def _entry(target: str, name: str, more: str = "") -> Element:
    return element("li", element("a", name, href=f"#{target}"), more)


def _winner(result: ProtocolResult) -> str:
    if not result.models:
        return ""
    best = result.models[0]
    return f": {best.name} leads with {label(result.primary)} {shown(best, result.primary)}"


def _protocol(evaluation: Evaluation, result: ProtocolResult, place: int) -> Iterator[Element]:
    yield element("h2", result.protocol)
    yield element("p", f"{result.description} {_relevance(evaluation)}")
    yield element("dl", *_judged(evaluation, result))
    if result.verdicts:
        yield element("h3", "What differs")
        yield element("ul", *(element("li", verdict) for verdict in result.verdicts))
    yield element("h3", "Metrics")
    first = int(result.primary.partition("@")[2])
    yield from metric_tables(result, first)
    yield legend(result)
    for k in evaluation.ks:
        if k != first:
            yield folded(f"Lists of {k}", *metric_tables(result, k))
    yield element("h3", "Charts")
    yield _figures(quality_pictures(result), f"p{place}")
    if result.comparisons:
        yield folded("All paired comparisons", comparison_table(result.comparisons))
    if slices := tuple(slice_tables(result)):
        yield folded("All slices", *slices)


def _relevance(evaluation: Evaluation) -> str:
    if evaluation.relevant is None:
        return "Any held-out rating is to be found, whatever its stars."
    return f"Only held-out ratings of {evaluation.relevant:g} stars or more are to be found."


def _judged(evaluation: Evaluation, result: ProtocolResult) -> Iterator[Element]:
    users = f"{result.n_users:,}"
    if evaluation.n_sampled is not None:
        users += f", drawn at random where there are more than {evaluation.n_sampled:,}"
    facts = {
        "Judged users": users,
        "Left out": f"{result.n_left_out:,} users of whose held-out ratings none is relevant",
        "Newcomers": f"{result.settings.get('newcomers', 0):,} users who had not rated before the "
        "cut, so that nothing could be known of them; not judged",
        "Ratings": f"{result.n_train_ratings:,} to learn from, {result.n_held_ratings:,} to find",
        "Films": f"{result.n_candidates:,} that may be listed, less those in the user's profile",
    }
    if "newcomers" not in result.settings:
        del facts["Newcomers"]
    return _terms(facts)


def _terms(facts: Mapping[str, str]) -> Iterator[Element]:
    for term, value in facts.items():
        yield element("dt", term)
        yield element("dd", value)


def _figures(pictures: Sequence[Picture], prefix: str) -> Element:
    """Draw charts; what each shows is told below it, and to screen readers."""
    import vl_convert

    made = element("div", class_="figures")
    for place, picture in enumerate(pictures):
        spec = themed(picture.chart, width=CHART_WIDTH).to_dict()
        svg = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
        image = drawing(svg, picture.title, f"{prefix}-{place}")
        caption = element("figcaption", element("strong", f"{picture.title}. "), picture.alt)
        made.append(element("figure", image, caption))
    return made


def _definitions() -> Element:
    return element(
        "section",
        element("h2", "Definitions of the metrics"),
        element(
            "p",
            "Each is of lists as they are served, out of the whole catalogue, not a sample of it. "
            "Means are over users; a user without anything to be found has no part in them. "
            "Intervals are of 95 %, from drawing the users again (BCa bootstrap; Efron 1987). Two "
            "models are compared on the same users by Fisher's randomisation test, corrected for "
            "the number of pairs (Holm 1979).",
        ),
        definitions_table(),
        id="definitions",
    )


def _again(evaluation: Evaluation) -> Iterator[Content]:
    yield element("h2", "How to make this again")
    yield element(
        "p", "The same program, data, packages and seed give the same figures, but for the seconds."
    )
    if evaluation.command:
        yield element("pre", evaluation.command)
    facts = {"Seed": str(evaluation.seed), "Digest of the data": evaluation.data.digest}
    yield element("dl", *_terms(facts | evaluation.packages))
    yield folded("Settings of each model", settings_table(evaluation))
    yield folded("Time taken", seconds_table(evaluation))
