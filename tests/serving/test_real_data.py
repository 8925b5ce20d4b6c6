"""What holds on MovieLens' own files."""

import numpy as np
import pytest

from recsys.models.registry import MODELS
from recsys.serving.recommender import Recommender

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def recommender(real_artifacts):
    return Recommender.load(real_artifacts)


@pytest.mark.parametrize("model", MODELS)
def test_a_visitor_who_enters_the_ratings_of_a_user_gets_the_list_of_that_user(recommender, model):
    users = np.random.default_rng(0).choice(recommender.users.ids, 50, replace=False)
    for user_id in users:
        history = recommender.history(user_id)
        entered = dict(zip(history.item_ids.tolist(), history.ratings.tolist(), strict=True))
        known = recommender.for_user(user_id, 20, model=model)
        visitor = recommender.for_profile(recommender.profile(entered), 20, model=model)
        assert known.item_ids.tolist() == visitor.item_ids.tolist()
        assert known.scores.tolist() == visitor.scores.tolist()
        assert len(known) == 20
        assert not set(known.item_ids.tolist()) & set(entered)


def test_films_are_like_their_sequels(recommender):
    for title, sequel in (("Alien", "Aliens"), ("Toy Story", "Toy Story 2")):
        like = recommender.similar(recommender.find_title(title), 5, by="both")
        assert recommender.find_title(sequel) in like.item_ids
