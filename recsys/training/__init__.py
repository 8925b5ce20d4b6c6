"""From a dataset to a live version of the artifacts."""
