"""Stage 3, selection: which candidates are kept, and how far that choice can be trusted."""

from __future__ import annotations

from icon.hooks import Strategy
from icon.selection.classifier import ClassifierOptions, ClassifierSelector
from icon.selection.top import TopOptions, TopSelector


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
