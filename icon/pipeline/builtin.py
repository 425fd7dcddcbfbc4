"""The built-in strategies, registered through the same hooks as anyone's."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from icon.assessment import builder_strategies
from icon.contribution import scorer_strategies
from icon.hooks import Strategy, hookimpl
from icon.hooks.manager import Plugins
from icon.samples import reader_strategies
from icon.selection import selector_strategies


def default_plugins(files: Sequence[str] = ()) -> Plugins:
    """The built-in strategies, everything installed under the entry-point group `icon`, and these plugin files.

    Raises:
        ConfigError: A file cannot be used.
    """
    return Plugins([sys.modules[__name__]], files=files)


@hookimpl
def icon_assessment_builders() -> list[Strategy]:
    """Stage 1."""
    return builder_strategies()


@hookimpl
def icon_contribution_scorers() -> list[Strategy]:
    """Stage 2."""
    return scorer_strategies()


@hookimpl
def icon_selectors() -> list[Strategy]:
    """Stage 3."""
    return selector_strategies()


@hookimpl
def icon_readers() -> list[Strategy]:
    """Record formats."""
    return reader_strategies()
