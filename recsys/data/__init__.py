"""File formats in, a validated :class:`~recsys.data.dataset.Dataset` out."""
