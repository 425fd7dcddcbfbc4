"""Protocols of backends, readers, templates, assessment builders, scorers and selectors."""

from __future__ import annotations

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
    "ComparingScorer",
    "ContextScorer",
    "Contexts",
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
]
