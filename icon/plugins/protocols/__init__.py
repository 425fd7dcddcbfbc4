"""Protocols of backends, readers, templates, assessment builders, scorers, selectors and executors."""

from __future__ import annotations

from icon.plugins.protocols._executors import (
    Block,
    DescribedModel,
    Executor,
    PartResult,
    PartTask,
    WorkerSettings,
)
from icon.plugins.protocols._selecting import Narrowed, Narrowing, SelectionTask, Selector
from icon.plugins.protocols._services import Backend, Continuing, Embedder, Noting, Reader, Reference, Template
from icon.plugins.protocols._stages import (
    AssessmentBuilder,
    AssessmentTask,
    ComparingScorer,
    Contexts,
    ContextScorer,
    ContributionScorer,
    GroupScorer,
    ScoringTask,
    TogetherScorer,
    WarningScorer,
)

__all__ = [
    "AssessmentBuilder",
    "AssessmentTask",
    "Backend",
    "Block",
    "ComparingScorer",
    "ContextScorer",
    "Contexts",
    "Continuing",
    "ContributionScorer",
    "DescribedModel",
    "Embedder",
    "Executor",
    "GroupScorer",
    "Narrowed",
    "Narrowing",
    "Noting",
    "PartResult",
    "PartTask",
    "Reader",
    "Reference",
    "ScoringTask",
    "SelectionTask",
    "Selector",
    "Template",
    "TogetherScorer",
    "WarningScorer",
    "WorkerSettings",
]
