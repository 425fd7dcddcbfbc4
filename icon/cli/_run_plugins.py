"""The plugin files of a run: those that this command names, and those of its settings that the user allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from icon import trust
from icon.cli._console import warn
from icon.cli._loaded import load_plugins
from icon.config import RunConfig
from icon.errors import UnknownStrategyError, UntrustedCodeError
from icon.plugins.manager import Plugins
from icon.plugins.single_file import absolute


def plugins_of(config: RunConfig, files: Sequence[str], *, begun: bool = False) -> Plugins:
    """The plugins of a run. One that its settings name and the user did not allow is refused where a run is begun.

    Raises:
        UntrustedCodeError: It is begun, or resumed by the command that began it, and one is refused.
        ConfigError: A file that this command names cannot be used.
    """
    plugins = load_plugins(config.plugins, tuple(map(absolute, files)))
    if begun and plugins.refused:
        raise UntrustedCodeError("\n".join(plugins.refused))
    trust.remember_plugins()
    return plugins


def refuse_changed(path: Path, held: Mapping[str, str], plugins: Plugins) -> None:
    """Refuse to go on with a run whose plugin file was changed, which is not run to learn that.

    Args:
        path: The run directory.
        held: Digests by name of the files that decided its scores.
        plugins: The plugins now.

    Raises:
        ConfigError: One has another digest.
    """
    from icon.runs.changed import CHANGED_PLUGIN
    from icon.runs.manifest import refuse_differences

    found = {name: digest for name, digest in plugins.untrusted.items() if name in held}
    old = {name: held[name] for name in found}
    refuse_differences(f"{path}: plugin files", old, found, CHANGED_PLUGIN)


def with_named(of_run: Sequence[str], files: Sequence[str]) -> tuple[str, ...]:
    """The plugin files of a run and those that the command names; one of the same name takes the place of the run's.

    So a run goes on where its files are in another folder than on the machine where it was begun.
    """
    named = tuple(map(absolute, files))
    names = {Path(path).name for path in named}
    return tuple(dict.fromkeys((*(path for path in of_run if Path(path).name not in names), *named)))


@contextmanager
def refused_named(plugins: Plugins) -> Iterator[None]:
    """Context of a command that goes on without plugin files that were refused: a warning names them at its end."""
    try:
        yield
    except UnknownStrategyError:  # its message names them
        raise
    except BaseException:
        _warn_refused(plugins)
        raise
    _warn_refused(plugins)


def _warn_refused(plugins: Plugins) -> None:
    for sentence in plugins.refused:
        warn(sentence)
