"""A hybrid movie recommender: ratings in, explained recommendations out."""

__version__ = "0.1.0"
