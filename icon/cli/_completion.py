"""What the shell completes beside commands and options: names of strategies, values of settings, run directories.

Nothing here imports more than `icon --help` does. Where nothing fits, the shell completes file names.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import get_args

from icon.cli._settings import load_plugins
from icon.config import PRESETS, RunConfig
from icon.plugins.plain_text import in_a_line

Completer = Callable[[str], list[tuple[str, str]]]
"""Gives the values that begin with what was typed, each with a word of help."""


def is_completing() -> bool:
    """Whether the shell asks what could be typed next: it reads what is printed, and the user sees the rest of it."""
    return any(name.startswith("_ICON") and name.endswith("_COMPLETE") and os.environ[name] for name in os.environ)


@contextmanager
def silent_plugins() -> Iterator[None]:
    """Within it nothing that plugins print, and no warning of Python's, reaches the terminal."""
    with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        yield


def strategies(kind: str) -> Completer:
    """Names of the installed strategies of a kind (a key of `icon.plugins.manager.KINDS`)."""

    def complete(incomplete: str) -> list[tuple[str, str]]:
        with silent_plugins():
            found = load_plugins().strategies(kind).values()
        return [(each.name, in_a_line(each.summary)) for each in found if each.name.startswith(incomplete)]

    return complete


def values(setting: str) -> Completer:
    """Values of a setting that has a fixed list of them."""

    def complete(incomplete: str) -> list[tuple[str, str]]:
        known = get_args(RunConfig.model_fields[setting].annotation)
        return [(each, "") for each in known if each.startswith(incomplete)]

    return complete


def presets(incomplete: str) -> list[tuple[str, str]]:
    """Named settings."""
    return [(name, "") for name in PRESETS if name.startswith(incomplete)]


def templates(incomplete: str) -> list[tuple[str, str]]:
    """Prompt templates that have a name."""
    from icon.samples.templates.loading import NAMES

    return [(name, "") for name in NAMES if name.startswith(incomplete)]


def runs(incomplete: str) -> list[tuple[str, str]]:
    """Run directories, which have a run.json, in the folder that was typed so far and up to two levels below."""
    folder = incomplete[: incomplete.rfind("/") + 1]
    base = Path(folder or ".")
    try:
        paths = [*base.glob("*/run.json"), *base.glob("*/*/run.json")]
    except (OSError, ValueError):  # no folder can have that name
        return []
    found = (path.parent.relative_to(base) for path in paths)
    return [(name, "") for name in sorted(f"{folder}{each}" for each in found) if name.startswith(incomplete)]
