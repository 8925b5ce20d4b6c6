"""The tag genome, on generated relevance of a known rank."""

import numpy as np
import pytest

from recsys.data.tags import Genome
from recsys.models.content import Content, ContentConfig
from recsys.models.genome import GenomeSpace
from tests.builders import make_dataset, make_profile

N_ITEMS, N_TAGS = 60, 40
UNDAMPED = ContentConfig(damping=0.0)


def relevance(rank=6, seed=0):
    rng = np.random.default_rng(seed)
    product = rng.random((N_ITEMS, rank)) @ rng.random((rank, N_TAGS))
    return product / product.max()


def genome(scores):
    names = tuple(f"tag {j}" for j in range(scores.shape[1]))
    return Genome(names, np.arange(len(scores), dtype=np.int32), scores.astype(np.float16))


def dense_cosine(scores):
    centred = scores - scores.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    return unit @ unit.T


def test_few_dimensions_keep_the_cosine_of_all_tags():
    scores = relevance()
    space = GenomeSpace.of(genome(scores), 6)
    assert space.vectors.shape == (N_ITEMS, 6)
    assert space.vectors.dtype == np.float16
    found = np.stack([space.products(space.vector(i)) for i in range(N_ITEMS)])
    np.testing.assert_allclose(found, dense_cosine(scores), atol=5e-3)


def test_more_dimensions_than_tags_are_all_there_are():
    scores = np.random.default_rng(1).random((N_ITEMS, N_TAGS))
    space = GenomeSpace.of(genome(scores), 128)
    assert space.axes.shape == (N_TAGS, N_TAGS)
    np.testing.assert_allclose(space.axes.T @ space.axes, np.eye(N_TAGS), atol=1e-5)
    found = np.stack([space.products(space.vector(i)) for i in range(N_ITEMS)])
    np.testing.assert_allclose(found, dense_cosine(scores), atol=5e-3)


def test_the_shares_of_the_tags_add_up():
    space = GenomeSpace.of(genome(relevance()), 6)
    shares = space.shares(space.vector(3), 5)
    assert sum(shares.values()) == pytest.approx(
        float(space.products(space.vector(3))[5]), abs=1e-5
    )
    assert len(shares) == 21 and "all others" in shares


def test_a_tag_the_film_has_less_of_than_others_is_called_little():
    scores = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8]])
    space = GenomeSpace.of(genome(scores), 2)
    shares = space.shares(space.vector(0), 1)
    assert shares.keys() == {"tag 0", "little tag 1"}
    assert all(value > 0 for value in shares.values())
    assert all(value < 0 for value in space.shares(space.vector(0), 2).values())


ROWS = [(1, 1, 5), (1, 2, 4), (2, 3, 3), (2, 4, 2)]
SCORES = {
    1: {"space": 0.9, "romance": 0.1, "sci fi": 0.9},
    2: {"space": 0.8, "romance": 0.2, "sci fi": 0.7},
    3: {"space": 0.1, "romance": 0.9, "sci fi": 0.1},
}


def test_the_genome_speaks_beside_the_terms():
    genres = {1: "Drama", 2: "Drama", 3: "Drama", 4: "Drama"}
    plain = Content(UNDAMPED).fit(make_dataset(ROWS, genres=genres))
    model = Content(UNDAMPED).fit(make_dataset(ROWS, genres=genres, genome=SCORES))
    assert plain.similar(0).tolist() == pytest.approx([1, 1, 1, 1])
    like = model.similar(0)
    assert like[0] == pytest.approx(1, abs=1e-3)
    assert like[1] > 0.9 > like[3] > like[2]
    # Film 4 has no genome: terms alone speak, and they are half of film 1.
    assert like[3] == pytest.approx(np.sqrt(0.5), abs=1e-3)


def test_a_film_of_which_only_the_genome_is_known_is_known():
    model = Content().fit(make_dataset(ROWS, genome=SCORES))
    assert model.described.tolist() == [True, True, True, False]
    assert np.isnan(model.similar(3)).all()
    assert model.explain_similar(3, [0]) == [[]]


def test_user_tags_and_genome_are_one_feature_under_the_users_spelling():
    tags = {1: {"sci-fi": 3}, 2: {"sci-fi": 1}}
    dataset = make_dataset(ROWS, tags=tags, genome=SCORES)
    model = Content().fit(dataset)
    profile = make_profile(dataset, {1: 5.0, 3: 0.5})
    scores = model.score([profile])[0]
    for item, parts in enumerate(model.explain(profile, range(4))):
        names = [part.feature for part in parts]
        assert len(names) == len(set(names))
        assert "tag: sci fi" not in names
        if parts:
            total = sum(part.value for part in parts)
            assert total == pytest.approx(float(scores[item]), abs=1e-5)
    assert scores[1] > 0 > scores[2]


def test_the_genome_survives_storage():
    dataset = make_dataset(ROWS, genres={4: "War"}, genome=SCORES)
    model = Content().fit(dataset)
    back = Content.from_arrays(model.config, model.arrays(), {})
    profiles = [dataset.profile(0), dataset.profile(1)]
    np.testing.assert_array_equal(back.score(profiles), model.score(profiles))
    assert back.explain(profiles[0], [0, 1]) == model.explain(profiles[0], [0, 1])
