"""Models that score every item for a profile, and the registry that names them."""
