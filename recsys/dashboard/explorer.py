"""How the ratings of the live version are spread."""

from __future__ import annotations

import numpy as np
import streamlit as st

from recsys.dashboard.report import draw_pictures
from recsys.evaluation.data_charts import data_pictures
from recsys.evaluation.data_summary import summarise
from recsys.evaluation.results import DataSummary
from recsys.serving.recommender import Recommender


def draw(source: Recommender) -> None:
    """Draw ratings, films, genres and users of the data."""
    data, evaluation = source.manifest.dataset, source.manifest.evaluation
    summary = None if evaluation is None else evaluation.summary
    if summary is None:
        summary = _summary(source.manifest.version, source)
    kind = "simulated ratings" if data.simulated else "ratings"
    shares = data.n_ratings / max(1, data.n_users * data.n_items)
    st.write(
        f"**{data.n_ratings:,}** {kind} of **{data.n_items:,}** films by **{data.n_users:,}** "
        f"users: {shares:.2%} of all pairs of a user and a film, "
        f"{data.n_ratings / max(1, data.n_users):,.0f} by a user on average."
    )
    draw_pictures(data_pictures(summary))


@st.cache_resource(max_entries=2, show_spinner="Counting the ratings ...")
def _summary(version: str, _source: Recommender) -> DataSummary:
    """Count what the training of this version did not."""
    histories = _source.histories
    rating = histories.rating_code
    if histories.rating_values.size:
        rating = histories.rating_values[rating]
    return summarise(_source.catalog, np.diff(histories.indptr), rating)
