from recsys.serving.description import content_sources
from recsys.store.manifest import Manifest
from recsys.training.pipeline import _record
from tests.builders import make_dataset, make_manifest_fields, two_tastes

GENOME = {1: {"space": 0.9, "war": 0.1}}


def test_data_without_a_genome_says_so():
    assert content_sources(_record(two_tastes(), "", 0)) == (
        "This data has no genome tags: content goes by genres, decade, series and user tags."
    )


def test_data_with_a_genome_and_no_user_tags():
    dataset = make_dataset([(1, 1, 5), (1, 2, 4)], genome=GENOME)
    assert content_sources(_record(dataset, "", 0)) == (
        "Content goes by genres, decade, series and genome tags."
    )


def test_data_without_any_tags():
    dataset = make_dataset([(1, 1, 5), (1, 2, 4)])
    assert content_sources(_record(dataset, "", 0)) == (
        "This data has no genome tags: content goes by genres, decade and series."
    )


def test_a_version_from_before_tags_were_counted_is_read_and_says_nothing():
    fields = make_manifest_fields(two_tastes())
    text = Manifest(version="x", created="y", files={}, **fields).model_dump_json(
        exclude={"dataset": {"n_user_tags", "n_genome_tags"}}
    )
    assert content_sources(Manifest.parse(text, "x").dataset) == ""
