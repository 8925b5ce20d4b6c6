"""Which items each model can judge."""

import numpy as np
import pytest

from recsys.models.registry import MODELS
from tests.builders import fit_model, make_dataset, two_tastes


def profiles_of(dataset):
    return [dataset.profile(user) for user in range(dataset.n_users)]


@pytest.mark.parametrize(
    ("name", "unrated", "blank"),
    [
        ("popularity", True, True),
        ("content", True, False),
        ("als", True, False),
        ("biased_als", False, False),
        ("svd", False, False),
        ("hybrid", True, False),
    ],
)
def test_items_a_model_cannot_judge_score_nan(name, unrated, blank):
    # Film 21 has a description and no rating, film 22 has neither.
    dataset = two_tastes()
    scores = fit_model(name, dataset).score(profiles_of(dataset))
    assert np.isfinite(scores[:, :20]).all()
    assert (np.isfinite(scores[:, 20]) == unrated).all()
    assert (np.isfinite(scores[:, 21]) == blank).all()


def test_a_rated_film_without_description_scores_nan_in_content_only():
    dataset = make_dataset(
        [(1, 1, 5), (1, 2, 4), (2, 1, 3), (2, 2, 5), (2, 3, 5)], genres={1: "War", 2: "War"}
    )
    finite = {
        name: bool(np.isfinite(fit_model(name, dataset).score([dataset.profile(0)])[0, 2]))
        for name in MODELS
    }
    assert finite == {
        "popularity": True,
        "content": False,
        "als": True,
        "item_item": True,
        "biased_als": True,
        "svd": True,
        "hybrid": True,
    }


@pytest.mark.parametrize("name", ["als", "hybrid"])
def test_a_rated_item_has_a_score_also_with_the_default_config(name):
    dataset = two_tastes()
    model = MODELS["als"][0]().fit(dataset)
    if name == "hybrid":
        others = {
            part: MODELS[part][0]().fit(dataset) for part in ("popularity", "item_item", "content")
        }
        model = MODELS["hybrid"][0](None, {"als": model, **others})
    assert np.isfinite(model.score([dataset.profile(0)])[0, :20]).all()
