"""What the live version holds, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from recsys.dashboard.text import as_markdown
from recsys.store.manifest import BlendRecord, Manifest


def draw(manifest: Manifest) -> None:
    """Draw data, date, size, models with their settings, and the hybrid's weights."""
    _draw_facts("What is live", _facts(manifest))
    st.subheader("Weights of the hybrid", anchor=False)
    if manifest.blend:
        st.write(
            "How much taste counts against content was learned by the size of the profile, on "
            "ratings held out. The figures are NDCG@10 of the hybrid, and of one part alone; the "
            "best is bold."
        )
        rows = [_weights(record) for record in manifest.blend]
        table = pd.DataFrame(rows).set_index("Ratings in the profile")
        st.table(table, border="horizontal")
    elif "hybrid" in manifest.models:
        st.write(
            "They were given or are the defaults: the data has too few ratings to learn them from."
        )
    else:
        st.write("The hybrid was not trained.")
    st.subheader("Models and their settings", anchor=False)
    for name, config in manifest.models.items():
        with st.expander(as_markdown(name)):
            _draw_facts("", dict(_flat(config)))
    st.subheader("Made with", anchor=False)
    st.caption(
        as_markdown(", ".join(f"{name} {number}" for name, number in manifest.packages.items()))
    )


def _facts(manifest: Manifest) -> dict[str, str]:
    data = manifest.dataset
    tags = [f"{n:,} {what}" for n, what in _tags(manifest) if n]
    low, high = data.scale
    facts = {
        "Data": data.name + (" (simulated)" if data.simulated else ""),
        "Ratings": f"{data.n_ratings:,}, from {low:g} to {high:g}",
        "Films": f"{data.n_items:,}",
        "Users": f"{data.n_users:,}",
        "Tags": " and ".join(tags) or "none",
        "Rows left out": f"{data.n_rejected:,}",
        "Trained": manifest.created[:16].replace("T", " ") + " UTC",
        "Size on disk": f"{sum(file.size for file in manifest.files.values()) / 1e6:,.1f} MB",
        "Seed": str(manifest.seed),
        "Version": manifest.version,
    }
    if data.source_format:
        facts["Read as"] = data.source_format
    return facts


def _tags(manifest: Manifest) -> list[tuple[int | None, str]]:
    data = manifest.dataset
    return [(data.n_user_tags, "of users"), (data.n_genome_tags, "of the tag genome")]


def _draw_facts(title: str, facts: Mapping[str, str]) -> None:
    if title:
        st.subheader(title, anchor=False)
    if not facts:
        st.caption("No settings.")
        return
    names = [as_markdown(name) for name in facts]
    values = [as_markdown(value) for value in facts.values()]
    st.table(
        pd.DataFrame({"value": values}, index=names),
        border="horizontal",
        hide_header=True,
        width="content",
    )


def _flat(config: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Give name and value of each setting; those of a group as "group.name"."""
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{within}{name}.")
        elif isinstance(value, list | tuple):
            yield within + name, ", ".join(map(str, value))
        else:
            yield within + name, str(value)


def _weights(record: BlendRecord) -> dict[str, str]:
    last = "or more" if record.to_ratings is None else f"to {record.to_ratings}"
    scores = record.ndcg_at_10
    best = max(scores.values(), default=None)
    titles = {"hybrid": "Hybrid", "als": "ALS", "item_item": "Item-item", "content": "Content"}
    parts = {**titles, "popularity": "Popularity"}
    return {
        "Ratings in the profile": f"{record.from_ratings} {last}",
        **{f"{parts[name]} weight": f"{weight:.2f}" for name, weight in record.weights.items()},
        **{
            title: f"**{scores[name]:.3f}**" if scores[name] == best else f"{scores[name]:.3f}"
            for name, title in titles.items()
            if name in scores
        },
        "Profiles": f"{record.n_profiles:,}",
    }
