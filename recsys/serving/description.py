"""What the content model knows of the films of this data, in a sentence."""

from __future__ import annotations

from recsys.store.manifest import DatasetRecord


def content_sources(data: DatasetRecord) -> str:
    """Say what content goes by, and that there is no tag genome where there is none.

    Parameters
    ----------
    data : DatasetRecord

    Returns
    -------
    str
        "" for a version made before this was written down.
    """
    if data.n_user_tags is None or data.n_genome_tags is None:
        return ""
    counts = ((data.n_user_tags, "user tags"), (data.n_genome_tags, "genome tags"))
    kinds = ["genres", "decade", "series"] + [name for n, name in counts if n]
    goes_by = f"{', '.join(kinds[:-1])} and {kinds[-1]}"
    if data.n_genome_tags:
        return f"Content goes by {goes_by}."
    return f"This data has no genome tags: content goes by {goes_by}."
