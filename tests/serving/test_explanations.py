import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.models.base import Contribution
from recsys.serving.explanations import Reason, reasons, summary
from tests.builders import make_dataset, make_profile, make_recommender, two_tastes

DATASET = make_dataset(
    [(1, 10, 5), (1, 20, 2)], titles={10: "Alien", 20: "Heat"}, years={10: 1979}, scale=(0, 10)
)
CATALOG = DATASET.catalog


def feature(name, value):
    return Contribution("feature", value, feature=name)


def rated(item_index, value):
    return Contribution("rating", value, item_index=item_index)


def baseline(name, value):
    return Contribution("baseline", value, feature=name)


def told(contributions, profile=None):
    return [(reason.text, reason.value) for reason in reasons(contributions, CATALOG, profile)]


def test_ratings_name_the_film_and_its_stars():
    profile = make_profile(DATASET, {10: 4.5, 20: 3})
    assert told([rated(0, 1.0), rated(1, 0.5)], profile) == [
        ("because you rated Alien 4.5★", 1.0),
        ("because you rated Heat 3★", 0.5),
    ]


def test_without_a_profile_the_stars_are_left_out():
    assert told([rated(0, 1.0)]) == [("because you rated Alien", 1.0)]


def test_a_rating_of_zero_is_a_rating():
    profile = make_profile(DATASET, {10: 0})
    assert told([rated(0, -1.0)], profile) == [("because you rated Alien 0★", -1.0)]


def test_features_are_grouped_by_kind_the_strongest_first():
    parts = [
        feature("tag: space", 0.1),
        feature("genre: Horror", 0.5),
        feature("tag: alien", 0.3),
        feature("tag: robot", -0.2),
    ]
    assert told(parts) == [
        ("genres: Horror", 0.5),
        ("tags: alien, robot, space", pytest.approx(0.2)),
    ]


def test_a_series_is_put_in_words():
    assert told([feature("series: Toy Story", 0.4)]) == [("same series: Toy Story", 0.4)]


def test_equally_strong_features_are_in_alphabetical_order():
    assert told([feature("tag: b", 1), feature("tag: a", 1)]) == [("tags: a, b", 2)]


def test_a_colon_in_a_tag_stays():
    assert told([feature("tag: star trek: tng", 1)]) == [("tags: star trek: tng", 1)]


def test_the_strongest_reason_is_first_and_what_speaks_against_the_film_last():
    parts = [rated(1, -0.5), feature("genre: War", 0.2), rated(0, 1.0)]
    assert [value for _, value in told(parts)] == [1.0, 0.2, -0.5]


def test_baselines_come_last_as_one():
    parts = [
        baseline("the average film", 0.7),
        rated(0, 0.1),
        baseline("the average film", 0.1),
        baseline("the mean of all ratings", 0.1),
    ]
    assert told(parts) == [
        ("because you rated Alien", 0.1),
        ("compared with the average film and the mean of all ratings", pytest.approx(0.9)),
    ]


def test_nothing_is_explained_by_nothing():
    assert told([]) == []
    assert summary([]) == ""


def test_the_summary_names_what_speaks_for_the_film_alone():
    found = reasons(
        [
            rated(0, 1.0),
            rated(1, -1.0),
            feature("genre: War", 0.25),
            baseline("the average film", 9),
        ],
        CATALOG,
    )
    assert summary(found) == "because you rated Alien: +1.00; genres: War: +0.25"
    assert summary(found, 1) == "because you rated Alien: +1.00"


def test_a_reason_shows_its_sign():
    assert str(Reason("tags: space", -0.255)) in ("tags: space: -0.26", "tags: space: -0.25")
    assert str(Reason("tags: space", 0.5)) == "tags: space: +0.50"


PARTS = st.lists(
    st.builds(rated, st.integers(0, 1), st.floats(-5, 5))
    | st.builds(feature, st.sampled_from(["genre: War", "tag: a", "tag: b"]), st.floats(-5, 5))
    | st.builds(baseline, st.sampled_from(["this", "that"]), st.floats(-5, 5)),
    max_size=12,
)


@given(PARTS)
def test_the_groups_add_up_to_the_score(parts):
    total = sum(value for _, value in told(parts))
    assert total == pytest.approx(sum(part.value for part in parts), abs=1e-9)


@pytest.mark.parametrize("model", ["popularity", "content", "als", "hybrid"])
def test_every_model_is_put_in_words_that_add_up(model):
    recommender = make_recommender(two_tastes())
    profile = recommender.user_profile(1)
    listed = recommender.for_profile(profile, 22, model=model, explain=True)
    for parts, score in zip(listed.contributions, listed.scores, strict=True):
        found = reasons(parts, recommender.catalog, profile)
        assert all(reason.text.strip() for reason in found)
        assert sum(reason.value for reason in found) == pytest.approx(float(score), abs=1e-4)
