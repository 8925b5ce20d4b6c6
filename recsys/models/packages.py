"""The packages that decide what models learn."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import recsys

_PACKAGES = ("implicit", "numba", "numpy", "pandas", "scikit-learn", "scipy")


def package_versions() -> dict[str, str]:
    """Return versions by name, ours first."""
    versions = {"recsys": recsys.__version__}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions
