"""Plugins as pip would install them, in a folder for `sys.path`."""

from __future__ import annotations

from pathlib import Path


class PluginSite:
    """A folder of installed distributions.

    Args:
        folder: Where they are put; it is made.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)

    def install(self, name, code, *, version="1.0"):
        """Install a distribution of one module with this code."""
        module = name.replace("-", "_")
        info = self.folder / f"{module}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[icon]\n{name} = {module}\n")
        (self.folder / f"{module}.py").write_text(code, encoding="utf-8")
