from itertools import combinations

import numpy as np
import pytest

from recsys.evaluation import charts, data_charts
from recsys.evaluation.chart_labels import GAP, LETTER, LINE, PLOT, place_labels
from recsys.evaluation.pictures import COLOURS, themed
from recsys.evaluation.results import DataSummary, Estimate, ModelResult, ProtocolResult
from recsys.models.registry import MODELS


def estimate(value, spread=0.01):
    if value is None:
        return Estimate(value=None)
    return Estimate(value=value, low=value - spread, high=value + spread, n_users=50)


def model(name, ndcg, **more):
    metrics = {
        "ndcg@10": estimate(ndcg),
        "ndcg@5": estimate(1 - ndcg),
        "diversity@10": estimate(more.pop("diversity", 0.5)),
        "novelty@10": estimate(more.pop("novelty", 3.0)),
    }
    return ModelResult(name=name, metrics=metrics, **more)


def result(*models):
    return ProtocolResult(
        protocol="random:0.25",
        description="A quarter is to be found.",
        n_train_ratings=75,
        n_held_ratings=25,
        n_users=50,
        n_left_out=0,
        n_candidates=100,
        models=models,
    )


SLICES = {
    "profile size": {"1 to 2": estimate(0.1), "3 to 9": estimate(0.25)},
    "genre": {"Drama": estimate(0.3), "Horror": estimate(0.05), "War": estimate(None)},
}
FULL = result(
    model("als", 0.4, diversity=0.7, novelty=2.5, slices=SLICES),
    model("content", 0.2, diversity=0.8, novelty=6.0, slices=SLICES),
    model("random", 0.01, diversity=0.9, novelty=8.0, slices=SLICES),
    model("biased_als", 0.1, rmse_by_iteration=((0.9, 0.95), (0.8, 0.91), (0.7, 0.93))),
)
SUMMARY = DataSummary(
    ratings=((3.0, 10), (4.0, 60), (5.0, 30)),
    long_tail=((1, 40), (2, 20), (3, 10), (4, 10), (10, 1)),
    activity=((1, 5), (2, 0), (5, 15)),
    genres=(("Drama", 1980, 3), ("Drama", 2000, 9), ("War", 1980, 4)),
)


def datasets(picture):
    return list(picture.chart.to_dict()["datasets"].values())


def rows_of(picture):
    (rows,) = datasets(picture)
    return rows


# Quality


def test_every_chart_is_valid_and_has_a_title_and_one_sentence():
    pictures = (*charts.quality_pictures(FULL), *data_charts.data_pictures(SUMMARY))
    assert len(pictures) == 6 + 4
    for picture in pictures:
        assert picture.chart.to_dict()["$schema"]
        assert picture.title
        assert picture.alt.endswith(".")
        assert any(letter.isdigit() for letter in picture.alt)


def test_models_are_ordered_by_the_metric_of_the_chosen_length():
    picture = charts.quality_by_model(FULL)
    assert [row["model"] for row in rows_of(picture)] == ["als", "content", "biased_als", "random"]
    assert picture.title == "NDCG@10 by model"
    assert "als has the highest NDCG@10, 0.400 (0.390 to 0.410)" in picture.alt
    assert "content follows with 0.200 and random is last with 0.010" in picture.alt
    other = charts.quality_by_model(FULL, k=5)
    assert [row["model"] for row in rows_of(other)] == ["random", "biased_als", "content", "als"]
    assert "random has the highest NDCG@5" in other.alt


def test_an_unmeasured_model_is_left_out():
    picture = charts.quality_by_model(
        result(model("als", 0.4), ModelResult(name="svd", metrics={"ndcg@10": estimate(None)}))
    )
    assert [row["model"] for row in rows_of(picture)] == ["als"]
    assert picture.alt == "als has the highest NDCG@10, 0.400 (0.390 to 0.410)."


def test_a_metric_without_interval_has_none_in_words():
    only = ModelResult(name="als", metrics={"ndcg@10": Estimate(value=0.4)})
    picture = charts.quality_by_model(result(only))
    assert picture.alt == "als has the highest NDCG@10, 0.400."
    assert rows_of(picture)[0]["low"] == rows_of(picture)[0]["high"] == 0.4


def test_quality_against_diversity_and_novelty_tells_the_best_and_the_other_end():
    diversity = charts.quality_against(FULL, "diversity")
    assert "als with 0.400, has diversity@10 0.700" in diversity.alt
    assert "content has the most but for random, 0.800, with NDCG@10 0.200" in diversity.alt
    novelty = charts.quality_against(FULL, "novelty")
    assert "has novelty@10 2.50 bits; content has the most but for random, 6.00" in novelty.alt
    assert {row["model"]: row["x"] for row in rows_of(novelty)}["random"] == 8.0


def test_random_is_named_only_where_it_has_more_than_the_others():
    two = result(model("als", 0.4, diversity=0.5), model("svd", 0.2, diversity=0.8))
    picture = charts.quality_against(two, "diversity")
    assert picture is not None
    assert "svd has the most, 0.800" in picture.alt


def test_slices_leave_random_lists_out_and_begin_with_the_best():
    sizes = charts.quality_by_slice(FULL, "profile size")
    assert [row["model"] for row in rows_of(sizes)] == ["als", "als", "content", "content"]
    assert sizes.alt == (
        "als has NDCG@10 0.100 for 1 to 2 ratings in the profile and 0.250 for 3 to 9."
    )
    genres = charts.quality_by_slice(FULL, "genre")
    assert "largest share in Drama, 0.300, and the smallest in Horror, 0.050" in genres.alt
    assert "War" not in [row["slice"] for row in rows_of(genres)]


def test_at_most_five_models_are_sliced():
    names = ["als", "svd", "hybrid", "content", "item_item", "popularity", "most_rated"]
    many = result(*(model(name, 0.5 - i / 20, slices=SLICES) for i, name in enumerate(names)))
    shown = [row["model"] for row in rows_of(charts.quality_by_slice(many, "genre"))]
    assert list(dict.fromkeys(shown)) == names[:5]


def test_the_iteration_of_the_least_error_is_named():
    picture = charts.error_by_iteration(FULL)
    assert "lowest after iteration 2 of 3, 0.910 stars" in picture.alt
    assert "those trained on it ends at 0.700" in picture.alt
    held = [row["value"] for row in rows_of(picture) if row["ratings"] == "held out"]
    assert held == [0.95, 0.91, 0.93]


def test_what_was_not_measured_is_not_drawn():
    bare = ModelResult(name="als", metrics={})
    assert charts.quality_pictures(result(bare, bare)) == ()
    assert charts.quality_pictures(result()) == ()
    unmeasured = {"genre": {"Drama": estimate(None)}}
    assert charts.quality_by_slice(result(model("als", 0.4, slices=unmeasured)), "genre") is None
    # Two points at least make a comparison.
    assert charts.quality_against(result(model("als", 0.4)), "diversity") is None


# Colours and names


def test_a_model_has_the_same_colour_in_every_chart():
    found = {}
    for picture in charts.quality_pictures(FULL):
        for layer in picture.chart.to_dict()["layer"]:
            scale = layer["encoding"]["color"]["scale"]
            for name, colour in zip(scale["domain"], scale["range"], strict=True):
                assert found.setdefault(name, colour) == colour
    assert found == {name: COLOURS[name] for name in ("als", "content", "random", "biased_als")}


def test_every_model_has_a_colour_of_its_own():
    assert set(MODELS) <= set(COLOURS)
    assert len(set(COLOURS.values())) == len(COLOURS)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("ground", ["#fbf9f6", "#12141a"])
def test_colours_stand_out_by_day_and_by_night(ground):
    for name, colour in COLOURS.items():
        low, high = sorted((luminance(colour), luminance(ground)))
        assert (high + 0.05) / (low + 0.05) >= 3, name  # as WCAG 2.1 wants it of graphics


EYES = {
    "normal": np.eye(3),
    "deutan": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "protan": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "tritan": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
"""What linear RGB comes to (Machado, Oliveira and Fernandes 2009, severity 1)."""

TO_CONES = [[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]
TO_LAB = [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]
"""To the cone responses of OKLab, and from their cube roots to OKLab (Ottosson 2020)."""


def oklab(colour, eyes):
    encoded = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(EYES[eyes]) @ linear, 0, 1)
    return np.array(TO_LAB) @ np.cbrt(np.array(TO_CONES) @ seen)


@pytest.mark.parametrize("eyes", EYES)
def test_colours_can_be_told_apart_by_all_eyes(eyes):
    seen = {name: oklab(colour, eyes) for name, colour in COLOURS.items()}
    for one, other in combinations(COLOURS, 2):
        # Black and white are 1 apart; 0.02 is about what can just be seen.
        assert np.linalg.norm(seen[one] - seen[other]) > 0.07, (one, other)


def test_names_of_close_models_do_not_cover_each_other():
    places = {
        **{"hybrid": (0.66, 0.373), "item_item": (0.69, 0.371), "als": (0.675, 0.345)},
        **{"svd": (0.68, 0.307), "most_rated": (0.71, 0.186), "popularity": (0.62, 0.136)},
        **{"content": (0.41, 0.046), "random": (0.75, 0.003)},
    }
    rows = [
        {"model": name, "x": x, "value": y, "low": y - 0.03, "high": y + 0.03}
        for name, (x, y) in places.items()
    ]
    x_range, y_range = (0.35, 0.8), (0.0, 0.45)
    boxes = []
    for row, label in zip(rows, place_labels(rows, x_range, y_range), strict=True):
        x = PLOT[0] * (row["x"] - x_range[0]) / (x_range[1] - x_range[0]) + label["dx"]
        y = PLOT[1] * (1 - row["value"] / y_range[1]) + label["dy"]
        width = LETTER * len(row["model"])
        left = x if label["align"] == "left" else x - width
        boxes.append((left, left + width, y - LINE / 2, y + LINE / 2))
        assert abs(label["dx"]) == GAP
    for one, other in combinations(boxes, 2):
        apart_sideways = one[1] <= other[0] or other[1] <= one[0]
        assert apart_sideways or one[3] <= other[2] or other[3] <= one[2]


def test_names_are_placed_also_when_models_are_equal():
    equal = result(model("als", 0.0), model("svd", 0.0))
    texts = [(row["align"], row["dy"]) for row in rows_of(charts.quality_against(equal, "novelty"))]
    assert len(set(texts)) == 2


def test_a_theme_changes_neither_data_nor_the_chart_given():
    chart = charts.quality_by_model(FULL).chart
    before = chart.to_dict()
    light, dark = (themed(chart, dark=dark, width=340).to_dict() for dark in (False, True))
    assert light["datasets"] == dark["datasets"] == before["datasets"]
    assert light["width"] == dark["width"] == 340
    assert light["config"]["axis"]["labelColor"] != dark["config"]["axis"]["labelColor"]
    assert light["config"]["background"] == "transparent"
    assert chart.to_dict() == before


# Data


def test_the_most_common_rating_and_the_mean_are_told():
    picture = data_charts.rating_histogram(SUMMARY)
    assert picture.alt == "The most common rating is 4, 60% of all 100; their mean is 4.20."
    assert [row["rating"] for row in rows_of(picture)] == ["3", "4", "5"]


def test_the_long_tail_tells_the_share_of_the_most_rated_tenth():
    picture = data_charts.long_tail(SUMMARY)
    assert picture.alt == "The most rated 1 of 10 films (10%) have 40% of the ratings."
    encoding = picture.chart.to_dict()["encoding"]
    assert [encoding[axis]["scale"]["type"] for axis in "xy"] == ["log", "log"]


def test_ranks_between_the_points_of_the_long_tail_count():
    # 30 films: the top three have 50, about 40 and 30 ratings of 200.
    picture = data_charts.long_tail(
        DataSummary(
            ratings=((4.0, 200),), long_tail=((1, 50), (3, 30), (30, 1)), activity=(), genres=()
        )
    )
    assert picture.alt == "The most rated 3 of 30 films (10%) have 60% of the ratings."


def test_decades_without_a_film_keep_their_place():
    picture = data_charts.genre_decades(SUMMARY)
    assert "Drama has the most films, 12" in picture.alt
    assert "Drama of the 2000s with 9" in picture.alt
    domain = picture.chart.to_dict()["encoding"]["x"]["scale"]["domain"]
    assert domain == ["1980s", "1990s", "2000s"]


def test_classes_of_users_are_named_by_their_ends():
    picture = data_charts.user_activity(SUMMARY)
    assert [row["ratings"] for row in rows_of(picture)] == ["1", "2 to 4", "5 or more"]
    assert "15 of 20 users (75%) have 5 or more ratings" in picture.alt


def test_missing_data_draws_nothing():
    nothing = DataSummary(ratings=(), long_tail=(), activity=(), genres=())
    assert data_charts.data_pictures(nothing) == ()
