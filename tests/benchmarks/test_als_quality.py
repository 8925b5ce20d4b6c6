import numpy as np
import pytest

from benchmarks.als import last_fifth, quality
from tests.benchmarks.test_generate import TINY
from tests.builders import make_dataset


def test_the_last_fifth_of_each_judge_is_held_out():
    dataset = make_dataset([(user, 10 - day, 3.0, day) for user in (1, 2, 3) for day in range(10)])
    held = last_fifth(dataset, 2)
    assert dataset.timestamp[held].tolist() == [9, 8] * 2
    assert np.unique(dataset.user_index[held]).size == 2


def test_both_als_come_to_the_same(tmp_path):
    from benchmarks.generate import generate

    generate(TINY, tmp_path)
    found = quality(tmp_path, 4, 60)
    assert found["judges"] == 60
    assert found["loss_excess"] == pytest.approx(0, abs=1e-3)
    assert found["ours_ndcg"] == pytest.approx(found["implicit_ndcg"], abs=0.02)
    assert 0 < found["popularity_ndcg"] < 1
