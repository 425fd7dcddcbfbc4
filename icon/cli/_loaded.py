"""The plugins of this process: what is installed, and the plugin files of a command."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from icon import trust
from icon.pipeline.builtin import default_plugins
from icon.plugins.manager import Plugins


def load_plugins(files: Sequence[str] = (), named: Sequence[str] = ()) -> Plugins:
    """The plugins of this process; with plugin files they are loaded anew.

    Args:
        files: Absolute paths. One that this command does not name is loaded if its user allowed it.
        named: Those of them that this command names, beside those of its `--plugin` among the settings.

    Raises:
        ConfigError: A file that this command names cannot be used.
    """
    if not files:
        return _installed()
    given = {*trust.caller().plugins, *named}
    return default_plugins([path for path in files if path in given], [path for path in files if path not in given])


@cache
def _installed() -> Plugins:
    return default_plugins()
