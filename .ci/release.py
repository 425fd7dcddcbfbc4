"""Writes a version into every place that names one: python .ci/release.py 0.2.0."""

from __future__ import annotations

import datetime
import re
import sys
from pathlib import Path

from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
UNRELEASED = "## Unreleased"


def release(root: Path, version: str, day: str) -> None:
    """Set the version, the distributions' requirements on one another, and the changelog's heading.

    Args:
        root: The checkout.
        version: The new version.
        day: The day of the release, as in 2026-01-31.

    Raises:
        ValueError: The version is none, or a place that names it was not found.
    """
    new = str(Version(version))
    _replace(root / "icon/__init__.py", r'^(__version__ = )".+"', rf'\g<1>"{new}"')
    for path in (
        root / "pyproject.toml",
        *root.glob("backends/*/pyproject.toml"),
        *root.glob("plugins/*/pyproject.toml"),
    ):
        _replace(path, r'("icon-[\w-]+(?:\[\w+\])?==)[^"]+"', rf'\g<1>{new}"')
    _replace(root / "CITATION.cff", r"^(version: ).+", rf"\g<1>{new}")
    _replace(root / "CHANGELOG.md", rf"^{UNRELEASED}$", f"{UNRELEASED}\n\n## {new} ({day})")


def _replace(path: Path, pattern: str, new: str) -> None:
    text, n = re.subn(pattern, new, path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if not n:
        raise ValueError(f"{path}: expected a line that matches {pattern}")
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    release(ROOT, sys.argv[1], datetime.date.today().isoformat())
