import numpy as np
import pytest

from recsys.models.content import Content, ContentConfig
from recsys.models.features import FeatureConfig
from tests.builders import fit_model, make_dataset, make_profile, two_tastes

GENRES = {1: "Horror", 2: "Comedy|Horror", 3: "Comedy", 4: "Western"}
YEARS = {1: 1981, 2: 1989, 3: 1994, 4: 1994}
UNDAMPED = ContentConfig(damping=0.0)
ROWS = [(1, 1, 5), (1, 2, 4), (2, 3, 3), (2, 4, 2)]


def row(model, item):
    """Return an item's features by name."""
    values = model.features[[item]].toarray().ravel()
    return {name: value for name, value in zip(model.feature_names, values, strict=True) if value}


def idf(n_items, n_with):
    return np.log((1 + n_items) / (1 + n_with)) + 1


def unit(terms):
    length = np.sqrt(sum(value**2 for value in terms.values()))
    return {name: pytest.approx(value / length, rel=1e-5) for name, value in terms.items()}


def test_tfidf_by_hand():
    model = Content(UNDAMPED).fit(make_dataset(ROWS, genres=GENRES, years=YEARS))
    # Four films; Comedy, Horror, the 1980s and the 1990s are on two of them, Western on one.
    two, one, half = idf(4, 2), idf(4, 1), 0.5 * idf(4, 2)
    assert row(model, 0) == unit({"genre: Horror": two, "decade: 1980s": half})
    assert row(model, 1) == unit(
        {"genre: Comedy": two, "genre: Horror": two, "decade: 1980s": half}
    )
    assert row(model, 2) == unit({"genre: Comedy": two, "decade: 1990s": half})
    assert row(model, 3) == unit({"genre: Western": one, "decade: 1990s": half})


def test_tags_count_by_the_logarithm_of_their_users():
    tags = {1: {"space": 1, "dog": 3}, 2: {"space": 7}, 3: {"dog": 1}}
    model = Content(UNDAMPED).fit(make_dataset(ROWS, genres={1: "Horror"}, tags=tags))
    two, one = idf(4, 2), idf(4, 1)
    assert row(model, 0) == unit({"genre: Horror": one, "tag: dog": 2 * two, "tag: space": two})
    assert row(model, 1) == unit({"tag: space": 3 * two})
    assert row(model, 2) == unit({"tag: dog": two})
    assert row(model, 3) == {}


def test_a_tag_on_a_single_film_connects_nothing():
    tags = {1: {"space": 5, "lonely": 9}, 2: {"space": 1}}
    model = Content().fit(make_dataset(ROWS, genres=GENRES, tags=tags))
    assert "tag: space" in model.feature_names
    assert "tag: lonely" not in model.feature_names
    everything = Content(ContentConfig(FeatureConfig(min_items_per_tag=1)))
    assert "tag: lonely" in everything.fit(make_dataset(ROWS, tags=tags)).feature_names


def test_a_series_is_found_by_its_films_first():
    titles = {1: "Toy Story", 2: "Toy Story 2", 3: "Antz", 4: "Heat"}
    genres = dict.fromkeys(titles, "Animation") | {4: "Crime"}
    model = Content().fit(make_dataset(ROWS, titles=titles, genres=genres))
    assert model.similar(0)[1] > 2 * model.similar(0)[2] > 0 == model.similar(0)[3]
    shares = {part.feature: part.value for part in model.explain_similar(0, [1])[0]}
    assert shares.keys() == {"genre: Animation", "series: Toy Story"}
    assert shares["series: Toy Story"] > shares["genre: Animation"]


def test_a_film_of_few_terms_is_damped():
    tags = {1: {"space": 3, "dog": 3}, 2: {"space": 3, "dog": 3}, 3: {"space": 1}}
    dataset = make_dataset(ROWS, tags=tags)
    plain, damped = (Content(ContentConfig(damping=d)).fit(dataset) for d in (0.0, 1.0))
    ratio = [model.similar(0)[2] / model.similar(0)[1] for model in (plain, damped)]
    assert ratio[1] < 0.7 * ratio[0]


def test_the_score_is_the_cosine_with_the_weighted_sum_of_what_was_rated():
    dataset = make_dataset(ROWS, genres=GENRES, years=YEARS)
    model = Content().fit(dataset)
    profile = make_profile(dataset, {1: 5.0, 3: 1.0})
    mean = (5 + 1 + 5 * 3.5) / (2 + 5)  # five imaginary ratings of the overall mean
    features = model.features.toarray().astype(np.float64)
    taste = (1 + 0.6 * (5 - mean)) * features[0] + (1 + 0.6 * (1 - mean)) * features[2]
    expected = features @ taste / np.linalg.norm(taste)
    np.testing.assert_allclose(model.score([profile])[0], expected, atol=1e-5)


def test_dislikes_push_their_kind_down():
    dataset = two_tastes()
    model = fit_model("content", dataset)
    liked, mixed = (
        model.score([make_profile(dataset, ratings)])[0]
        for ratings in ({1: 5.0}, {1: 5.0, 11: 0.5, 12: 0.5})
    )
    assert mixed[10:20].max() < 0 <= liked[10:20].min()
    assert mixed[:10].min() > mixed[10:20].max()


def test_a_lone_dislike_says_nothing():
    dataset = two_tastes()
    assert np.isnan(fit_model("content", dataset).score([make_profile(dataset, {11: 0.5})])).all()


def test_a_profile_of_blank_films_says_nothing():
    dataset = two_tastes()
    model = fit_model("content", dataset)
    profile = make_profile(dataset, {22: 5.0})
    assert np.isnan(model.score([profile])).all()
    assert model.explain(profile, [0, 21]) == [[], []]


@pytest.mark.parametrize("unknown", ["genres", "years", "tags"])
def test_what_is_not_known_is_left_out(unknown):
    described = {"genres": GENRES, "years": YEARS, "tags": {1: {"space": 1}, 2: {"space": 2}}}
    del described[unknown]
    model = Content().fit(make_dataset(ROWS, **described))
    kinds = {name.split(": ")[0] for name in model.feature_names}
    assert kinds == {"genre", "decade", "tag"} - {unknown.rstrip("s").replace("year", "decade")}


def test_films_nobody_describes_are_no_error():
    dataset = make_dataset(ROWS)
    assert np.isnan(Content().fit(dataset).score([dataset.profile(0)])).all()


def test_explanations_name_the_features_of_the_film():
    dataset = make_dataset(ROWS, genres=GENRES, years=YEARS)
    model = Content().fit(dataset)
    parts = model.explain(make_profile(dataset, {1: 5.0}), [1])[0]
    # Comedy is no part of the taste, and so no reason.
    assert {part.feature for part in parts} == {"genre: Horror", "decade: 1980s"}
    by_feature = {part.feature: part.value for part in parts}
    assert by_feature["genre: Horror"] > by_feature["decade: 1980s"] > 0


def test_similar_is_the_cosine():
    model = Content(UNDAMPED).fit(make_dataset(ROWS, genres=GENRES, years=YEARS))
    features = model.features.toarray()
    np.testing.assert_allclose(model.similar(1), features @ features[1], atol=1e-6)
    assert model.similar(1)[1] == pytest.approx(1)
