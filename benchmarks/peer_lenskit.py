"""Time LensKit's implicit ALS; run by the Python of ``.venv-bench``."""

import argparse
import json
import time

import pandas as pd
from lenskit.als import ImplicitMFScorer
from lenskit.data import from_interactions_df
from lenskit.training import TrainingOptions


def main() -> None:
    """Fit once for a short time to warm up, then as asked for; print the seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ratings", help="a parquet file of user, item and weight")
    parser.add_argument("--factors", type=int, required=True)
    parser.add_argument("--iterations", type=int, required=True)
    options = parser.parse_args()
    frame = pd.read_parquet(options.ratings)
    frame.columns = pd.Index(["user_id", "item_id", "rating"])
    dataset = from_interactions_df(frame)
    seconds = 0.0
    for epochs in (1, options.iterations):
        # LensKit's confidence is 1 + weight * rating.
        scorer = ImplicitMFScorer(
            features=options.factors, epochs=epochs, weight=1.0, use_ratings=True
        )
        start = time.perf_counter()
        scorer.train(dataset, TrainingOptions(rng=42))
        seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
