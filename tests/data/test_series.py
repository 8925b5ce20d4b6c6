import pytest

from recsys.data.series import find_series


def groups(*titles):
    series = find_series(titles)
    found = {}
    for item, place in zip(series.item_index, series.series_index, strict=True):
        found.setdefault(series.names[place], []).append(titles[item])
    return found


@pytest.mark.parametrize(
    ("name", "films"),
    [
        ("Toy Story", ["Toy Story", "Toy Story 2", "Toy Story 3"]),
        ("Rocky", ["Rocky", "Rocky II", "Rocky III"]),
        ("The Godfather", ["The Godfather", "The Godfather: Part II"]),
        ("Star Wars", ["Star Wars: Episode IV - A New Hope", "Star Wars: The Clone Wars"]),
        (
            "Harry Potter",
            ["Harry Potter and the Goblet of Fire", "Harry Potter and the Chamber of Secrets"],
        ),
        ("The Matrix", ["The Matrix", "The Matrix Reloaded", "The Matrix Revolutions"]),
        ("Mad Max", ["Mad Max", "Mad Max Beyond Thunderdome"]),
        ("Mission: Impossible", ["Mission: Impossible", "Mission: Impossible - Fallout"]),
        ("Ocean's", ["Ocean's 11", "Ocean's 12"]),
        ("Godzilla", ["Godzilla (Gojira)", "Godzilla vs. Mothra (Mosura tai Gojira)"]),
        ("King Kong", ["King Kong", "King Kong"]),
        ("Die Brücke", ["Die Brücke", "Die Brucke 2"]),
    ],
)
def test_films_of_a_series_are_found(name, films):
    assert groups(*films, "Heat", "Casablanca") == {name: films}


@pytest.mark.parametrize(
    "films",
    [
        ["Alien", "Alien Nation", "Alien from L.A."],
        ["Love and Death", "Love and Other Drugs"],
        ["In the Mood for Love", "In the Heat of the Night"],
        ["Crash", "Crash"],
        ["2001: A Space Odyssey", "2001 Maniacs"],
        ["My Life", "My Life as a Dog"],
        ["Film 1", "Film 2"],
        ["1", "2", "", "!!!", "!!!"],
    ],
)
def test_films_of_no_series_are_not(films):
    assert groups(*films) == {}


def test_a_film_is_in_the_series_of_the_longest_name():
    found = groups("Mission: Impossible", "Mission: Impossible II", "The Mission", "Mission 2")
    assert found["Mission: Impossible"] == ["Mission: Impossible", "Mission: Impossible II"]
    assert found["The Mission"] == ["The Mission", "Mission 2"]


def test_no_titles_make_no_series():
    assert find_series([]).names == ()
