"""What people type, click and put into addresses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recsys.serving.recommender import Recommender
from tests.dashboard.page_runs import (
    BUSY,
    COLD,
    HOME,
    PAGES,
    SIMILAR,
    TASTE,
    USER,
    checked,
    films,
    html,
    notices,
    open_page,
)

Use = Callable[..., None]


@pytest.fixture(autouse=True)
def artifacts(demo: Path, use: Use) -> None:
    use(demo)


def test_unknown_users_get_a_notice() -> None:
    shown = open_page(USER)
    for user_id in (801, 0, -5, 1234567890, 9_007_199_254_740_991):
        checked(shown.number_input(key="user").set_value(user_id).run())
        assert len(shown.warning) == 1, user_id
        assert films(shown) == []
    checked(shown.number_input(key="user").set_value(1).run())
    assert len(shown.warning) == 0
    assert len(films(shown)) == 24


@pytest.mark.parametrize("user", ["-5", "0", "1234567890", "9" * 20, "1e3", "me", "", "nan"])
def test_strange_users_in_the_address(user: str) -> None:
    shown = open_page(USER, user=user)
    assert films(shown) == []
    open_page(HOME, user=user)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "query",
    [
        {"taste": "garbage"},
        {"taste": "1:99"},
        {"taste": "1:nan,2:inf,3:-1,4:"},
        {"taste": "99999999:4,-1:3," + "9" * 30 + ":2"},
        {"taste": "²:5,1:٣,1_0:4, 5 : 3 ,1:5:5"},
        {"film": "abc"},
        {"film": "999999999"},
        {"film": "9" * 20},
        {"film": "9" * 5000},
        {"film": "-1"},
        {"film": "²"},
        {"alpha": "7"},
        {"alpha": "nan"},
        {"model": "nonsense"},
        {"by": "nonsense"},
        {"years": "3000"},
        {"years": "1990,1980"},
        {"min_ratings": "-3"},
        {"min_ratings": "1000000"},
        {"any": "Nonsense"},
        {"board": "nonsense", "board_genre": "x", "decade": "1850s"},
        {"seed": "-1"},
        {"seed": "9" * 20},
        {"genre": "Nonsense"},
        {"q": "<script>alert(1)</script>"},
        {"q": "\\" * 300},
    ],
    ids=lambda query: "&".join(f"{key}={value[:12]}" for key, value in query.items()),
)
def test_strange_addresses(page: str, query: dict[str, str]) -> None:
    shown = open_page(page, **{**BUSY[page], **query})
    assert "simulated ratings of" in notices(shown)


def test_what_is_wrong_in_a_taste_is_left_out() -> None:
    shown = open_page(TASTE, taste="garbage,1:99,2:4,999999:3,3:x")
    assert shown.query_params["taste"] == "2:4"
    assert shown.subheader[0].value == "Your ratings (1)"


def test_an_empty_profile_gets_the_cold_start_list() -> None:
    shown = open_page(TASTE)
    assert "Top rated, until you rate something" in [head.value for head in shown.subheader]
    assert films(shown)[24:] == films(open_page(COLD))[12:]


def stars(shown: AppTest, key: str, value: int | None) -> None:
    """Tap a star, counted from 0."""
    checked(shown.feedback(key=key).set_value(value).run())


def test_rating_undoing_and_clearing() -> None:
    shown = open_page(TASTE)
    cold = films(shown)[24:]
    first, second = films(shown)[:2]
    stars(shown, f"stars_wall_{first}", 4)
    assert shown.query_params["taste"] == f"{first}:5"
    after_one = films(shown)[24:]
    assert after_one != cold
    assert first not in films(shown)
    stars(shown, f"stars_wall_{second}", 0)
    assert shown.query_params["taste"] == f"{first}:5,{second}:1"
    assert films(shown)[24:] != after_one
    stars(shown, f"stars_profile_{second}", 1)  # a second thought
    assert shown.query_params["taste"] == f"{first}:5,{second}:2"
    press(shown, "Undo")
    press(shown, "Undo")
    assert shown.query_params["taste"] == f"{first}:5"
    assert films(shown)[24:] == after_one
    checked(shown.button(key=f"remove_{first}").click().run())
    assert "taste" not in shown.query_params
    assert films(shown)[24:] == cold
    press(shown, "Undo")
    press(shown, "Clear")
    assert "taste" not in shown.query_params
    press(shown, "Undo")
    assert shown.query_params["taste"] == f"{first}:5"
    stars(shown, f"stars_profile_{first}", None)  # the same star again takes it back
    assert "taste" not in shown.query_params


def press(shown: AppTest, label: str) -> None:
    """Press a button by its label."""
    (button,) = [button for button in shown.button if button.label == label]
    assert not button.disabled
    checked(button.click().run())


def test_the_taste_profile_follows_to_other_pages() -> None:
    shown = open_page(TASTE)
    first = films(shown)[0]
    stars(shown, f"stars_wall_{first}", 4)
    for page in (SIMILAR, COLD, HOME):
        shown.switch_page(page)
        checked(shown.run())
        assert shown.query_params["taste"] == f"{first}:5"
    assert "For you" in [head.value for head in shown.subheader]


def test_models_alpha_and_filters_change_the_list() -> None:
    shown = open_page(USER, user="12")
    lists = [films(shown)]
    for model in ("als", "item_item", "content"):
        checked(shown.segmented_control(key="model").set_value(model).run())
        assert not shown.slider or "alpha" not in [slider.key for slider in shown.slider]
        lists.append(films(shown))
    checked(shown.segmented_control(key="model").set_value("hybrid").run())
    assert films(shown) == lists[0]
    checked(shown.slider(key="alpha").set_value(1.0).run())
    # Collaborative filtering alone: most films are those of its two halves.
    assert films(shown) != lists[0]
    assert len(set(films(shown)) & {*lists[1], *lists[2]}) >= 18
    checked(shown.slider(key="alpha").set_value(0.0).run())
    assert set(films(shown)) == set(lists[3])
    assert len({tuple(listed) for listed in lists}) == 4
    checked(shown.multiselect(key="none").set_value(["Sci-Fi"]).run())
    assert films(shown)
    assert "Sci-Fi" not in html(shown).replace("because", "")
    checked(shown.slider(key="years").set_value((1930, 1939)).run())
    checked(shown.number_input(key="min_ratings").set_value(100_000).run())
    assert films(shown) == []
    assert "No film passes these filters" in notices(shown)


def test_stars_are_predicted_for_somebody_and_not_for_nobody() -> None:
    for page, query in ((USER, {"user": "12"}), (TASTE, {"taste": "1:5,3:4"})):
        # On the taste page the wall of films to rate comes first.
        assert html(open_page(page, **query)).count("predicted ") == 24
    for page in (TASTE, COLD, HOME):
        assert "predicted " not in html(open_page(page))


def test_a_seed_gives_the_same_selection() -> None:
    one, again, other = (films(open_page(COLD, seed=seed))[:12] for seed in ("5", "5", "6"))
    assert one == again != other
    shown = open_page(COLD, seed="5")
    press(shown, "Reshuffle")
    assert len(films(shown)) == 36


def test_every_board_and_decade() -> None:
    shown = open_page(COLD, seed="5")
    lists = []
    for board in ("top_rated", "most_rated", "trending"):
        checked(shown.segmented_control(key="board").set_value(board).run())
        lists.append(tuple(films(shown)[12:]))
    assert len(set(lists)) == 3
    for decade in shown.selectbox(key="decade").options:
        checked(shown.selectbox(key="decade").set_value(decade).run())


def test_search_finds_in_spite_of_typing_errors_and_chooses() -> None:
    for page in (HOME, TASTE, SIMILAR):
        shown = open_page(page, q="teh matrx")
        hits = [button for button in shown.button if str(button.key).startswith("hit_")]
        assert hits[0].label.replace("\\", "") == "The Matrix (1999)"
        checked(hits[0].click().run())
        assert shown.query_params.get("film") == "410"
        assert not [button for button in shown.button if str(button.key).startswith("hit_")]


def test_personas_and_random_users() -> None:
    shown = open_page(USER)
    personas = [button for button in shown.button if str(button.key).startswith("persona_")]
    assert len(personas) >= 5
    checked(personas[0].click().run())
    assert len(films(shown)) == 24
    press(shown, "A random user")
    assert len(films(shown)) == 24


def test_home_for_a_user_has_the_user_in_its_address(demo: Path) -> None:
    test = open_page(HOME, user="12")
    assert "For user 12" in [str(heading.value) for heading in test.subheader]
    assert test.query_params["user"] in ("12", ["12"])


def test_the_slider_begins_at_the_alpha_learned_for_the_profiles_size(demo: Path) -> None:
    source = Recommender.load(demo)
    few, many = ({str(i): 5 for i in source.items.ids[:n]} for n in (2, 60))
    tastes = [",".join(f"{item}:{stars}" for item, stars in r.items()) for r in (few, many)]
    shown = open_page(TASTE, taste=tastes[0])
    usual = source.usual_alpha(2)
    assert shown.slider(key="alpha").value == usual
    assert f"begins at {usual:.2f}, learned for 1 to 2 ratings" in notices(shown)
    shown.query_params["taste"] = tastes[1]
    checked(shown.run())
    assert shown.slider(key="alpha").value == source.usual_alpha(60)
    assert "learned for 50 or more ratings" in notices(shown)
    checked(shown.slider(key="alpha").set_value(0.35).run())
    shown.query_params["taste"] = tastes[0]
    checked(shown.run())
    assert shown.slider(key="alpha").value == 0.35
