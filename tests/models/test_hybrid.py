import numpy as np
import pytest

from recsys.data.profile import Profile
from recsys.errors import InvalidRequestError
from recsys.models.base import Contribution
from recsys.models.hybrid import Hybrid, HybridConfig
from tests.builders import fit_model, two_tastes, user_profile

NAN = np.nan
NOBODY = Profile.empty()
RATED_FIRST = Profile(np.array([0], np.int32), np.array([4.0], np.float32))


class StubPart:
    """A part that gives the scores it was told, each as the contribution of one feature."""

    def __init__(self, scores, factor=1.0):
        self.scores = (factor * np.array(scores)).astype(np.float32)

    def score(self, profiles):
        return np.tile(self.scores, (len(profiles), 1))

    def explain(self, profile, item_index):
        return self.explain_similar(0, item_index)

    def similar(self, item_index):
        return self.scores

    def explain_similar(self, item_index, others):
        return [
            [Contribution("feature", float(self.scores[i]), feature="stub: told")]
            if np.isfinite(self.scores[i])
            else []
            for i in others
        ]


def stubs(als, content):
    """Parts of which ALS and item-item are of one opinion."""
    return {"als": StubPart(als), "item_item": StubPart(als), "content": StubPart(content)}


def mixed(alpha, item_item=0.6, popularity=0.0):
    """Weights that are the same for profiles of all sizes."""
    return HybridConfig(
        alpha=(alpha,) * 4, item_item=(item_item,) * 4, popularity=(popularity,) * 4
    )


def blend(als, content, alpha=0.5, profile=NOBODY):
    parts = stubs(als, content)
    return Hybrid(mixed(alpha), parts).score([profile])[0]


def ranking(scores):
    return np.argsort(-scores, kind="stable").tolist()


def test_standardisation_by_hand():
    # als: mean 2, deviation sqrt(2/3); content: mean 20, deviation sqrt(800/3).
    scores = blend([1, 2, 3], [0, 40, 20], alpha=0.75)
    z = np.sqrt(1.5)
    assert scores.tolist() == pytest.approx([-0.75 * z - 0.25 * z, 0.25 * z, 0.75 * z], abs=1e-6)


def test_what_was_rated_is_left_out_of_mean_and_deviation():
    scores = blend([1000, 1, 3], [0, 5, 5], alpha=1.0, profile=RATED_FIRST)
    assert scores[1:].tolist() == pytest.approx([-1, 1])
    assert scores[0] == pytest.approx(998)


def test_an_item_one_part_knows_nothing_of_gets_the_mean_of_that_part():
    scores = blend([NAN, 1, 3], [1, 2, 3], alpha=0.5)
    z = np.sqrt(1.5)
    assert scores.tolist() == pytest.approx([0.5 * -z, 0.5 * -1, 0.5 * 1 + 0.5 * z])


def test_an_item_no_part_knows_is_nan():
    assert np.isnan(blend([NAN, 1, 3], [NAN, 2, 3])).tolist() == [True, False, False]


@pytest.mark.parametrize(("alpha", "known"), [(1.0, [True, False]), (0.0, [False, True])])
def test_a_part_without_weight_cannot_speak_for_an_item(alpha, known):
    assert np.isfinite(blend([1, NAN], [NAN, 2], alpha=alpha)).tolist() == known


def test_equal_scores_of_a_part_decide_nothing():
    assert ranking(blend([0.1] * 3, [1, 3, 2])) == [1, 2, 0]
    # The rounding of float32 is no difference in taste either.
    nearly = np.nextafter(np.float32([0.1, 0.1, 0.1]), np.float32([1, 0, 0.1]))
    assert ranking(blend(nearly, [1, 3, 2], alpha=0.9)) == [1, 2, 0]


def test_noise_beside_a_large_score_of_a_rated_film_decides_nothing():
    # Of the films not rated the factors say nothing but the rounding of a float32.
    noise = [1.0, 3e-9, -2e-9, 1e-9]
    assert ranking(blend(noise, [0, 1, 3, 2], alpha=0.9, profile=RATED_FIRST)[1:]) == [1, 2, 0]


@pytest.mark.parametrize("part", ["popularity", "als", "item_item", "content"])
@pytest.mark.parametrize("factor", [10.0, 0.1, 1e-3])
def test_the_unit_of_a_part_does_not_matter(part, factor):
    scores = {
        "popularity": [9, 4, 7, 1, 3],
        "als": [0.1, 0.5, 0.3, 0.9, 0.2],
        "item_item": [1, 3, 4, 4, 2],
        "content": [5, 1, 4, 2, 3],
    }
    plain = {name: StubPart(values) for name, values in scores.items()}
    scaled = plain | {part: StubPart(scores[part], factor)}
    before, after = (
        Hybrid(mixed(0.6, 0.4, 0.2), parts).score([RATED_FIRST])[0] for parts in (plain, scaled)
    )
    assert ranking(after) == ranking(before)
    np.testing.assert_allclose(after, before, rtol=1e-4)


@pytest.mark.parametrize(("alpha", "part"), [(1.0, "als"), (0.0, "content")])
def test_at_its_ends_alpha_ranks_like_one_part(alpha, part):
    dataset = two_tastes()
    fitted = fit_model("hybrid", dataset)
    hybrid = Hybrid(mixed(alpha, 0.0), fitted.parts)
    profile = user_profile(dataset, 1)
    blended, alone = (model.score([profile])[0] for model in (hybrid, hybrid.parts[part]))
    known = np.isfinite(alone)
    np.testing.assert_array_equal(np.isfinite(blended), known)
    # Along the part's own order the blend never rises; equal scores may differ by rounding.
    assert (np.diff(blended[known][np.argsort(-alone[known])]) <= 1e-5).all()
    assert {p.source for p in hybrid.explain(profile, [0])[0]} <= {"rating", "feature", "baseline"}


@pytest.mark.parametrize("alpha", [-0.01, 1.01, NAN, np.inf])
def test_alpha_must_be_a_share(alpha):
    with pytest.raises(InvalidRequestError, match="between 0 and 1"):
        mixed(alpha)
    with pytest.raises(InvalidRequestError, match="between 0 and 1"):
        fit_model("hybrid", two_tastes()).with_alpha(alpha)


def test_with_alpha_leaves_the_model_as_it_was():
    parts = stubs([1, 2], [2, 1])
    hybrid = Hybrid(mixed(0.7), parts)
    other = hybrid.with_alpha(0.2)
    assert (hybrid.config.alpha, other.config.alpha) == ((0.7,) * 4, (0.2,) * 4)
    assert other.parts["als"] is hybrid.parts["als"]
    assert ranking(hybrid.score([NOBODY])[0]) == [1, 0]
    assert ranking(other.score([NOBODY])[0]) == [0, 1]


def test_contributions_carry_the_scale_of_the_blend_and_a_baseline():
    parts = stubs([1, 2, 3], [0, 40, 20])
    reasons = Hybrid(mixed(0.75, 0.2), parts).explain(NOBODY, [1])[0]
    z = np.sqrt(1.5)
    assert [part.source for part in reasons] == ["feature", "baseline"] * 3
    values = [part.value for part in reasons]
    of_cf = [1.2 * z, -1.2 * z, 0.3 * z, -0.3 * z]
    assert values == pytest.approx([*of_cf, 0.5 * z, -0.25 * z])


def test_collaborative_filtering_is_a_blend_of_its_own():
    parts = {
        "als": StubPart([1, 2, 3]),
        "item_item": StubPart([30, 10, 20]),
        "content": StubPart([0, 0, 0]),
    }
    scores = Hybrid(mixed(1.0, 0.25), parts).score([NOBODY])[0]
    z = np.sqrt(1.5)
    assert scores.tolist() == pytest.approx([-0.75 * z + 0.25 * z, -0.25 * z, 0.75 * z], abs=1e-6)


def test_popularity_is_a_share_of_collaborative_filtering():
    parts = {**stubs([1, 2, 3], [0, 0, 0]), "popularity": StubPart([30, 20, 10])}
    hybrid = Hybrid(mixed(1.0, 0.0, 0.25), parts)
    z = np.sqrt(1.5)
    assert hybrid.score([NOBODY])[0].tolist() == pytest.approx([-0.5 * z, 0, 0.5 * z], abs=1e-6)


def test_popularity_alone_speaks_for_no_film():
    parts = {**stubs([1, 2, NAN], [0, 0, NAN]), "popularity": StubPart([3, 2, 1])}
    hybrid = Hybrid(mixed(0.8, 0.0, 0.5), parts)
    assert np.isfinite(hybrid.score([NOBODY])[0]).tolist() == [True, True, False]
    assert [bool(reasons) for reasons in hybrid.explain(NOBODY, [0, 1, 2])] == [True, True, False]


def test_the_audience_is_a_reason():
    dataset = two_tastes()
    fitted = fit_model("hybrid", dataset)
    hybrid = Hybrid(mixed(0.9, 0.3, 0.5), fitted.parts)
    profile = user_profile(dataset, 1)
    (reasons,) = hybrid.explain(profile, [5])
    assert "audience: many people watched it" in {part.feature for part in reasons}
    total = sum(part.value for part in reasons)
    assert total == pytest.approx(float(hybrid.score([profile])[0][5]), abs=1e-4)


@pytest.mark.parametrize("share", [-0.01, 1.01, NAN])
def test_the_item_item_share_must_be_a_share(share):
    with pytest.raises(InvalidRequestError, match="between 0 and 1"):
        mixed(0.5, share)


def test_each_size_of_profile_has_weights_of_its_own():
    parts = stubs([1, 2, 3, 0], [3, 2, 1, 0])
    config = HybridConfig((1.0, 0.0, 1.0, 0.0), item_item=(0.5,) * 4, popularity=(0.0,) * 4)
    hybrid = Hybrid(config, parts)
    for n_ratings, size in [(0, 0), (1, 0), (2, 0), (3, 1), (9, 1), (10, 2), (49, 2), (50, 3)]:
        assert hybrid.config.shares(n_ratings) == (1.0 if size % 2 == 0 else 0.0, 0.5, 0.0)
    batch = [RATED_FIRST, Profile(np.arange(3, dtype=np.int32), np.full(3, 4, np.float32))]
    rows = hybrid.score(batch)
    for profile, row in zip(batch, rows, strict=True):
        np.testing.assert_array_equal(hybrid.score([profile])[0], row)
    assert ranking(rows[0]) == [2, 1, 0, 3]
    assert ranking(rows[1]) == [0, 1, 2, 3]


def test_there_is_one_weight_for_each_size():
    with pytest.raises(InvalidRequestError, match="4 values"):
        HybridConfig(alpha=(0.5,))


def test_similarity_leaves_the_film_itself_out_of_mean_and_deviation():
    parts = stubs([1000, 1, 3], [9, 2, 2])
    similar = Hybrid(mixed(1.0), parts).similar(0)
    assert similar[1:].tolist() == pytest.approx([-1, 1])


def test_similarity_to_films_with_nothing_in_common_adds_up():
    dataset = two_tastes()
    hybrid = fit_model("hybrid", dataset).with_alpha(0.5)
    # Film 1 is horror, film 11 comedy: their content cosine is 0, which is below the mean.
    item, other = dataset.items.index([1, 11]).tolist()
    total = sum(part.value for part in hybrid.explain_similar(item, [other])[0])
    assert total == pytest.approx(float(hybrid.similar(item)[other]), abs=1e-4)


def test_als_speaks_for_item_item_where_that_knows_nothing():
    parts = {
        "als": StubPart([1, 2, 3]),
        "item_item": StubPart([2, 1, NAN]),
        "content": StubPart([0, 0, 0]),
    }
    hybrid = Hybrid(mixed(1.0), parts)
    z = np.sqrt(1.5)
    expected = [-0.4 * z + 0.6, -0.6, z]
    assert hybrid.score([NOBODY])[0].tolist() == pytest.approx(expected, abs=1e-6)
    for score, reasons in zip(expected, hybrid.explain(NOBODY, [0, 1, 2]), strict=True):
        assert sum(part.value for part in reasons) == pytest.approx(score, abs=1e-6)
