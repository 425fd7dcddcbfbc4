"""The plugins of this process, loaded once."""

from __future__ import annotations

from functools import cache

from icon.hooks.manager import Plugins


@cache
def load_plugins() -> Plugins:
    """The built-in strategies and everything installed under the entry-point group `icon`."""
    from icon import builtin

    return Plugins([builtin])
