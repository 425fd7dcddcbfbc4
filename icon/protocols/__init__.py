"""What a backend, an assessment builder, a scorer, a selector and a reader must offer."""

from icon.protocols.assessment import AssessmentBuilder, AssessmentTask
from icon.protocols.backend import Backend, Embedder, Noting, Reference
from icon.protocols.contribution import (
    ComparingScorer,
    Contexts,
    ContributionScorer,
    ScoringTask,
    TogetherScorer,
    WarningScorer,
)
from icon.protocols.samples import Reader, Template
from icon.protocols.selection import SelectionTask, Selector

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
