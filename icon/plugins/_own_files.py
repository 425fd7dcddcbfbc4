"""Adds plugin files to the plugins of a process: those that the user named, and those that settings name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from icon.errors import ConfigError, PluginError, UntrustedCodeError
from icon.plugins.single_file import DIGITS, load_file

if TYPE_CHECKING:
    from icon.plugins.manager import Plugins


def add_file(plugins: Plugins, path: str, *, received: bool = False) -> None:
    """Load a single file and collect what it offers at once, so that a fault in it is an error.

    Args:
        plugins: The plugins to add it to.
        path: The file.
        received: Whether settings name it, and not the user.

    Raises:
        ConfigError: It cannot be used, or the user did not allow it; nothing of it stays among the plugins.
    """
    from icon.plugins.manager import KINDS

    file = load_file(path, received=received)
    namesake = next((entry for entry in plugins.loaded if entry.distribution == file.name), None)
    if namesake and namesake.path == file.path:
        return
    if namesake:
        raise ConfigError(f"plugin {path}: {namesake.path or 'a distribution'} has that name, too; rename the file")
    try:
        plugins.register(file.module, file.name, file.digest, file.path)
    except PluginError as error:
        raise ConfigError(f"plugin {path}: {error}") from None
    for kind in KINDS:
        plugins.strategies(kind)
    if faults := [fault for entry in plugins.loaded if entry.path == file.path for fault in entry.faults]:
        plugins.unregister(file.name)
        raise ConfigError("\n".join(f"plugin {path}: {fault}" for fault in faults))


def add_received(plugins: Plugins, paths: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Load the files that settings name and the user allowed.

    Returns:
        A sentence for each of the others, and the digests by name of those that the user did not allow.
    """
    refused, untrusted = [], {}
    for path in paths:
        try:
            add_file(plugins, path, received=True)
        except ConfigError as error:
            refused.append(str(error))
            if isinstance(error, UntrustedCodeError):
                untrusted[Path(path).name] = error.digest[:DIGITS]
    return refused, untrusted
