"""The built-in strategies, registered through the same hooks as those of plugins; importing them is light."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from icon.plugins import hookimpl
from icon.plugins.manager import Plugins

if TYPE_CHECKING:
    from icon.plugins import Strategy


def default_plugins(files: Sequence[str] = (), received: Sequence[str] = ()) -> Plugins:
    """Load the built-in strategies, the plugins of the entry-point group `icon`, and these plugin files.

    Args:
        files: Files that the user names.
        received: Files that settings name; they are loaded if the user allowed them, and `refused` has the others.

    Raises:
        ConfigError: A file that the user names cannot be used.
    """
    return Plugins([sys.modules[__name__]], files=files, received=received)


@hookimpl
def icon_assessment_builders() -> list[Strategy]:
    """Strategies of stage 1."""
    return builder_strategies()


@hookimpl
def icon_contribution_scorers() -> list[Strategy]:
    """Strategies of stage 2."""
    return scorer_strategies()


@hookimpl
def icon_selectors() -> list[Strategy]:
    """Strategies of stage 3."""
    return selector_strategies()


@hookimpl
def icon_executors() -> list[Strategy]:
    """Executors of stage 2."""
    return executor_strategies()


@hookimpl
def icon_readers() -> list[Strategy]:
    """Readers of record formats."""
    from icon.samples import reader_strategies

    return reader_strategies()


def builder_strategies() -> list[Strategy]:
    """The built-in assessment builders; heavy modules are imported only when one builds."""
    from icon.assessment.clustered import ClusteredBuilder, ClusteredOptions
    from icon.assessment.file import DemoBuilder, DemoOptions, FileBuilder, FileOptions
    from icon.assessment.paper import PaperBuilder, PaperOptions
    from icon.assessment.stratified import StratifiedBuilder, StratifiedOptions
    from icon.plugins import Strategy

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
    """The built-in scorers; heavy modules are imported only when one is built."""
    from icon.plugins import Options, Strategy
    from icon.scorers.options import IconOptions, LengthOptions, PplOptions, ReverseOptions

    return [
        Strategy("icon", "in-context contribution: how much a candidate helps as a demonstration", _icon, IconOptions),
        Strategy(
            "nuggets", "golden score: share of tasks that a candidate helps as a demonstration", _nuggets, Options
        ),
        Strategy(
            "reverse",
            "the other direction: how much assessment samples in front of a candidate help to predict its response",
            _reverse,
            ReverseOptions,
        ),
        Strategy("random", "a seeded random number: the simplest baseline", _random, Options),
        Strategy(
            "length",
            "length of the response: the baseline to compare every selection with",
            _length,
            LengthOptions,
        ),
        Strategy("ppl", "perplexity of the response given its prompt", _ppl, PplOptions),
    ]


def _icon(options: Any) -> Any:
    from icon.scorers.icon import IconScorer

    return IconScorer(options)


def _nuggets(options: Any) -> Any:
    from icon.scorers.nuggets import NuggetsScorer

    return NuggetsScorer(options)


def _reverse(options: Any) -> Any:
    from icon.scorers.reverse import ReverseScorer

    return ReverseScorer(options)


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
    """The built-in selectors; heavy modules are imported only when one selects."""
    from icon.plugins import Strategy
    from icon.selection.cascade import CascadeOptions, CascadeSelector
    from icon.selection.classifier import ClassifierOptions, ClassifierSelector
    from icon.selection.drop_worst import DropWorstOptions, DropWorstSelector
    from icon.selection.top import TopOptions, TopSelector

    return [
        Strategy("top", "the best of the scored candidates, straight from the scores", TopSelector, TopOptions),
        Strategy(
            "classifier",
            "a classifier learns from the scored candidates and ranks the whole pool",
            ClassifierSelector,
            ClassifierOptions,
        ),
        Strategy(
            "drop-worst",
            "leaves out the worst of the scored candidates and draws the rest at random",
            DropWorstSelector,
            DropWorstOptions,
        ),
        Strategy(
            "cascade",
            "a cheap score over every candidate decides which of them the run's own scorer measures",
            CascadeSelector,
            CascadeOptions,
        ),
    ]


def executor_strategies() -> list[Strategy]:
    """The built-in executors."""
    from icon.pipeline.executors.options import LocalOptions, ProcessesOptions
    from icon.plugins import Strategy

    return [
        Strategy("local", "this process alone", _local, LocalOptions),
        Strategy("processes", "one process per device of this machine (--devices)", _processes, ProcessesOptions),
    ]


def _local(options: Any) -> Any:
    from icon.pipeline.executors.local import LocalExecutor

    return LocalExecutor(options)


def _processes(options: Any) -> Any:
    from icon.pipeline.executors.processes import ProcessesExecutor

    return ProcessesExecutor(options)
