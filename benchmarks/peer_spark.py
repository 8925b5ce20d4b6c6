"""Time Spark's implicit ALS on ``local[2]``; run by the Python of ``.venv-bench``."""

import argparse
import json
import time

from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession


def main() -> None:
    """Fit once for a short time to warm up, then as asked for; print the seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ratings", help="a parquet file of user, item and weight")
    parser.add_argument("--factors", type=int, required=True)
    parser.add_argument("--iterations", type=int, required=True)
    options = parser.parse_args()
    spark = (
        SparkSession.builder.master("local[2]")
        .appName("benchmark")
        .config("spark.driver.memory", "6g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    ratings = spark.read.parquet(options.ratings).cache()
    ratings.count()
    seconds = 0.0
    for iterations in (1, options.iterations):
        # Spark's confidence is 1 + alpha * rating.
        als = ALS(
            rank=options.factors,
            maxIter=iterations,
            regParam=0.05,
            implicitPrefs=True,
            alpha=1.0,
            userCol="user",
            itemCol="item",
            ratingCol="weight",
            numUserBlocks=2,
            numItemBlocks=2,
            seed=42,
        )
        start = time.perf_counter()
        model = als.fit(ratings)
        model.itemFactors.count()
        seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds}))
    spark.stop()


if __name__ == "__main__":
    main()
