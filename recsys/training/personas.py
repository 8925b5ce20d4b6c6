"""Users of a marked taste, to start exploring with."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from recsys.data.dataset import Dataset
from recsys.store.manifest import Persona

_GENRE_FANS = {
    "Action": "action fan",
    "Adventure": "adventurer",
    "Animation": "animation lover",
    "Children": "family viewer",
    "Comedy": "comedy fan",
    "Crime": "crime aficionado",
    "Documentary": "documentary viewer",
    "Drama": "drama lover",
    "Fantasy": "fantasy reader",
    "Film-Noir": "noir connoisseur",
    "Horror": "horror devotee",
    "Musical": "musical lover",
    "Mystery": "mystery solver",
    "Romance": "romantic",
    "Sci-Fi": "sci-fi devotee",
    "Thriller": "thriller seeker",
    "War": "war film viewer",
    "Western": "western fan",
}


def find_personas(dataset: Dataset, n: int = 12) -> tuple[Persona, ...]:
    """Find users who watch one genre, or one genre of one decade, far more than others do.

    For each label the user whose number of such films exceeds its expectation most, in standard
    deviations of a binomial draw, among users of 20 to 400 ratings for whom those films make at
    least a quarter. At most 20,000 users are looked at, the first by id; a label whose most marked
    user has another one already is left out.

    Parameters
    ----------
    dataset : Dataset
    n : int
        At most so many, each with another user and no genre more than twice.

    Returns
    -------
    tuple of Persona
        Most marked first.
    """
    catalog = dataset.catalog
    counts = np.diff(dataset.user_indptr)
    users = np.flatnonzero((counts >= 20) & (counts <= 400))[:20_000]
    if not users.size or not catalog.genre_names:
        return ()
    labels, columns = [], []
    decades = np.unique(catalog.year[catalog.year > 0] // 10 * 10)
    for column, genre in enumerate(catalog.genre_names):
        member = catalog.genre_matrix[:, column]
        fan = _GENRE_FANS.get(genre, f"{genre} fan")
        labels.append((genre, fan[:1].upper() + fan[1:]))
        columns.append(member)
        for decade in decades:
            short = f"{decade - 1900}s" if 1920 <= decade < 2000 else f"{decade}s"
            labels.append((genre, f"{short} {fan}"))
            columns.append(member & (catalog.year // 10 * 10 == decade))
    seen = sparse.csr_matrix(
        (np.ones(dataset.n_ratings, np.float32), dataset.item_index, dataset.user_indptr),
        shape=(dataset.n_users, dataset.n_items),
    )
    watched = seen[users] @ np.column_stack(columns).astype(np.float32)
    total = counts[users][:, None]
    usual = np.clip(watched.sum(axis=0) / total.sum(), 1e-9, 1 - 1e-9)
    excess = (watched - total * usual) / np.sqrt(total * usual * (1 - usual))
    excess[watched < 0.25 * total] = -np.inf

    personas: list[Persona] = []
    taken_users: set[int] = set()
    per_genre: dict[str, int] = {}
    best = excess.max(axis=0)
    for label in np.argsort(-best, kind="stable"):
        genre, text = labels[label]
        if best[label] <= 2 or len(personas) == n:
            break
        user = int(np.argmax(excess[:, label]))
        if user in taken_users or per_genre.get(genre, 0) >= 2:
            continue
        taken_users.add(user)
        per_genre[genre] = per_genre.get(genre, 0) + 1
        personas.append(Persona(user_id=int(dataset.users.ids[users[user]]), label=text))
    return tuple(personas)
