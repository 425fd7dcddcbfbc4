"""What a scorer works with, made of settings in one place."""

from __future__ import annotations

from collections.abc import Sequence

from icon.config import RunConfig
from icon.protocols import Backend, ContributionScorer, ScoringTask, Template
from icon.types import Sample


def scoring_task(
    config: RunConfig,
    scorer: ContributionScorer,
    assessment: Sequence[Sample],
    template: Template,
    backend: Backend | None,
) -> ScoringTask:
    """The task of a scorer under these settings.

    Args:
        config: Seed and token limits.
        scorer: The scorer; one that needs no backend gets none.
        assessment: The assessment set, or a part of it.
        template: The prompt template.
        backend: An open backend; None where no scorer needs one.
    """
    return ScoringTask(
        backend=backend if scorer.needs_backend else None,
        template=template,
        assessment=assessment,
        seed=config.seed,
        max_prompt_tokens=config.max_prompt_tokens,
        max_demonstration_tokens=config.max_demonstration_tokens,
        max_response_tokens=config.max_response_tokens,
        truncate=config.on_too_long == "truncate",
    )
