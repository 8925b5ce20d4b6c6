"""The command line: ``python -m recsys``."""
