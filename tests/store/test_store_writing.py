"""Writing to a store: one training at a time, failures on the way, old versions."""

import errno
import os
import threading
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from recsys.errors import (
    ArtifactsBusyError,
    ArtifactsDamagedError,
    ArtifactsError,
    ArtifactsWriteError,
)
from recsys.store.store import ArtifactStore
from tests.store.versions import NUMBERS, everything_in, write_version


def test_two_trainings_at_once_are_refused(store):
    write_version(store)
    before = everything_in(store.root)
    with store.training() as writer:
        writer.array("some.numbers", NUMBERS)
        with (
            pytest.raises(ArtifactsBusyError, match="Another training"),
            ArtifactStore(store.root).training(),
        ):
            pytest.fail("two trainings at once")
        assert (writer.folder / "some.numbers.npy").is_file()
    assert everything_in(store.root) == before


def test_another_thread_is_refused_too(store):
    errors = []

    def train():
        try:
            write_version(ArtifactStore(store.root))
        except ArtifactsError as error:
            errors.append(type(error))

    with store.training():
        thread = threading.Thread(target=train)
        thread.start()
        thread.join()
    assert errors == [ArtifactsBusyError]
    assert write_version(store) == store.current()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError])
def test_a_failed_training_leaves_nothing_but_the_live_version(store, error):
    write_version(store)
    before = everything_in(store.root)
    with pytest.raises(error), store.training() as writer:
        writer.array("some.numbers", NUMBERS)
        raise error
    assert everything_in(store.root) == before
    assert [path.name for path in store.versions_folder.iterdir()] == store.versions()
    write_version(store)


def test_a_training_that_commits_nothing_changes_nothing(store):
    name = write_version(store)
    with store.training() as writer:
        writer.array("some.numbers", NUMBERS)
    assert store.versions() == [name]


def test_leftovers_of_a_killed_training_are_swept_away(store):
    leftover = store.versions_folder / ".unfinished"
    leftover.mkdir(parents=True)
    (leftover / "stale.npy").write_bytes(b"half a file")
    (leftover / "manifest.json").write_text("{}")
    assert store.versions() == []
    name = write_version(store)
    assert not leftover.exists()
    assert store.versions() == [name]
    assert "stale.npy" not in everything_in(store.versions_folder / name)


def fail_after(calls, function, code=errno.ENOSPC):
    """Let a function work so many times and then refuse as the operating system does."""
    left = [calls]

    def failing(*args, **options):
        if left[0] == 0:
            raise OSError(code, os.strerror(code))
        left[0] -= 1
        return function(*args, **options)

    return failing


@pytest.mark.parametrize(
    ("module", "name", "calls"),
    [
        (np, "save", 0),
        (pq, "write_table", 0),
        (os, "fsync", 0),
        (os, "fsync", 1),
        (Path, "rename", 0),
        (Path, "replace", 0),
        (Path, "replace", 1),
    ],
)
def test_a_full_disk_leaves_everything_as_it_was(store, monkeypatch, module, name, calls):
    write_version(store)
    before = everything_in(store.root)
    with monkeypatch.context() as full_disk:
        full_disk.setattr(module, name, fail_after(calls, getattr(module, name)))
        with pytest.raises(ArtifactsWriteError, match="disk is full"):
            write_version(store)
    assert everything_in(store.root) == before
    assert [path.name for path in store.versions_folder.iterdir()] == store.versions()
    store.open()
    write_version(store)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EACCES, "permission is denied"),
        (errno.EROFS, "read-only"),
        (errno.EDQUOT, "quota"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_refusals_are_put_in_words(store, monkeypatch, code, words):
    monkeypatch.setattr(np, "save", fail_after(0, np.save, code))
    with pytest.raises(ArtifactsWriteError, match=words):
        write_version(store)


def test_a_write_that_ends_too_early_is_a_full_disk(store, monkeypatch):
    def short(*args, **options):
        raise OSError("83200 requested and 55264 written")  # what numpy.save says, without a number

    monkeypatch.setattr(np, "save", short)
    with pytest.raises(ArtifactsWriteError, match="disk is full"):
        write_version(store)


def test_an_error_of_another_file_is_not_blamed_on_the_artifacts(store):
    with pytest.raises(FileNotFoundError, match="ratings"), store.training():
        raise FileNotFoundError(errno.ENOENT, "No such file", "ratings.csv")


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    for root in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ArtifactsWriteError, match="file"):
            write_version(ArtifactStore(root))


def test_names_of_versions_sort_by_age(store):
    names = [write_version(store) for _ in range(3)]
    assert store.versions() == names == sorted(names)


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_only_the_newest_versions_are_kept(store, keep):
    names = [write_version(store, keep=keep) for _ in range(5)]
    assert store.versions() == names[-keep:]
    assert store.current() == names[-1]
    store.open()


@pytest.mark.parametrize("keep", [0, -1])
def test_the_live_version_is_kept_whatever_is_asked(store, keep):
    for _ in range(3):
        write_version(store, keep=9)
    newest = write_version(store, keep=keep)
    assert store.current() == newest
    assert store.versions() == [newest]


def test_versions_that_someone_went_back_to_are_pruned_by_age(store):
    first, second, third = (write_version(store) for _ in range(3))
    store.promote(first)
    fourth = write_version(store, keep=3)
    assert store.versions() == [second, third, fourth]
    assert store.current() == fourth


def test_promote_goes_back_and_forth(store):
    old = write_version(store, NUMBERS)
    new = write_version(store, NUMBERS + 1)
    assert store.open().array("some.numbers")[0, 0] == 1
    store.promote(old)
    assert store.current() == old
    assert store.open().array("some.numbers")[0, 0] == 0
    assert store.open(new).array("some.numbers")[0, 0] == 1
    store.promote(new)
    assert store.current() == new


@pytest.mark.parametrize("name", ["gone", "../x", ""])
def test_promoting_what_is_not_there_changes_nothing(store, name):
    live = write_version(store)
    with pytest.raises(ArtifactsDamagedError):
        store.promote(name)
    assert store.current() == live


def test_an_open_version_outlives_its_files(store):
    write_version(store, keep=1)
    array = store.open().array("some.numbers")
    write_version(store, keep=1)
    np.testing.assert_array_equal(array, NUMBERS)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_interruption_while_going_live_leaves_a_version_that_opens(store, monkeypatch, moment):
    write_version(store, NUMBERS)
    replace = Path.replace

    def interrupted(path, target):
        if Path(target) != store.current_file:
            return replace(path, target)
        if moment == "after":
            replace(path, target)
        raise KeyboardInterrupt

    with monkeypatch.context() as at_that_moment:
        at_that_moment.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_version(store, NUMBERS + 1)
    first = store.open().array("some.numbers")[0, 0]
    assert first == (0 if moment == "before" else 1)
