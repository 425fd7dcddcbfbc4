"""Shell completion beside commands and options: names of strategies, values of settings, run directories.

Nothing here imports more than `icon --help` does. Where nothing matches, the shell completes file names.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import get_args

from icon.cli._loaded import load_plugins
from icon.plugins.plain_text import in_a_line
from icon.visible import visible_line

Completer = Callable[[str], list[tuple[str, str]]]
"""Gives the values that begin with the typed text, each with a line of help."""


def is_completing() -> bool:
    """Whether this process answers a completion request: the shell reads its output, the user sees the rest."""
    return any(name.startswith("_ICON") and name.endswith("_COMPLETE") and os.environ[name] for name in os.environ)


@contextmanager
def silent_plugins() -> Iterator[None]:
    """Context in which no output of plugins and no Python warning reaches the terminal."""
    with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        yield


def strategies(kind: str) -> Completer:
    """Completes the installed strategies of a kind (a key of `icon.plugins.manager.KINDS`)."""

    def complete(incomplete: str) -> list[tuple[str, str]]:
        with silent_plugins():
            summaries = {name: in_a_line(known.summary) for name, known in load_plugins().strategies(kind).items()}
        return [
            (name, summary) for name, summary in summaries.items() if name.startswith(incomplete) and _is_seen(name)
        ]

    return complete


def _is_seen(name: str) -> bool:
    """Whether a shell can print the name, which it does as it is, without being steered."""
    return name == visible_line(name)


def values(setting: str) -> Completer:
    """Completes a setting that has a fixed list of values."""

    def complete(incomplete: str) -> list[tuple[str, str]]:
        from icon.config import RunConfig

        known = get_args(RunConfig.model_fields[setting].annotation)
        return [(value, "") for value in known if value.startswith(incomplete)]

    return complete


def presets(incomplete: str) -> list[tuple[str, str]]:
    """Named settings."""
    from icon.config import PRESETS

    return [(name, "") for name in PRESETS if name.startswith(incomplete)]


def templates(incomplete: str) -> list[tuple[str, str]]:
    """Names of the built-in prompt templates."""
    from icon.samples.templates.loading import NAMES

    return [(name, "") for name in NAMES if name.startswith(incomplete)]


def runs(incomplete: str) -> list[tuple[str, str]]:
    """Run directories (folders with a run.json) in the folder typed so far, up to two levels below.

    One whose name would steer the terminal is left out; it can still be typed.
    """
    folder = incomplete[: incomplete.rfind("/") + 1]
    base = Path(folder or ".")
    try:
        paths = [*base.glob("*/run.json"), *base.glob("*/*/run.json")]
    except (OSError, ValueError):  # no folder can have that name
        return []
    names = sorted(f"{folder}{path.parent.relative_to(base)}" for path in paths)
    return [(name, "") for name in names if name.startswith(incomplete) and _is_seen(name)]
