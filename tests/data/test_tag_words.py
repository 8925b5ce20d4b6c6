import numpy as np
import pandas as pd
import pytest

from recsys.data.ids import IdMap
from recsys.data.tag_tables import genome_tags, user_tags
from recsys.data.tag_words import clean_tag, is_about_film, vocabulary

ITEMS = IdMap([1, 2, 3], "item")


def columns(rows):
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "tag"])
    return {name: frame[name].to_numpy() for name in frame}


def weights(tags):
    pairs = zip(tags.item_index, tags.tag_index, tags.weight, strict=True)
    return {(int(item), tags.names[tag]): float(weight) for item, tag, weight in pairs}


def test_case_and_white_space_are_folded_and_remarks_dropped():
    assert clean_tag("  Time\t TRAVEL ") == "time travel"
    assert clean_tag("x" * 51) == ""
    assert clean_tag("bell\x07") == ""


@pytest.mark.parametrize(
    "spellings",
    [
        ["sci-fi", "sci fi", "scifi"],
        ["film noir", "film-noir", "“film noir”"],
        ["amélie", "amelie"],
        ["vampire", "vampires"],
    ],
)
def test_spellings_of_one_tag_are_one(spellings):
    names, code = vocabulary([*spellings, "dog"])
    assert len(names) == 2
    assert len(set(code[:-1])) == 1


@pytest.mark.parametrize("tags", [["boss", "bos"], ["mars", "war"], ["space", "spaceship"]])
def test_different_words_stay_apart(tags):
    assert len(vocabulary(tags)[0]) == 2


def test_the_spelling_most_used_stands_for_all():
    assert vocabulary(["scifi", "sci-fi", "sci fi"], [1, 5, 2])[0] == ("sci-fi",)
    names, code = vocabulary(["", "dog"])
    assert (names, code.tolist()) == (("dog",), [-1, 0])


@pytest.mark.parametrize(
    "note",
    [
        "in netflix queue", "to see", "seen", "not seen", "i have seen", "seen more than once",
        "seen at the cinema", "owned", "want to see", "dvd", "dvd-video", "my movies", "watch list",
        "no dvd at netflix", "2009-10-12", "3.5/5", "1", "!!!", "rented 2004", "library",
        "watched 2011", "download",
    ],
)  # fmt: skip
def test_notes_of_viewers_are_no_content(note):
    assert not is_about_film(note)


@pytest.mark.parametrize(
    "tag",
    [
        "i see dead people", "golden watch", "small town", "favelas", "imdb top 250", "1980s",
        "based on a book", "library science", "unseen enemy", "world war 2", "criterion",
        "star wars", "saw attack", "überfall", "宮崎駿",
    ],
)  # fmt: skip
def test_words_about_films_are_content(tag):
    assert is_about_film(tag)


def test_a_user_counts_once_whatever_the_spelling():
    tags = user_tags(
        columns([(1, 1, "Sci-Fi"), (1, 1, "sci fi"), (2, 1, "sci-fi"), (1, 2, "seen")]), ITEMS
    )
    assert weights(tags) == {(0, "sci-fi"): 2.0}


def test_among_many_taggers_the_tags_of_one_are_private():
    rows = [(user, 1, "space") for user in range(1000)] + [(7, 2, "cluster b7"), (8, 3, "dog")]
    assert weights(user_tags(columns(rows), ITEMS)) == {(0, "space"): 1000.0}
    assert len(weights(user_tags(columns(rows[-12:]), ITEMS))) == 3


def test_nothing_but_notes_is_no_tags():
    assert user_tags(columns([(1, 1, "seen")]), ITEMS) is None


def test_of_two_spellings_in_the_genome_the_larger_score_counts():
    scores = {
        "item_id": np.array([3, 3, 1, 9]),
        "tag_id": np.array([1, 2, 1, 1]),
        "relevance": np.array([0.25, 0.75, 0.5, 1.0], dtype=np.float32),
    }
    tags = {"tag_id": np.array([1, 2]), "tag": np.array(["sci fi", "sci-fi"], dtype=object)}
    genome = genome_tags(scores, tags, ITEMS)
    assert genome.item_index.tolist() == [0, 2]
    assert genome.relevance.tolist() == [[0.5], [0.75]]
    assert len(genome.names) == 1
    assert genome_tags({**scores, "item_id": np.full(4, 9)}, tags, ITEMS) is None
