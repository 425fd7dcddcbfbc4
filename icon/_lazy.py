"""Lazy packages: their names are imported at first use, so that importing the package stays light."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def lazily(
    package: str, names_by_module: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make `__getattr__` and `__dir__` of a package that exports names of its modules.

    Args:
        package: Name of the package.
        names_by_module: The exported names by module; modules are named relative to the package.
    """
    home = {name: f"{package}.{module}" for module, names in names_by_module.items() for name in names}

    def attribute(name: str) -> Any:
        if name in home:
            return getattr(import_module(home[name]), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return attribute, lambda: sorted(home)
