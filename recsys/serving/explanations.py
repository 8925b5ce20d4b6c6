"""Contributions in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recsys.data.catalog import Catalog
from recsys.data.profile import Profile
from recsys.models.base import Contribution

_HEADINGS = {
    "genre": "genres",
    "decade": "decade",
    "series": "same series",
    "tag": "tags",
    "taste": "taste",
    "votes": "ratings",
    "audience": "popular",
}


@dataclass(frozen=True)
class Reason:
    """Why an item is in a list, and how much of its score that makes.

    Attributes
    ----------
    text : str
        "because you rated Alien 5★", "tags: space, horror".
    value : float
        In units of the score.
    baseline : bool
        What speaks neither for nor against the item, such as the average film's share.
    """

    text: str
    value: float
    baseline: bool = False

    def __str__(self) -> str:
        return f"{self.text}: {self.value:+.2f}"


def reasons(
    contributions: Sequence[Contribution], catalog: Catalog, profile: Profile | None = None
) -> list[Reason]:
    """Group the summands of one score; the groups still add up to it.

    Each rated item is one reason, whatever models speak through it; features are grouped by kind,
    the strongest first; what is no reason for this item (baselines) comes last, as one.

    Parameters
    ----------
    contributions : sequence of Contribution
    catalog : Catalog
    profile : Profile, optional
        Gives the stars behind "because you rated".
    """
    stars = (
        {}
        if profile is None
        else dict(zip(profile.item_index.tolist(), profile.rating.tolist(), strict=True))
    )
    rated: dict[int, float] = {}
    baseline = []
    features: dict[str, list[tuple[float, str]]] = {}
    for part in contributions:
        if part.source == "rating" and part.item_index is not None:
            rated[part.item_index] = rated.get(part.item_index, 0.0) + part.value
        elif part.source == "feature":
            kind, _, name = (part.feature or "").partition(": ")
            features.setdefault(kind, []).append((part.value, name))
        else:
            baseline.append(part)
    grouped = [
        Reason(f"{_HEADINGS.get(kind, kind)}: {_named(parts)}", sum(value for value, _ in parts))
        for kind, parts in features.items()
    ]
    by_rating = []
    for item, value in rated.items():
        given = f" {stars[item]:g}★" if item in stars else ""
        by_rating.append(Reason(f"because you rated {catalog.title[item]}{given}", value))
    found = sorted([*by_rating, *grouped], key=lambda reason: -reason.value)
    if baseline:
        text = " and ".join(dict.fromkeys(part.feature or "baseline" for part in baseline))
        value = sum(part.value for part in baseline)
        found.append(Reason(f"compared with {text}", value, baseline=True))
    return found


def _named(parts: list[tuple[float, str]], n: int = 5) -> str:
    """Name the features that count most."""
    names = [name for _, name in sorted(parts, key=lambda part: (-abs(part[0]), part[1]))]
    return ", ".join(names[:n]) + (f" and {len(names) - n} more" if len(names) > n else "")


def strongest(found: Sequence[Reason], n: int = 2) -> list[Reason]:
    """Return the reasons that speak most for the item."""
    return [reason for reason in found if reason.value > 0 and not reason.baseline][:n]


def summary(found: Sequence[Reason], n: int = 2) -> str:
    """Name the reasons that speak most for the item, in one line."""
    return "; ".join(str(reason) for reason in strongest(found, n))
