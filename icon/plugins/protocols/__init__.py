"""What a backend, an assessment builder, a scorer, a selector and a reader must offer."""

from __future__ import annotations

from icon.plugins.protocols._services import Backend, Embedder, Noting, Reader, Reference, Template
from icon.plugins.protocols._stages import (
    AssessmentBuilder,
    AssessmentTask,
    ComparingScorer,
    Contexts,
    ContributionScorer,
    ScoringTask,
    SelectionTask,
    Selector,
    TogetherScorer,
    WarningScorer,
)

__all__ = [
    "AssessmentBuilder",
    "AssessmentTask",
    "Backend",
    "ComparingScorer",
    "Contexts",
    "ContributionScorer",
    "Embedder",
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
