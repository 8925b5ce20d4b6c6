import re

import pytest

from recsys.evaluation import breadth, metrics, rating_errors
from recsys.evaluation.definitions import METRICS, label
from recsys.evaluation.results import PRIMARY

FUNCTIONS = {
    "hit_rate": metrics.hit_rate,
    "precision": metrics.precision,
    "recall": metrics.recall,
    "map": metrics.average_precision,
    "ndcg": metrics.ndcg,
    "mrr": metrics.reciprocal_rank,
    "coverage": breadth.coverage,
    "gini": breadth.gini,
    "diversity": breadth.intra_list_diversity,
    "novelty": breadth.novelty,
    "popularity": breadth.popularity_percentile,
    "serendipity": breadth.serendipity,
    "rmse": rating_errors.rmse,
    "mae": rating_errors.mae,
}


def test_every_metric_is_defined():
    assert METRICS.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("key", METRICS)
def test_screens_and_code_name_the_same_source(key):
    assert METRICS[key].source in re.sub(r"\s+", " ", FUNCTIONS[key].__doc__)


@pytest.mark.parametrize("key", METRICS)
def test_a_definition_is_one_sentence(key):
    definition = METRICS[key].definition
    assert re.fullmatch(r"[A-Z][^.]*\.", definition)


def test_labels():
    assert label("ndcg@10") == "NDCG@10"
    assert label("hit_rate@5") == "Hit rate@5"
    assert label("rmse") == "RMSE"
    assert label(PRIMARY)


def test_labels_are_not_shared():
    assert len({metric.label for metric in METRICS.values()}) == len(METRICS)


def test_an_unknown_metric_has_no_label():
    with pytest.raises(KeyError):
        label("accuracy@10")
