"""Small records of an evaluation."""

from recsys.evaluation.results import (
    Comparison,
    DataRecord,
    DataSummary,
    Estimate,
    Evaluation,
    ModelResult,
    ProtocolResult,
)


def estimate(value, spread=0.01):
    return Estimate(value=value, low=value - spread, high=value + spread, n_users=40)


def make_model(name, ndcg, **options):
    metrics = {
        "ndcg@5": estimate(ndcg + 0.1),
        "ndcg@10": estimate(ndcg),
        "coverage@10": Estimate(value=ndcg / 2, n_users=40),
        "gini@10": Estimate(value=1 - ndcg, n_users=40),
        "diversity@10": estimate(0.5),
        "novelty@10": estimate(3.0),
    }
    return ModelResult(name=name, metrics=metrics | options.pop("metrics", {}), **options)


def make_comparison(better, worse, difference, p):
    ends = {"low": difference - 0.0123, "high": difference + 0.0123}
    found = {"metric": "ndcg@10", "better": better, "worse": worse, "difference": difference}
    return Comparison(**found, **ends, p=p / 2, p_adjusted=p, n_users=40)


def make_protocol(models=None, **options):
    return ProtocolResult(
        **{
            "protocol": "random:0.25",
            "description": "A quarter is to be found.",
            "n_train_ratings": 3000,
            "n_held_ratings": 1000,
            "n_users": 40,
            "n_left_out": 7,
            "n_candidates": 555,
            "models": models
            or (make_model("hybrid", 0.412), make_model("als", 0.406), make_model("svd", 0.3)),
            "comparisons": (
                make_comparison("hybrid", "als", 0.006, 0.41),
                make_comparison("hybrid", "svd", 0.112, 0.0001),
                make_comparison("als", "svd", 0.106, 0.3),
            ),
            "verdicts": ("hybrid beats svd by 0.112 ± 0.012 NDCG@10, p < 0.001",),
        }
        | options
    )


def make_evaluation(*protocols, **options):
    data = {
        "name": "Small",
        "digest": "abc123",
        "n_users": 50,
        "n_items": 600,
        "n_ratings": 4321,
        "scale": (0.5, 5.0),
        "simulated": False,
    }
    return Evaluation(
        **{
            "created": "2030-01-02T03:04:05+00:00",
            "command": "python -m recsys evaluate --protocol random",
            "data": DataRecord(**data | options.pop("data", {})),
            "seed": 42,
            "ks": (5, 10),
            "packages": {"numpy": "2.9.9"},
            "protocols": protocols or (make_protocol(),),
        }
        | options
    )


SUMMARY = DataSummary(
    ratings=((3.0, 10), (4.0, 20)),
    long_tail=((1, 20), (2, 8), (3, 2)),
    activity=((1, 5), (2, 3)),
    genres=(("Drama", 1990, 4), ("Comedy", 2000, 2)),
)
SLICES = {
    "profile size": {"1 to 9": estimate(0.2), "10 or more": estimate(0.4)},
    "popularity": {"head (3 films)": estimate(0.5)},
    "genre": {"Drama": estimate(0.35)},
}
