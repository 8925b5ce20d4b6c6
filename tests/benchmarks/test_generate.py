import csv
import filecmp

import numpy as np
import pytest

from benchmarks.generate import data_folder, generate
from benchmarks.shapes import SHAPES, Shape, spread
from recsys.data.readers import read_dataset

TINY = Shape(
    "tiny",
    n_users=120,
    n_items=200,
    n_ratings=4_800,
    n_listed=210,
    largest_item_id=400,
    user_counts=((0, 20), (0.25, 25), (0.5, 35), (0.75, 48)),
    user_top=(100,),
    item_counts=((0, 1), (0.25, 4), (0.5, 12), (0.75, 34)),
    item_top=(90,),
    histogram=SHAPES["25m"].histogram,
    first_year=1995,
    last_year=2019,
    n_tags=300,
    n_genome_items=40,
    n_genome_tags=20,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("made")
    generate(TINY, made)
    return made


@pytest.fixture(scope="module")
def dataset(folder):
    dataset, report = read_dataset(folder)
    assert sum(report.rejected.values()) == 0
    return dataset


def column(path, name):
    with path.open(newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


def test_the_counts_are_exact(dataset):
    rated = np.bincount(dataset.item_index, minlength=dataset.n_items)
    assert (dataset.n_users, dataset.n_items, dataset.n_ratings) == (120, 210, 4_800)
    assert (rated > 0).sum() == 200
    assert dataset.items.ids.max() == 400
    assert dataset.simulated


def test_nobody_rates_a_film_twice_and_rows_are_sorted(folder):
    users, items = (
        np.array(column(folder / "ratings.csv", name), int) for name in ("userId", "movieId")
    )
    assert (np.diff(users * 1_000 + items) > 0).all()


def test_users_and_films_are_spread_as_asked(dataset):
    per_user = np.sort(np.diff(dataset.user_indptr))
    assert per_user.tolist() == TINY.per_user().tolist()
    per_item = np.sort(np.bincount(dataset.item_index))[::-1]
    wanted = TINY.per_item()[::-1]
    assert per_item[:20].sum() == pytest.approx(wanted[:20].sum(), rel=0.2)


def test_ratings_are_given_as_often_as_the_real_ones(dataset):
    shares = np.bincount(np.rint(dataset.rating * 2).astype(int), minlength=11)[1:] / 4_800
    assert shares == pytest.approx(TINY.histogram, abs=0.01)


def test_no_film_is_rated_before_it_is_out(dataset):
    years = dataset.timestamp.astype("datetime64[s]").astype("datetime64[Y]").astype(int) + 1970
    assert (years >= dataset.catalog.year[dataset.item_index]).all()
    assert years.min() >= 1995
    assert years.max() <= 2019


def test_tags_and_genome_have_their_rows(folder, dataset):
    assert len(column(folder / "tags.csv", "tag")) == 300
    relevance = np.array(column(folder / "genome-scores.csv", "relevance"), float)
    assert relevance.size == 40 * 20
    assert (relevance >= 0).all() and (relevance <= 1).all()
    assert dataset.tags is not None
    assert dataset.genome is not None


def test_the_same_seed_gives_the_same_bytes(folder, tmp_path):
    generate(TINY, tmp_path)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    assert filecmp.cmpfiles(folder, tmp_path, names, shallow=False)[1:] == ([], [])


def test_another_seed_gives_other_ratings(folder, tmp_path):
    generate(TINY, tmp_path, seed=1)
    assert not filecmp.cmp(folder / "ratings.csv", tmp_path / "ratings.csv", shallow=False)


def test_the_folder_is_made_once(tmp_path):
    first = data_folder(TINY, tmp_path, tags=False)
    before = (first / "ratings.csv").stat().st_mtime_ns
    assert data_folder(TINY, tmp_path, tags=False) == first
    assert (first / "ratings.csv").stat().st_mtime_ns == before
    assert not (first / "tags.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


def test_a_folder_of_another_seed_is_made_anew(tmp_path):
    first = (data_folder(TINY, tmp_path, tags=False) / "ratings.csv").read_bytes()
    again = (data_folder(TINY, tmp_path, seed=1, tags=False) / "ratings.csv").read_bytes()
    assert first != again


@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda shape: shape.name)
def test_the_shapes_are_those_of_movielens(shape):
    per_user, per_item = shape.per_user(), shape.per_item()
    assert (per_user.size, per_item.size) == (shape.n_users, shape.n_items)
    assert per_user.sum() == per_item.sum() == shape.n_ratings
    assert per_user[0] == 20
    assert per_item[0] == 1
    assert (per_user[-1], per_item[-1]) == (shape.user_top[-1], shape.item_top[-1])
    assert np.median(per_user) == pytest.approx(dict(shape.user_counts)[0.5], abs=1)


def test_25m_has_the_heavy_tail_of_the_real_one():
    per_item = SHAPES["25m"].per_item()
    assert np.median(per_item) == 6
    assert per_item[-per_item.size // 10 :].sum() / per_item.sum() > 0.94


def test_a_total_out_of_reach_is_refused():
    with pytest.raises(ValueError, match="can't be shared out"):
        spread(TINY.user_counts, (100,), 120, 120 * 90)
