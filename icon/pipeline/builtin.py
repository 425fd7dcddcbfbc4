"""The built-in strategies, registered through the same hooks as anyone's."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from icon.assessment.clustered import ClusteredBuilder, ClusteredOptions
from icon.assessment.file import DemoBuilder, DemoOptions, FileBuilder, FileOptions
from icon.assessment.paper import PaperBuilder, PaperOptions
from icon.assessment.stratified import StratifiedBuilder, StratifiedOptions
from icon.plugins import Options, Strategy, hookimpl
from icon.plugins.manager import Plugins
from icon.samples import reader_strategies
from icon.scorers.options import IconOptions, LengthOptions, PplOptions
from icon.selection.classifier import ClassifierOptions, ClassifierSelector
from icon.selection.top import TopOptions, TopSelector


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


def builder_strategies() -> list[Strategy]:
    """The built-in assessment builders; nothing heavy is imported before one builds."""
    return [
        Strategy("file", "your own target tasks, from a file or data set", FileBuilder, FileOptions),
        Strategy(
            "stratified",
            "a part of the pool, by its groups",
            StratifiedBuilder,
            StratifiedOptions,
        ),
        Strategy(
            "clustered",
            "a part of the pool, by clusters of its texts",
            ClusteredBuilder,
            ClusteredOptions,
        ),
        Strategy("paper", "the paper's strata, drawn from OpenOrca and Dolly-15k", PaperBuilder, PaperOptions),
        Strategy("demo", "the embedded demo tasks", DemoBuilder, DemoOptions),
    ]


def scorer_strategies() -> list[Strategy]:
    """The built-in scorers; nothing heavy is imported before one is built."""
    return [
        Strategy("icon", "in-context contribution: how much a candidate helps as a demonstration", _icon, IconOptions),
        Strategy("random", "a seeded random number: the baseline of all baselines", _random, Options),
        Strategy(
            "length",
            "length of the response: the baseline every selection must be held against",
            _length,
            LengthOptions,
        ),
        Strategy("ppl", "perplexity of the response given its prompt", _ppl, PplOptions),
    ]


def _icon(options: Any) -> Any:
    from icon.scorers.icon import IconScorer

    return IconScorer(options)


def _random(options: Any) -> Any:
    from icon.scorers.baselines import RandomScorer

    return RandomScorer(options)


def _length(options: Any) -> Any:
    from icon.scorers.baselines import LengthScorer

    return LengthScorer(options)


def _ppl(options: Any) -> Any:
    from icon.scorers.baselines import PplScorer

    return PplScorer(options)


def selector_strategies() -> list[Strategy]:
    """The built-in selectors; nothing heavy is imported before one selects."""
    return [
        Strategy("top", "the best of the scored candidates, straight from the scores", TopSelector, TopOptions),
        Strategy(
            "classifier",
            "a classifier learns from the scored candidates and ranks the whole pool",
            ClassifierSelector,
            ClassifierOptions,
        ),
    ]
