"""From scores to lists: filters and top-k."""
