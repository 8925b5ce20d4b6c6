"""Lists of LensKit's models with their defaults; run by the Python of ``.venv-compare``."""

import argparse
import json
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from lenskit import batch
from lenskit.als import ImplicitMFScorer
from lenskit.basic import PopScorer
from lenskit.data import ItemList, RecQuery, from_interactions_df
from lenskit.knn import ItemKNNScorer
from lenskit.pipeline import topn_pipeline
from lenskit.training import TrainingOptions

SCORERS = {
    "ImplicitMF": ImplicitMFScorer(),
    "ItemKNN": ItemKNNScorer(feedback="implicit"),
    "Popular": PopScorer(),
}


def main() -> None:
    """Fit each model, list films for those whose ratings are given, and print the versions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="of train.parquet and given.parquet")
    parser.add_argument("-k", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    columns = {"user": "user_id", "item": "item_id"}
    train = pd.read_parquet(options.folder / "train.parquet").rename(columns=columns)
    given = pd.read_parquet(options.folder / "given.parquet")
    dataset = from_interactions_df(train)
    found = []
    for name, scorer in SCORERS.items():
        pipeline = topn_pipeline(scorer, n=options.k)
        pipeline.train(dataset, TrainingOptions(rng=options.seed))
        queries = [
            RecQuery(
                user_id=user,
                history_items=ItemList(item_ids=ratings["item"], rating=ratings["rating"]),
            )
            for user, ratings in given.groupby("user")
        ]
        lists = batch.recommend(pipeline, queries, n_jobs=1).to_df()
        lists = lists.sort_values(["user_id", "rank"])
        found.append(
            pd.DataFrame({"model": name, "user": lists["user_id"], "item": lists["item_id"]})
        )
    pd.concat(found).to_parquet(options.folder / "lists.parquet", index=False)
    print(json.dumps({name: version(name) for name in ("lenskit", "torch")}))


if __name__ == "__main__":
    main()
