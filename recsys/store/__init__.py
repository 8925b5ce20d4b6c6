"""Versioned artifacts on disk: write, verify, promote, load."""
