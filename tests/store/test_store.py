import json
import os
import pickle

import numpy as np
import pytest

from recsys.errors import (
    ArtifactsDamagedError,
    ArtifactsIncompatibleError,
    ArtifactsMissingError,
)
from recsys.store.manifest import SCHEMA_VERSION
from tests.store.versions import FIELDS, NUMBERS, write_version


def test_what_is_written_can_be_read(store):
    name = write_version(store)
    version = store.open()
    assert store.current() == version.manifest.version == name
    np.testing.assert_array_equal(version.array("some.numbers"), NUMBERS)
    assert version.arrays("some").keys() == {"numbers"}
    assert version.arrays("other") == {}
    assert version.table("films")["title"].to_pylist() == ["Alien", "Heat"]
    record = version.manifest.files["some.numbers.npy"]
    assert (record.dtype, record.shape) == ("float32", (3, 4))
    assert version.manifest.dataset.n_ratings == 2
    assert version.manifest.schema_version == SCHEMA_VERSION


def test_arrays_are_read_only_and_mapped(store):
    write_version(store)
    array = store.open().array("some.numbers")
    assert type(array) is np.ndarray
    assert isinstance(array.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        array[0, 0] = 1


@pytest.mark.parametrize(
    "array",
    [
        np.empty(0, np.uint8),
        np.empty((0, 5), np.float32),
        np.empty((5, 0), np.bool_),
        np.asfortranarray(NUMBERS),
        NUMBERS[:, ::2],
        np.array([[True, False]]),
    ],
    ids=["empty", "no rows", "no columns", "by column", "strided", "bool"],
)
def test_arrays_of_all_shapes_come_back(store, array):
    write_version(store, array)
    back = store.open().array("some.numbers")
    assert (back.shape, back.dtype) == (array.shape, array.dtype)
    np.testing.assert_array_equal(back, array)


def test_a_file_that_was_never_written_is_named(store):
    write_version(store)
    with pytest.raises(ArtifactsDamagedError, match=r"has no other\.npy"):
        store.open().array("other")


def test_an_empty_folder_says_how_to_train(store):
    assert store.versions() == []
    with pytest.raises(ArtifactsMissingError, match="train_and_save"):
        store.open()


def damage_truncate(path):
    path.write_bytes(path.read_bytes()[:-1])


def damage_alter(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("file", ["some.numbers.npy", "films.parquet"])
@pytest.mark.parametrize(
    ("damage", "message"),
    [(damage_truncate, "truncated"), (damage_alter, "altered"), (os.unlink, "missing")],
)
def test_damaged_files_are_named(store, file, damage, message):
    damage(store.versions_folder / write_version(store) / file)
    with pytest.raises(ArtifactsDamagedError, match=rf"{file}.*{message}.*train again"):
        store.open()


def test_a_damaged_version_cannot_be_promoted(store):
    old, new = write_version(store), write_version(store)
    damage_alter(store.versions_folder / old / "some.numbers.npy")
    with pytest.raises(ArtifactsDamagedError):
        store.promote(old)
    assert store.current() == new


def edit_manifest(store, change):
    path = store.versions_folder / store.current() / "manifest.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"schema_version": "x"}', "\x00"])
def test_a_garbage_manifest_is_damage(store, text):
    (store.versions_folder / write_version(store) / "manifest.json").write_text(text)
    with pytest.raises(ArtifactsDamagedError, match=r"manifest\.json"):
        store.open()


def test_a_manifest_that_is_not_text_is_damage(store):
    (store.versions_folder / write_version(store) / "manifest.json").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ArtifactsDamagedError):
        store.open()


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["files"].clear(),
        lambda content: content["files"].pop("some.numbers.npy"),
        lambda content: content["files"]["films.parquet"].update(sha256="0" * 64),
        lambda content: content["files"]["films.parquet"].update(size=1),
        lambda content: content["files"].update(
            {"../../current.json": content["files"]["films.parquet"]}
        ),
        lambda content: content.update(version="20000101-000000-000000-12345678"),
        lambda content: content.pop("dataset"),
        lambda content: content["dataset"].update(simulated=not content["dataset"]["simulated"]),
        lambda content: content.update(models={}, mood="good"),
    ],
    ids=[
        *("no files", "file removed", "checksum", "size", "outside", "version", "no dataset"),
        *("label", "models"),
    ],
)
def test_a_manifest_that_does_not_match_its_version_is_damage(store, change):
    write_version(store)
    edit_manifest(store, change)
    with pytest.raises(ArtifactsDamagedError):
        store.open()


def test_an_older_schema_asks_for_a_training(store):
    write_version(store)
    edit_manifest(store, lambda content: content.update(schema_version=SCHEMA_VERSION - 1))
    with pytest.raises(ArtifactsIncompatibleError, match="older program: train again"):
        store.open()


def test_a_newer_schema_asks_for_an_update(store):
    write_version(store)
    edit_manifest(store, lambda content: content.update(schema_version=SCHEMA_VERSION + 1, files=7))
    with pytest.raises(ArtifactsIncompatibleError, match="update the program"):
        store.open()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "5",
        "[]",
        "null",
        "{}",
        '{"version": null}',
        '{"version": ""}',
        '{"version": "."}',
        '{"version": ".."}',
        '{"version": "../../x"}',
        '{"version": "/"}',
        '{"version": "gone"}',
        '{"version": "\\u0000"}',
        json.dumps({"version": "x" * 300}),
        "[" * 100_000,
    ],
    ids=lambda text: text[:20],
)
def test_a_current_file_that_names_no_version_is_damage(store, text):
    write_version(store)
    store.current_file.write_text(text)
    with pytest.raises(ArtifactsDamagedError):
        store.open()


def test_a_current_file_that_is_not_text_is_damage(store):
    write_version(store)
    store.current_file.write_bytes(b"\xff\xfe")
    with pytest.raises(ArtifactsDamagedError):
        store.open()


@pytest.mark.parametrize("escape", ["../../x", ".."])
def test_a_version_outside_of_the_store_is_never_opened(store, tmp_path, escape):
    name = write_version(store)
    version = store.versions_folder / name
    outside = (store.versions_folder / escape).resolve()
    outside.mkdir(exist_ok=True)
    for path in version.iterdir():
        (outside / path.name).write_bytes(path.read_bytes())
    store.current_file.write_text(json.dumps({"version": escape}))
    with pytest.raises(ArtifactsDamagedError, match="no version"):
        store.open()


def test_nothing_is_unpickled(store, tmp_path):
    proof = tmp_path / "executed"

    class Trap:
        def __reduce__(self):
            return (proof.touch, ())

    pickle.loads(pickle.dumps(Trap()))
    assert proof.exists()  # the trap works
    proof.unlink()

    with store.training() as writer:
        path = writer.folder / "some.numbers.npy"
        np.save(path, np.array([Trap()], dtype=object), allow_pickle=True)
        writer._record(path, shape=(1,))
        store.commit(writer, **FIELDS)
    with pytest.raises(ArtifactsDamagedError):
        store.open().array("some.numbers")
    assert not proof.exists()


def test_objects_are_not_written_either(store):
    with pytest.raises(ValueError, match="allow_pickle"), store.training() as writer:
        writer.array("objects", np.array([{}], dtype=object))
