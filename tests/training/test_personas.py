import pytest

from recsys.training.personas import find_personas
from tests.builders import make_dataset

WAR, DRAMA, MIXED = range(1, 41), range(41, 81), range(81, 121)
GENRES = dict.fromkeys(WAR, "War") | dict.fromkeys(DRAMA, "Drama") | dict.fromkeys(MIXED, "Comedy")
YEARS = {item: 1980 + 10 * (item % 3) for item in [*WAR, *DRAMA, *MIXED]}


def ratings_of(user, *item_ranges):
    return [(user, item, 4) for items in item_ranges for item in items]


def ordinary(user):
    """Watch ten of everything."""
    return ratings_of(user, WAR[user : user + 10], DRAMA[user : user + 10], MIXED[user : user + 10])


CROWD = [row for user in range(1, 21) for row in ordinary(user)]


def personas(rows, **options):
    dataset = make_dataset(rows, genres=GENRES, years=options.pop("years", YEARS))
    return {found.label: found.user_id for found in find_personas(dataset, **options)}


def test_who_watches_one_genre_is_its_fan():
    found = personas([*CROWD, *ratings_of(77, WAR), *ratings_of(88, DRAMA)])
    assert found["War film viewer"] == 77
    assert found["Drama lover"] == 88


def test_who_watches_one_genre_of_one_decade_is_its_fan():
    nineties = [item for item in WAR if YEARS[item] == 1990] * 1
    others = [item for item in MIXED if YEARS[item] == 1990]
    found = personas([*CROWD, *ratings_of(77, nineties, others)])
    assert found["90s war film viewer"] == 77


def test_a_crowd_without_marked_taste_has_no_personas():
    assert personas(CROWD) == {}


def test_too_few_or_too_many_ratings_are_no_taste():
    assert 77 not in personas([*CROWD, *ratings_of(77, WAR[:19])]).values()
    assert 77 in personas([*CROWD, *ratings_of(77, WAR[:20])]).values()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_no_more_than_asked_for_the_most_marked_first(n):
    rows = [*CROWD, *ratings_of(77, WAR), *ratings_of(88, DRAMA[:20])]
    found = list(personas(rows, n=n).values())
    assert found == list(personas(rows).values())[:n]
    assert found[:1] == [77][:n]


def test_each_user_once_and_no_genre_more_than_twice():
    fans = [row for user in range(200, 220) for row in ratings_of(user, WAR[user % 20 :])]
    found = personas([*CROWD, *fans])
    assert len(set(found.values())) == len(found)
    assert sum("war" in label.lower() for label in found) <= 2


def test_without_genres_there_are_no_personas():
    assert find_personas(make_dataset([*CROWD, *ratings_of(77, WAR)])) == ()


def test_without_years_there_are_fans_of_genres_alone():
    found = personas([*CROWD, *ratings_of(77, WAR)], years={})
    assert found == {"War film viewer": 77}


def test_decades_of_two_centuries_have_labels_of_their_own():
    centuries = {item: 1890 if item % 2 else 1990 for item in YEARS}
    rows = [*CROWD]
    for user, parity in ((77, 1), (88, 0)):
        rows += ratings_of(user, [item for item in WAR if item % 2 == parity])
    dataset = make_dataset(rows, genres=GENRES, years=centuries)
    labels = [persona.label for persona in find_personas(dataset)]
    assert len(set(labels)) == len(labels)
