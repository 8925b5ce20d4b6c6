"""The facade's requests one by one; what holds for all of them is in test_recommender_laws."""

from functools import cache

import numpy as np
import pytest

from recsys.data.profile import Profile
from recsys.errors import (
    DataError,
    InvalidRequestError,
    UnknownItemError,
    UnknownModelError,
    UnknownUserError,
)
from recsys.ranking.filters import Filters
from recsys.serving.recommender import Recommender
from recsys.store.store import ArtifactStore
from tests.builders import (
    COMEDY_ITEMS,
    HORROR_FANS,
    HORROR_ITEMS,
    make_dataset,
    make_recommender,
    two_tastes,
)

MODELS = ["popularity", "content", "als", "hybrid"]


@cache
def recommender():
    return make_recommender(two_tastes())


@cache
def timeless():
    return make_recommender(make_dataset([(1, 1, 5), (1, 2, 2), (2, 2, 5)], genres={1: "War"}))


def ids(listed):
    return listed.item_ids.tolist()


@pytest.mark.parametrize("model", ["content", "als", "hybrid"])
def test_horror_fans_get_horror(model):
    lists = recommender().for_users(HORROR_FANS, 2, model=model)
    listed = [item for _, found in lists for item in ids(found)]
    horror = [item for item in listed if item in {*HORROR_ITEMS, 21}]
    assert len(horror) >= 0.9 * len(listed)


@pytest.mark.parametrize("model", MODELS)
def test_a_profile_of_the_same_ratings_gets_the_same_list(model):
    history = recommender().history(1)
    ratings = dict(zip(history.item_ids.tolist(), history.ratings.tolist(), strict=True))
    by_user = recommender().for_user(1, 5, model=model)
    by_ratings = recommender().for_profile(recommender().profile(ratings), 5, model=model)
    assert ids(by_user) == ids(by_ratings)
    np.testing.assert_array_equal(by_user.scores, by_ratings.scores)


@pytest.mark.parametrize("model", MODELS)
def test_an_empty_profile_gets_the_popularity_board(model):
    listed = recommender().for_profile(Profile.empty(), 5, model=model, explain=True)
    board = recommender().popular(5)
    assert listed.model == "popularity"
    assert ids(listed) == ids(board)
    assert len(listed.contributions) == 5


def test_a_profile_the_model_cannot_read_gets_the_popularity_board():
    blank = recommender().profile({22: 5.0})
    for model in ("als", "content"):
        assert recommender().for_profile(blank, 5, model=model).model == "popularity"
    assert recommender().for_profile(blank, 5).model == "popularity"


def test_the_best_trained_model_is_the_default():
    assert recommender().default_model == recommender().for_user(1).model == "hybrid"
    small = make_recommender(two_tastes(), ["content"])
    assert small.default_model == small.for_user(1).model == "content"
    assert make_recommender(two_tastes(), []).default_model == "popularity"


def test_a_list_without_explanation_has_no_contributions():
    assert recommender().for_user(1).contributions == ()


def test_filters_leave_their_items_alone():
    comedies = recommender().for_user(1, 50, filters=Filters(any_genres=("comedy",)))
    assert set(ids(comedies)) <= set(COMEDY_ITEMS)
    nothing = recommender().for_user(1, 5, filters=Filters(min_year=2050), explain=True)
    assert (len(nothing), nothing.contributions) == (0, ())


@pytest.mark.parametrize("model", MODELS)
def test_a_user_who_has_seen_everything_gets_an_empty_list(model):
    everything = recommender().profile(dict.fromkeys(recommender().items.ids.tolist(), 4.0))
    assert len(recommender().for_profile(everything, 5, model=model, explain=True)) == 0


def test_for_users_equals_for_user_in_the_order_asked_for():
    asked = [103, 1, 7, 1, 112]
    listed = list(recommender().for_users(asked, 5, batch_size=2))
    assert [user for user, _ in listed] == asked
    for user, found in listed:
        alone = recommender().for_user(user, 5)
        assert ids(found) == ids(alone)
        np.testing.assert_allclose(found.scores, alone.scores, rtol=1e-4)


def test_for_users_takes_the_options_of_for_user():
    options = {"model": "hybrid", "alpha": 0.1, "filters": Filters(no_genres=("Horror",))}
    for user, found in recommender().for_users(HORROR_FANS, 5, **options):
        assert ids(found) == ids(recommender().for_user(user, 5, **options))


def test_for_users_names_an_unknown_user_before_the_first_list():
    with pytest.raises(UnknownUserError, match="no user 999"):
        next(recommender().for_users([1, 999]))
    assert list(recommender().for_users([])) == []


def test_alpha_changes_the_mix_for_one_request_only():
    assert recommender().usual_alpha(20) == 0.8
    for alpha, part in ((1.0, "als"), (0.0, "content")):
        mixed = recommender().for_user(1, 3, alpha=alpha)
        alone = recommender().for_user(1, 22, model=part)
        assert set(ids(mixed)) <= set(ids(alone)[:6])
    assert recommender().usual_alpha(20) == 0.8
    assert make_recommender(two_tastes(), ["als"]).usual_alpha(20) is None


@pytest.mark.parametrize("model", ["als", "content", "popularity"])
def test_alpha_is_for_the_hybrid_alone(model):
    with pytest.raises(InvalidRequestError, match=f"leave it out with the model '{model}'"):
        recommender().for_user(1, model=model, alpha=0.5)


@pytest.mark.parametrize("alpha", [-0.1, 1.1])
def test_alpha_out_of_range(alpha):
    with pytest.raises(InvalidRequestError, match="between 0 and 1"):
        recommender().for_user(1, alpha=alpha)


@pytest.mark.parametrize("k", [0, -1])
def test_every_list_wants_a_positive_length(k):
    facade = recommender()
    for request in (
        lambda: facade.for_user(1, k),
        lambda: facade.similar(1, k),
        lambda: facade.popular(k),
        lambda: facade.popular(k, seed=1),
        lambda: next(facade.for_users([1], k)),
    ):
        with pytest.raises(InvalidRequestError, match="1 or more"):
            request()


def test_unknown_users_items_and_models_are_named():
    facade = recommender()
    with pytest.raises(UnknownUserError, match="no user 999"):
        facade.for_user(999)
    with pytest.raises(UnknownUserError):
        facade.history(999)
    with pytest.raises(UnknownItemError, match="no item 999"):
        facade.similar(999)
    with pytest.raises(UnknownItemError):
        facade.similar(1, exclude=[999])
    with pytest.raises(UnknownItemError):
        facade.profile({999: 3.0})
    with pytest.raises(DataError):
        facade.profile({1: 6.0})
    with pytest.raises(
        UnknownModelError,
        match=r"'bpr'.*popularity, content, als, item_item, biased_als, svd, hybrid",
    ):
        facade.for_user(1, model="bpr")
    with pytest.raises(UnknownModelError, match="'als' is not among"):
        make_recommender(two_tastes(), ["content"]).for_user(1, model="als")
    with pytest.raises(UnknownModelError):
        make_recommender(two_tastes(), ["content"]).similar(1, by="both")


@pytest.mark.parametrize("by", ["taste", "content", "both"])
def test_similar_films_are_of_the_same_kind_and_never_the_film_itself(by):
    listed = recommender().similar(1, 9, by=by, explain=True)
    assert set(ids(listed)) <= {*HORROR_ITEMS, 21} - {1}
    assert recommender().similar(1, 99, by=by).item_ids.size == 21
    for parts, score in zip(listed.contributions, listed.scores, strict=True):
        assert sum(part.value for part in parts) == pytest.approx(float(score), abs=1e-4)


def test_similar_films_add_up_also_at_the_far_end():
    listed = recommender().similar(1, 99, explain=True)
    for parts, score in zip(listed.contributions, listed.scores, strict=True):
        assert sum(part.value for part in parts) == pytest.approx(float(score), abs=1e-4)


def test_similar_leaves_out_what_is_excluded():
    first = ids(recommender().similar(1, 3))
    assert ids(recommender().similar(1, 5, exclude=first[:2]))[0] == first[2]
    assert ids(recommender().similar(1, 3, exclude=[])) == first


def test_similar_takes_filters():
    found = recommender().similar(1, 5, filters=Filters(any_genres=("Comedy",)))
    assert set(ids(found)) <= set(COMEDY_ITEMS)


@pytest.mark.parametrize("by", ["taste", "content", "both"])
def test_similar_to_a_blank_film_is_the_popularity_board(by):
    listed = recommender().similar(22, 5, by=by, explain=True)
    assert listed.model == "popularity"
    assert ids(listed) == ids(recommender().popular(5))
    for parts, score in zip(listed.contributions, listed.scores, strict=True):
        assert sum(part.value for part in parts) == pytest.approx(float(score), abs=1e-4)


def test_similar_by_nothing_known():
    with pytest.raises(InvalidRequestError, match="taste, content, both"):
        recommender().similar(1, by="mood")


def test_boards_are_in_their_own_order():
    catalog = recommender().catalog
    counts = dict(zip(catalog.items.ids.tolist(), catalog.rating_count.tolist(), strict=True))
    most = recommender().popular(22, board="most_rated")
    assert [counts[item] for item in ids(most)] == sorted(counts.values(), reverse=True)
    assert most.scores.tolist() == sorted(counts.values(), reverse=True)
    # The comedy fans rated last.
    trending = recommender().popular(10, board="trending")
    assert len(set(ids(trending)) & set(COMEDY_ITEMS)) >= 8
    assert recommender().popular(22).scores[0] > catalog.rating_mean[:20].mean()


def test_a_seed_varies_the_board_and_repeats_itself():
    lists = [tuple(ids(recommender().popular(5, seed=seed))) for seed in range(5)]
    assert len(set(lists)) > 1
    again = recommender().popular(5, seed=0)
    assert tuple(ids(again)) == lists[0]
    assert (np.diff(again.scores) <= 0).all()
    assert len(set(lists[0])) == 5
    allowed = Filters(any_genres=("Horror",))
    assert set(ids(recommender().popular(5, seed=3, filters=allowed))) <= {*HORROR_ITEMS, 21}


def test_without_times_there_is_no_trending_board():
    with pytest.raises(InvalidRequestError, match="no timestamps"):
        timeless().popular(board="trending")
    assert len(timeless().popular(board="top_rated")) == 2


def test_an_unknown_board_is_named_with_the_choice():
    for facade in (recommender(), timeless()):
        with pytest.raises(InvalidRequestError, match="top_rated, most_rated, trending"):
            facade.popular(board="best")


def test_starters_are_known_films_of_all_kinds():
    starters = recommender().starters(4).tolist()
    assert len(set(starters)) == 4
    assert set(starters) & set(HORROR_ITEMS)
    assert set(starters) & set(COMEDY_ITEMS)
    assert starters[0] == ids(recommender().popular(1, board="most_rated"))[0]
    assert recommender().starters(99).size == 22


def test_history_is_the_latest_first():
    history = recommender().history(1)
    assert (np.diff(history.timestamps) < 0).all()
    assert history.item_ids.size == history.ratings.size == 9


def test_history_without_times_is_the_highest_first():
    history = timeless().history(1)
    assert (history.item_ids.tolist(), history.ratings.tolist()) == ([1, 2], [5.0, 2.0])
    assert history.timestamps is None


def test_titles_are_found():
    facade = make_recommender(make_dataset([(1, 5, 5), (1, 6, 4)], titles={5: "Alien", 6: "Heat"}))
    assert facade.find_title("alein") == 5
    assert ids(facade.search("heat")) == [6]
    with pytest.raises(UnknownItemError, match="No film matches 'zzzz qqqq'"):
        facade.find_title("zzzz qqqq")


def test_no_eligible_film_is_no_reason_to_ask_another_model():
    nothing = Filters(min_year=9999)
    assert recommender().for_user(1, 5, model="hybrid", filters=nothing).model == "hybrid"
    assert recommender().similar(1, 5, by="both", filters=nothing).model == "hybrid"


def test_a_version_pruned_while_it_is_read_gives_way_to_the_next(own_artifacts, monkeypatch):
    current = ArtifactStore.current
    gone = iter(["20200101-000000-000000-00000000"])
    monkeypatch.setattr(ArtifactStore, "current", lambda self: next(gone, None) or current(self))
    live = ArtifactStore(own_artifacts).versions()[-1]
    assert Recommender.load(own_artifacts).manifest.version == live


def test_a_profile_of_a_lone_dislike_gets_the_popular_films():
    facade = recommender()
    listed = facade.for_profile(facade.profile({11: 0.5}), 5, model="hybrid")
    assert listed.model == "popularity"
    assert 11 not in ids(listed)


def test_a_fan_is_predicted_to_like_the_own_kind_better():
    facade = recommender()
    fan, other = facade.user_profile(HORROR_FANS[0]), facade.user_profile(101)
    mine = facade.predict_rating(fan, HORROR_ITEMS)
    assert mine.item_ids.tolist() == list(HORROR_ITEMS)
    assert mine.rating.dtype == np.float32
    assert mine.deviation is None
    assert mine.rating.mean() > facade.predict_rating(fan, COMEDY_ITEMS).rating.mean() + 0.5
    assert mine.rating.mean() > facade.predict_rating(other, HORROR_ITEMS).rating.mean() + 0.5


def test_predictions_come_in_the_order_asked_for_and_within_the_scale():
    facade = recommender()
    profile = facade.profile({1: 5.0, 2: 5.0, 3: 5.0})
    every = facade.items.ids
    forth, back = facade.predict_rating(profile, every), facade.predict_rating(profile, every[::-1])
    np.testing.assert_array_equal(forth.rating, back.rating[::-1])
    assert (forth.rating >= 0.5).all()
    assert (forth.rating <= 5.0).all()
    assert facade.predict_rating(profile, []).rating.size == 0


def test_a_film_nobody_rated_and_a_newcomer_get_a_prediction_too():
    facade = recommender()
    newcomer = facade.predict_rating(Profile.empty(), [1, 11, 21])
    assert np.isfinite(newcomer.rating).all()
    # Nothing is known of film 21: the mean of all ratings.
    assert newcomer.rating[2] == pytest.approx(two_tastes().rating.mean(), abs=1e-4)
    assert facade.predict_rating(facade.profile({21: 5.0}), [1]).rating == newcomer.rating[0]


def test_predictions_need_their_model_and_known_films():
    with pytest.raises(UnknownItemError, match="no item 999"):
        recommender().predict_rating(Profile.empty(), [999])
    small = make_recommender(two_tastes(), ["content"])
    assert recommender().predicts_ratings
    assert not small.predicts_ratings
    with pytest.raises(UnknownModelError, match="'biased_als' is not among"):
        small.predict_rating(Profile.empty(), [1])
