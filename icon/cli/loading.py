"""The plugins of this process, loaded once."""

from __future__ import annotations

from functools import cache

from icon.builtin import default_plugins
from icon.hooks.manager import Plugins


@cache
def load_plugins() -> Plugins:
    """What every command of this process works with."""
    return default_plugins()
