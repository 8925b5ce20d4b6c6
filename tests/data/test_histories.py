import numpy as np
import pytest

from recsys.data.histories import Histories
from tests.builders import make_dataset

YEAR = 365 * 86_400


def assert_same_profiles(histories, dataset):
    assert histories.users.ids.tolist() == dataset.users.ids.tolist()
    for user in range(dataset.n_users):
        kept, original = histories.profile(user), dataset.profile(user)
        np.testing.assert_array_equal(kept.item_index, original.item_index)
        np.testing.assert_array_equal(kept.rating, original.rating)
        assert kept.rating.dtype == np.float32
        if original.timestamp is None:
            assert kept.timestamp is None
        else:
            np.testing.assert_array_equal(kept.timestamp, original.timestamp)
            assert kept.timestamp.dtype == np.int64


def stars_of(n_values):
    return [(1 + i % 3, i, i / 10, i) for i in range(n_values)]


DATASETS = {
    "stars": make_dataset([(1, 10, 4.5, 5), (1, 20, 2, 6), (7, 10, 0.5, 7)]),
    "no times": make_dataset([(1, 10, 4.5), (7, 10, 0.5)]),
    "256 values": make_dataset(stars_of(256), scale=(0, 100)),
    "257 values": make_dataset(stars_of(257), scale=(0, 100)),
    "before 1970": make_dataset([(1, 10, 3, -5 * YEAR), (2, 10, 3, 5 * YEAR)]),
    "after 2106": make_dataset([(1, 10, 3, 2**32), (2, 10, 3, 0)]),
    "last of uint32": make_dataset([(1, 10, 3, 2**32 - 1), (2, 10, 3, 0)]),
}


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_profiles_come_back_as_they_were(dataset):
    assert_same_profiles(Histories.of(dataset), dataset)


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_arrays_restore_the_histories(dataset):
    arrays = {name: array.copy() for name, array in Histories.of(dataset).arrays().items()}
    for array in arrays.values():
        array.flags.writeable = False
    assert_same_profiles(Histories.from_arrays(arrays), dataset)


@pytest.mark.parametrize(
    ("name", "code", "time"),
    [
        ("stars", np.uint8, np.uint32),
        ("256 values", np.uint8, np.uint32),
        ("257 values", np.float32, np.uint32),
        ("before 1970", np.uint8, np.int64),
        ("after 2106", np.uint8, np.int64),
        ("last of uint32", np.uint8, np.uint32),
    ],
)
def test_columns_are_as_small_as_the_data_allows(name, code, time):
    histories = Histories.of(DATASETS[name])
    assert histories.rating_code.dtype == code
    assert histories.timestamp.dtype == time
