"""The project's own distributions: where they are, and how a release builds them."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYPROJECTS = [
    ROOT / "pyproject.toml",
    *sorted(ROOT.glob("backends/*/pyproject.toml")),
    *sorted(ROOT.glob("plugins/*/pyproject.toml")),
]
FOLDERS = [path.parent for path in PYPROJECTS]


def wheel(project, folder):
    """Build a project's wheel and unpack it there."""
    from hatchling.builders.wheel import WheelBuilder

    (built,) = WheelBuilder(str(project)).build(directory=str(folder / "wheels"), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def sdist(project, folder):
    """Build a project's source distribution and unpack it there."""
    from hatchling.builders.sdist import SdistBuilder

    (built,) = SdistBuilder(str(project)).build(directory=str(folder), versions=["standard"])
    with tarfile.open(built) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    return unpacked


def contents(folder):
    """The files below a folder by their names, without what Python compiled."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
