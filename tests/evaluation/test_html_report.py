import functools
import itertools
import re
from html.parser import HTMLParser

import pytest

from recsys.evaluation.definitions import METRICS
from recsys.evaluation.html_report import html_report
from recsys.evaluation.results import DataSummary, Estimate, ModelResult
from tests.evaluation.records import (
    SLICES,
    SUMMARY,
    estimate,
    make_comparison,
    make_evaluation,
    make_model,
    make_protocol,
)

HOSTILE = (
    "</svg><script>alert(1)</script>",
    'a"b onload=alert(1) x="',
    "'><img src=http://e.vil/x onerror=alert(1)>",
    "</style></title><script>alert(1)</script>",
    "&lt;b&gt; & <b>",
    "url(http://e.vil/x)",
    "]]> <!-- --> <![CDATA[",
    "a\x00b\x0bc\ufffe",
)
VOID = {"meta", "br", "hr", "img", "input", "link"}
FETCHING = {"script", "link", "img", "image", "iframe", "object", "embed", "use", "base", "audio"}


class Page(HTMLParser):
    """A page as a browser would read it: elements with their text, ids, and nesting."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.text = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append({"tag": tag, "text": "", **dict(attributes)})
        if tag not in VOID:
            self.open.append(self.elements[-1])

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        for one in self.open:
            one["text"] += data
        if not any(one["tag"] == "style" for one in self.open):
            self.text += data

    def all(self, tag):
        return [one for one in self.elements if one["tag"] == tag]

    def table(self, caption):
        """Return the cells of a table by row."""
        start = next(
            place
            for place, one in enumerate(self.elements)
            if one["tag"] == "caption" and one["text"] == caption
        )
        rows = []
        for one in self.elements[start + 1 :]:
            if one["tag"] == "table":
                break
            if one["tag"] == "tr":
                rows.append([])
            elif one["tag"] in ("th", "td"):
                rows[-1].append(one["text"])
        return rows


def read(*protocols, **options):
    return Page(html_report(make_evaluation(*protocols, **options)))


def test_values_and_intervals_are_in_the_table_of_their_list_length():
    page = read()
    assert page.table("Accuracy, lists of 10")[:2] == [
        ["Model", "NDCG ↑"],
        ["hybrid", "0.4120.402\N{EN DASH}0.422"],
    ]
    assert page.table("Accuracy, lists of 5")[1] == ["hybrid", "0.5120.502\N{EN DASH}0.522"]


def test_the_best_of_each_column_is_bold():
    page = read()
    bold = {one["text"] for one in page.all("strong")}
    assert "0.412" in bold
    assert "0.588" in bold  # the lowest Gini
    assert not {"0.406", "0.300", "0.700", "3.00"} & bold


def test_models_not_shown_to_differ_from_the_best_are_marked():
    rows = read().table("Accuracy, lists of 10")
    marked = {row[0]: "≈" in row[1] for row in rows[1:]}
    assert marked == {"hybrid": False, "als": True, "svd": False}


def test_the_mark_is_explained_where_it_is_used():
    assert "≈" in read().text
    clear = make_protocol(comparisons=(make_comparison("hybrid", "als", 0.006, 0.01),))
    assert "≈" not in read(clear).text


def test_a_missing_value_is_a_dash():
    nothing = {"ndcg@10": Estimate(value=None), "rmse": Estimate(value=None)}
    models = (make_model("als", 0.4, metrics={"rmse": estimate(0.9)}), make_model("svd", 0.1))
    models += (make_model("none", 0.0, metrics=nothing),)
    rows = read(make_protocol(models)).table("Accuracy, lists of 10")
    assert rows[0] == ["Model", "NDCG ↑", "RMSE ↓"]
    assert [row[2] for row in rows[1:]] == ["0.9000.890\N{EN DASH}0.910", "-", "-"]
    assert rows[3] == ["none", "-", "-"]


def test_verdicts_and_comparisons_are_told():
    page = read()
    assert "hybrid beats svd by 0.112 ± 0.012 NDCG@10, p < 0.001" in page.text
    rows = page.table("Paired comparisons, on the same users")
    assert rows[1] == [
        "hybrid",
        "als",
        "NDCG@10",
        "0.0060",
        "-0.0063 to 0.0183",
        "0.205",
        "0.410",
        "40",
    ]
    assert rows[2][5:7] == ["< 0.001", "< 0.001"]


def test_who_was_judged_and_who_was_not():
    page = read(make_protocol(settings={"newcomers": 88}), n_sampled=40, relevant=4.0)
    for words in ("7 users of whose", "88 users who had not", "more than 40", "555", "4 stars or"):
        assert words in page.text
    assert "Newcomers" not in read().text


def test_simulated_ratings_are_warned_of():
    assert "simulated" in read(data={"simulated": True}).text
    assert "simulated" not in read().text


def test_all_that_is_needed_to_make_it_again_is_there():
    models = (make_model("als", 0.4, config={"n_factors": 17}, fit_seconds=12.34),)
    text = read(make_protocol(models)).text
    for words in ("--protocol random", "abc123", "42", "numpy", "2.9.9", "n_factors = 17", "12.34"):
        assert words in text


def test_settings_that_differ_between_protocols_are_told_apart():
    one = make_protocol((make_model("als", 0.4, config={"a": 1}),))
    other = make_protocol((make_model("als", 0.4, config={"a": 2}),), protocol="temporal:0.2")
    same = make_protocol((make_model("als", 0.4, config={"a": 1}),), protocol="leave-last:1")
    assert read(one, other, same).table("Settings of each model")[1:] == [
        ["als", "a = 1", "random:0.25, leave-last:1"],
        ["als", "a = 2", "temporal:0.2"],
    ]


def test_every_metric_in_a_heading_links_to_its_definition():
    metrics = {f"{name}@10": estimate(0.2) for name in METRICS if name not in ("rmse", "mae")}
    metrics |= {"rmse": estimate(0.9), "mae": estimate(0.7)}
    page = read(make_protocol((make_model("als", 0.4, metrics=metrics),)))
    linked = {one["href"] for one in page.all("a") if one["href"].startswith("#metric-")}
    assert linked == {f"#metric-{name}" for name in METRICS}
    for metric in METRICS.values():
        assert metric.definition in page.text
        assert metric.source in page.text


@pytest.mark.parametrize(
    "evaluation",
    [
        make_evaluation(make_protocol((make_model("als", 0.4),), comparisons=(), verdicts=())),
        make_evaluation(make_protocol((make_model("als", 0.4, slices=SLICES),)), summary=SUMMARY),
        make_evaluation(command="", packages={}),
        make_evaluation(summary=DataSummary(ratings=(), long_tail=(), activity=(), genres=())),
        make_evaluation(make_protocol(), make_protocol(protocol="temporal:0.2"), summary=SUMMARY),
        make_evaluation(
            make_protocol((make_model("als", 0.4, rmse_by_iteration=((0.9, 1.0), (0.8, 0.95))),))
        ),
        make_evaluation(make_protocol((ModelResult(name="als", metrics={}),))),
    ],
    ids=["single", "slices", "bare", "empty", "two", "curve", "unmeasured"],
)
def test_links_lead_somewhere_ids_are_unique_and_headings_are_in_order(evaluation):
    page = Page(html_report(evaluation))
    ids = [one["id"] for one in page.elements if "id" in one]
    assert len(ids) == len(set(ids))
    wanted = {one["href"] for one in page.all("a")}
    wanted |= {f"#{name}" for one in page.all("g") for name in clips(one)}
    assert wanted <= {f"#{name}" for name in ids}
    levels = [int(one["tag"][1]) for one in page.elements if re.fullmatch("h[1-6]", one["tag"])]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert not page.open


def clips(element):
    return re.findall(r"url\(#(.*?)\)", element.get("clip-path") or "")


def test_drawings_that_clip_keep_their_own_ids():
    page = read(make_protocol(), make_protocol(protocol="temporal:0.2"), summary=SUMMARY)
    assert any(clips(one) for one in page.all("g"))
    assert len(page.all("svg")) > 4
    assert all(one["role"] == "img" and one["aria-label"] for one in page.all("svg"))


def test_slices_are_also_in_a_table():
    page = read(make_protocol((make_model("als", 0.4, slices=SLICES), make_model("svd", 0.3))))
    rows = page.table("NDCG@10 by profile size")
    assert rows[0] == ["Model", "1 to 9", "10 or more"]
    assert rows[1:] == [
        ["als", "0.2000.190\N{EN DASH}0.210", "0.4000.390\N{EN DASH}0.410"],
        ["svd", "-", "-"],
    ]
    assert page.table("Recall@10 by genre")[0] == ["Model", "Drama"]


def test_a_report_without_a_summary_has_no_part_on_the_data():
    assert "The data" not in [one["text"] for one in read().all("h2")]
    assert "The data" in [one["text"] for one in read(summary=SUMMARY).all("h2")]


def hostile_evaluation(text):
    slices = {kind: {text: estimate(0.3), "Drama": estimate(0.2)} for kind in SLICES}
    curve = ((0.9, 1.0), (0.8, 0.95))
    models = tuple(
        make_model(name, 0.3, slices=slices, config={text: text}, rmse_by_iteration=curve)
        for name in (text, "als")
    )
    names = {"protocol": text, "description": text, "verdicts": (text,), "settings": {text: text}}
    return make_evaluation(
        make_protocol(models, comparisons=(make_comparison(text, "als", 0.1, 0.3),), **names),
        command=text,
        created=text,
        packages={text: text},
        data={"name": text, "digest": text},
        summary=SUMMARY.model_copy(update={"genres": ((text, 1990, 4), ("Comedy", 2000, 2))}),
    )


@functools.cache
def read_hostile(text):
    return Page(html_report(hostile_evaluation(text)))


def without_drawings(page):
    """Return the elements of a page in order, but not what drawings are made of."""
    drawn = {"g", "path", "line", "rect", "text", "defs", "clippath", "lineargradient", "stop"}
    return [one["tag"] for one in page.elements if one["tag"] not in drawn]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_from_outside_stays_text(text):
    page = read_hostile(text)
    assert without_drawings(page) == without_drawings(read_hostile("Mystery"))
    shown = re.sub("[\x00\x0b\ufffe]", "\N{REPLACEMENT CHARACTER}", text)
    assert page.all("title")[0]["text"] == f"Evaluation: {shown}"
    assert shown in {one["text"] for one in page.all("th")}
    drawn = {one["text"].rstrip("\N{HORIZONTAL ELLIPSIS}") for one in page.all("text")}
    assert any(len(words) > 3 and shown.startswith(words) for words in drawn)


@pytest.mark.parametrize("text", ["Mystery", *HOSTILE], ids=range(len(HOSTILE) + 1))
def test_nothing_is_run_and_nothing_is_fetched(text):
    page = read_hostile(text)
    assert not FETCHING & {one["tag"] for one in page.elements}
    for one in page.elements:
        attributes = {name: value for name, value in one.items() if name not in ("tag", "text")}
        assert not any(name.startswith("on") or name == "src" for name in attributes)
        assert attributes.get("href", "#").startswith("#")
        attributes.pop("aria-label", None)
        assert not any(re.search(r"url\((?!#)", value) for value in attributes.values())
    (style,) = page.all("style")
    assert not re.search(r"url\(|@import", style["text"])


def test_the_ink_of_charts_follows_the_page():
    page = read(make_protocol((make_model("als", 0.4, slices=SLICES),)), summary=SUMMARY)
    (style,) = page.all("style")
    named = re.findall(r'figure \[fill="(.*?)"\] { fill: var\(--ink\)', style["text"])
    inks = [one["fill"] for one in page.all("text")]
    assert set(inks) <= set(named)
    assert inks
