"""The public interface for plugin authors: hooks, strategies, protocols, events and report sections."""

from __future__ import annotations

from icon.plugins.events import CandidateMeasured, Event, StageFinished, StageProgressed, StageStarted, Warned
from icon.plugins.protocols import (
    AssessmentBuilder,
    AssessmentTask,
    Backend,
    ComparingScorer,
    Contexts,
    ContextScorer,
    ContributionScorer,
    Embedder,
    GroupScorer,
    Noting,
    Reader,
    Reference,
    ScoringTask,
    SelectionTask,
    Selector,
    Template,
    TogetherScorer,
    WarningScorer,
)
from icon.plugins.sections import RunView, Section
from icon.plugins.specs import hookimpl
from icon.plugins.strategies import Options, Strategy

__all__ = [
    "AssessmentBuilder",
    "AssessmentTask",
    "Backend",
    "CandidateMeasured",
    "ComparingScorer",
    "ContextScorer",
    "Contexts",
    "ContributionScorer",
    "Embedder",
    "Event",
    "GroupScorer",
    "Noting",
    "Options",
    "Reader",
    "Reference",
    "RunView",
    "ScoringTask",
    "Section",
    "SelectionTask",
    "Selector",
    "StageFinished",
    "StageProgressed",
    "StageStarted",
    "Strategy",
    "Template",
    "TogetherScorer",
    "Warned",
    "WarningScorer",
    "hookimpl",
]
