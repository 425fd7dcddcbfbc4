"""Distributions as pip leaves them in a folder, for `sys.path` or PYTHONPATH."""

from __future__ import annotations

from pathlib import Path

FAKE_BACKEND = """
from icon.plugins import Strategy, hookimpl
from icon.testing import FakeBackend

@hookimpl
def icon_backends():
    return [Strategy("fake", "no model at all", lambda options: FakeBackend())]
"""
"""A plugin with the backend `fake`."""


def install(folder, name, code, *, version="1.0", requires="", entry=None):
    """Put a distribution of one module there, with one entry point of the group `icon`; in place of an earlier one.

    Args:
        folder: Where to; made if it is not there.
        name: The distribution's name; the module has underscores for its hyphens.
        code: The module's text.
        version: The distribution's version.
        requires: What it requires, as in its metadata.
        entry: Name of the entry point; by default the distribution's.
    """
    module = name.replace("-", "_")
    info = Path(folder) / f"{module}-{version}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    asked = f"Requires-Dist: {requires}\n" if requires else ""
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{asked}")
    (info / "entry_points.txt").write_text(f"[icon]\n{entry or name} = {module}\n")
    (Path(folder) / f"{module}.py").write_text(code)
