"""The plugins of this process, loaded once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from icon.hooks.manager import Plugins
from icon.pipeline.builtin import default_plugins


def load_plugins(files: Sequence[str] = ()) -> Plugins:
    """What a command of this process works with; with files of the user's own it is loaded anew.

    Raises:
        ConfigError: A file cannot be used.
    """
    return default_plugins(files) if files else _installed()


@cache
def _installed() -> Plugins:
    return default_plugins()
