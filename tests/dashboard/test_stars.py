"""Five stars on scales of all kinds."""

import pytest

from recsys.dashboard.tasting import _to_rating, _to_stars


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
