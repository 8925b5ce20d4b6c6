"""What each metric is called and means, for screens and reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """A metric in words.

    Attributes
    ----------
    label : str
        Its name in a heading.
    definition : str
        One sentence for a person, which also tells the convention.
    better : "higher", "lower" or None
        Which values are better; None where neither is, because it only tells what lists are like.
    digits : int
        Decimals that are worth showing.
    source : str
        Who introduced it in this form, and the year.
    """

    label: str
    definition: str
    better: Literal["higher", "lower"] | None
    digits: int
    source: str


METRICS: dict[str, Metric] = {
    "hit_rate": Metric(
        "Hit rate",
        "Share of users whose list holds at least one of the films to be found for them.",
        "higher",
        3,
        "Deshpande and Karypis 2004",
    ),
    "precision": Metric(
        "Precision",
        "Share of the k places of a list that hold a film to be found, also where there are fewer "
        "than k such films or the list is shorter.",
        "higher",
        3,
        "Manning, Raghavan and Schuetze 2008",
    ),
    "recall": Metric(
        "Recall",
        "Share of a user's films to be found that are in the list, of all of them even where they "
        "are more than the list can hold.",
        "higher",
        3,
        "Manning, Raghavan and Schuetze 2008",
    ),
    "map": Metric(
        "MAP",
        "Precision at the rank of each film that was found, summed and divided by the most films a "
        "list of k could have found, then averaged over users.",
        "higher",
        3,
        "McFee, Bertin-Mahieux, Ellis and Lanckriet 2012",
    ),
    "ndcg": Metric(
        "NDCG",
        "Films found, each counted less the lower it is listed (by the logarithm of its rank), as "
        "a share of what the best possible list of k would have.",
        "higher",
        3,
        "Jarvelin and Kekalainen 2002",
    ),
    "mrr": Metric(
        "MRR",
        "One divided by the rank of the first film that was found, 0 where the list holds none, "
        "averaged over users.",
        "higher",
        3,
        "Voorhees 1999",
    ),
    "coverage": Metric(
        "Coverage",
        "Share of the films that could be listed that are in at least one user's list.",
        "higher",
        3,
        "Herlocker, Konstan, Terveen and Riedl 2004",
    ),
    "gini": Metric(
        "Gini",
        "How unequally the places of all lists are spread over the films that could be listed: 0 "
        "if all are listed equally often, near 1 if a few films have nearly all places.",
        "lower",
        3,
        "Fleder and Hosanagar 2009",
    ),
    "diversity": Metric(
        "Diversity",
        "How unlike the films of a list are: one less the cosine of their features, averaged over "
        "all pairs of the list, so that 0 is all alike and 1 nothing in common.",
        "higher",
        3,
        "Smyth and McClave 2001",
    ),
    "novelty": Metric(
        "Novelty",
        "How rarely the listed films were rated, in bits: each bit more means half as many users, "
        "and a film nobody rated counts as rated by one.",
        None,
        2,
        "Zhou, Kuscsik, Liu, Medo, Wakeling and Zhang 2010",
    ),
    "popularity": Metric(
        "Popularity",
        "Mean popularity of the listed films as a percentile of the catalogue: 50 is what random "
        "films have, and near 100 are the films with the most ratings.",
        None,
        1,
        "Yin, Cui, Li, Yao and Chen 2012",
    ),
    "serendipity": Metric(
        "Serendipity",
        "Share of the k places of a list that hold a film to be found which the list of the most "
        "popular films does not have.",
        "higher",
        3,
        "Ge, Delgado-Battenfeld and Jannach 2010",
    ),
    "rmse": Metric(
        "RMSE",
        "Square root of the mean squared difference between predicted and given stars, over all "
        "ratings held out, so that large errors count more.",
        "lower",
        3,
        "Herlocker, Konstan, Terveen and Riedl 2004",
    ),
    "mae": Metric(
        "MAE",
        "Mean difference between predicted and given stars, whichever is higher, over all ratings "
        "held out.",
        "lower",
        3,
        "Herlocker, Konstan, Terveen and Riedl 2004",
    ),
}
"""By the key an evaluation has them under, without the length of the list."""


def label(key: str) -> str:
    """Name a metric as a heading does: "NDCG@10" for "ndcg@10", "RMSE" for "rmse".

    Raises
    ------
    KeyError
        If there is no such metric.
    """
    name, at, k = key.partition("@")
    return METRICS[name].label + at + k
