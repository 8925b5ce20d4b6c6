"""The map from the catalogue to item factors."""

import numpy as np
import pytest

from recsys.models import cold_items
from recsys.models.cold_items import CatalogMap, _design, _Normal, _series
from tests.builders import make_catalog

N = 120


def catalog():
    rng = np.random.default_rng(0)
    names = ("Action", "Comedy", "Drama", "War")
    genres = {
        i: "|".join(np.array(names)[np.unique(rng.integers(0, 4, 2))]) for i in range(1, N + 1)
    }
    titles = {i: f"Saga {i % 8} {'I' * (1 + i // 8 % 3)}" for i in range(1, 41)}
    titles |= {i: f"Lone {i} word{i}" for i in range(41, N + 1)} | {50: "Amelie (Le destin)"}
    years = {i: 1950 + i % 60 for i in range(1, N)}
    return make_catalog(range(1, N + 1), titles=titles, genres=genres, years=years)


CATALOG = catalog()


def factors(n_factors=3):
    return np.random.default_rng(1).normal(size=(N, n_factors)).astype(np.float32)


@pytest.mark.parametrize(("penalty", "series_penalty"), [(3.0, 1.0), (30.0, 8.0)])
def test_the_map_is_the_dense_ridge_regression(penalty, series_penalty):
    design, series, targets = _design(CATALOG), _series(CATALOG), factors().astype(np.float64)
    assert series.shape[1] > 1
    weights, of_series = _Normal(design, series, targets).solve(penalty, series_penalty)
    both = np.hstack([design, series.toarray()])
    ridge = np.diag([1e-9] + [penalty] * (design.shape[1] - 1) + [series_penalty] * series.shape[1])
    expected = np.linalg.solve(both.T @ both + ridge, both.T @ targets)
    np.testing.assert_allclose(np.vstack([weights, of_series]), expected, atol=1e-8)


def test_what_genres_decide_is_found_again(monkeypatch):
    monkeypatch.setattr(cold_items, "_PENALTIES", (0.01,))
    of_genre = np.random.default_rng(2).normal(size=(4, 3))
    truth = (CATALOG.genre_matrix @ of_genre).astype(np.float32)
    rated = np.arange(N) % 3 > 0
    catalog_map = CatalogMap(CATALOG, rated)
    expected = catalog_map.expected(np.where(rated[:, None], truth, 0))
    assert catalog_map.described.all()
    np.testing.assert_allclose(expected[~rated], truth[~rated], atol=0.05)


def test_noise_is_not_believed():
    noise = factors()
    expected = CatalogMap(CATALOG, np.arange(N) % 3 > 0).expected(noise)
    assert np.linalg.norm(expected, axis=1).mean() < 0.4 * np.linalg.norm(noise, axis=1).mean()


def test_a_sequel_is_expected_to_be_like_its_series():
    saga = {1: "Toy Story", 2: "Toy Story 2", 3: "Toy Story 3"}
    others = {i: f"Word{i}" for i in range(4, 40)}
    films = make_catalog(range(1, 40), titles=saga | others, genres=dict.fromkeys(others, "War"))
    rated = np.arange(39) != 2
    truth = np.where(np.arange(39)[:, None] < 3, [[1.0, 0.0]], [[0.0, 1.0]]).astype(np.float32)
    expected = CatalogMap(films, rated).expected(truth)
    assert expected[2, 0] > 0.3


def test_a_film_of_which_only_the_title_is_known_is_not_mapped():
    films = make_catalog([1, 2, 3], titles={1: "Heat", 2: "Ran", 3: "Jaws"}, genres={1: "War"})
    catalog_map = CatalogMap(films, np.array([True, True, False]))
    assert catalog_map.described.tolist() == [True, False, False]
    assert (catalog_map.expected(np.ones((3, 2), np.float32))[1:] == 0).all()
