"""The public interface for plugin authors: hooks, strategies, protocols, events and report sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icon._lazy import lazily

if TYPE_CHECKING:
    from icon.plugins.events import (
        BudgetSpent,
        CandidateMeasured,
        Event,
        PassesMeasured,
        RunFinished,
        RunStarted,
        StageFinished,
        StageProgressed,
        StageStarted,
        Warned,
    )
    from icon.plugins.protocols import (
        AssessmentBuilder,
        AssessmentTask,
        Backend,
        ComparingScorer,
        Contexts,
        ContextScorer,
        Continuing,
        ContributionScorer,
        Embedder,
        GroupScorer,
        Narrowed,
        Narrowing,
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
    "BudgetSpent",
    "CandidateMeasured",
    "ComparingScorer",
    "ContextScorer",
    "Contexts",
    "Continuing",
    "ContributionScorer",
    "Embedder",
    "Event",
    "GroupScorer",
    "Narrowed",
    "Narrowing",
    "Noting",
    "Options",
    "PassesMeasured",
    "Reader",
    "Reference",
    "RunFinished",
    "RunStarted",
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

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            "events": [
                "BudgetSpent",
                "CandidateMeasured",
                "Event",
                "PassesMeasured",
                "RunFinished",
                "RunStarted",
                "StageFinished",
                "StageProgressed",
                "StageStarted",
                "Warned",
            ],
            "protocols": [
                "AssessmentBuilder",
                "AssessmentTask",
                "Backend",
                "ComparingScorer",
                "Contexts",
                "ContextScorer",
                "Continuing",
                "ContributionScorer",
                "Embedder",
                "GroupScorer",
                "Narrowed",
                "Narrowing",
                "Noting",
                "Reader",
                "Reference",
                "ScoringTask",
                "SelectionTask",
                "Selector",
                "Template",
                "TogetherScorer",
                "WarningScorer",
            ],
            "sections": ["RunView", "Section"],
            "specs": ["hookimpl"],
            "strategies": ["Options", "Strategy"],
        },
    )
