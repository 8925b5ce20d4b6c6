"""Five stars on scales of all kinds, and ratings in words."""

import math

import pytest

from recsys.dashboard.tasting import _to_rating, _to_stars
from recsys.dashboard.text import predicted_text


@pytest.mark.parametrize(
    ("scale", "ratings"),
    [
        ((0.5, 5), [1, 2, 3, 4, 5]),
        ((1, 5), [1, 2, 3, 4, 5]),
        ((0, 10), [2, 4, 6, 8, 10]),
        ((150, 250), [150, 175, 200, 225, 250]),
        ((-10, 10), [-10, -5, 0, 5, 10]),
    ],
)
def test_stars_spread_over_the_scale_and_back(scale, ratings):
    assert [_to_rating(stars, scale) for stars in range(1, 6)] == ratings
    assert [_to_stars(rating, scale) for rating in ratings] == [1, 2, 3, 4, 5]


def test_any_rating_has_a_star():
    assert [_to_stars(rating, (0.5, 5)) for rating in (0.5, 4.5, 5)] == [1, 5, 5]
    assert _to_stars(3, (3, 3)) == 5


@pytest.mark.parametrize(
    ("rating", "deviation", "highest", "text"),
    [
        (4.24, math.nan, 5.0, "predicted 4.2★"),
        (4.24, 0.76, 5.0, "predicted 4.2★ ± 0.8"),
        (7.5, math.nan, 10.0, "predicted 7.5 of 10"),
        (7.5, 1.5, 10.0, "predicted 7.5 ± 1.5 of 10"),
        (83.4, 12.2, 100.0, "predicted 83 ± 12 of 100"),
    ],
)
def test_a_predicted_rating_names_its_scale(rating, deviation, highest, text):
    assert predicted_text(rating, deviation, highest) == text
