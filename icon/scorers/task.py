"""Makes a scorer's task from the settings, and scores candidates without a run directory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from icon.config import RunConfig
from icon.errors import ConfigError
from icon.inference.received import check_backend
from icon.plugins import Backend, ContributionScorer, ScoringTask, Template
from icon.samples.templates.loading import opening_of
from icon.scorers.aggregate import by_candidate, contributions
from icon.scorers.lengths import at_equal_length, have_strata, how_of, response_lengths
from icon.scorers.received import measured, shared_of
from icon.scorers.rendering import render_primer
from icon.types import Contribution, Measurement, Sample


def scoring_task(
    config: RunConfig,
    scorer: ContributionScorer,
    assessment: Sequence[Sample],
    template: Template,
    backend: Backend | None,
    whole: Sequence[Sample] = (),
    known: Mapping[tuple[str, str | None], Measurement] | None = None,
) -> ScoringTask:
    """A scorer's task under these settings.

    Args:
        config: Seed, token limits, and what is skipped or put in front.
        scorer: The scorer; if it needs no backend, the task has none.
        assessment: The assessment set, or a part of it.
        template: The prompt template.
        backend: An open backend; None where no scorer needs one.
        whole: The whole assessment set, for a `ContextScorer` that is measured on a part of it.
        known: What other scorers of the run measured.
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
        known={} if known is None else known,
        skip_tokens=config.skip_tokens,
        primer=opening_of(template) + (render_primer(template) if config.primed else ""),
        whole=whole,
    )


def score_samples(
    samples: Sequence[Sample],
    assessment: Sequence[Sample],
    scorer: ContributionScorer,
    config: RunConfig,
    backend: Backend | None,
    whole: Sequence[Sample] = (),
) -> list[Contribution]:
    """The contribution of each candidate, in order; a failed one has a status and no score.

    Args:
        samples: The candidates; those with the same id are measured once.
        assessment: The assessment set; unused by a scorer that needs none.
        scorer: The scorer.
        config: Template, seed and token limits.
        backend: An open backend; unused by a scorer that needs none.
        whole: The whole assessment set, for a `ContextScorer` that is measured on a part of it.

    Raises:
        ConfigError: The scorer needs an assessment set or a backend, and there is none, or too few candidates have a
            score to compare them at equal length.
        PluginError: The scorer or the backend breaks its contract.
    """
    from icon.samples.templates import check_special_tokens, load_template
    from icon.samples.templates.loading import template_of_model

    if scorer.needs_assessment and not assessment:
        raise ConfigError(f"scorer {config.scorer}: the assessment set is empty; valid: at least one sample")
    if scorer.needs_backend and backend is None:
        raise ConfigError(
            f"scorer {config.scorer}: it needs a model, found None; valid: backend=icon.load_backend(...)"
        )
    if config.template == "chat" and backend is None:
        raise ConfigError("template chat: it is the model's own, found None; valid: backend=icon.load_backend(...)")
    if backend is not None:
        check_backend(backend)
    of_model = config.template == "chat" or (config.template == "auto" and scorer.needs_backend)
    if of_model and backend is not None:
        template = template_of_model(config.template, backend)
    else:
        template = load_template(config.template)
    check_special_tokens(template, backend)
    used = assessment if scorer.needs_assessment else []
    shared_of(scorer, scoring_task(config, scorer, used, template, backend, whole), [])
    distinct = list({sample.id: sample for sample in samples}.values())
    rows = by_candidate(row for rows in measured(scorer, distinct, used) for row in rows)
    scored = contributions(rows, {sample.id: sample.group for sample in assessment}, scorer)
    if (how := how_of(config, scorer, strata=have_strata(len(distinct)))) != "none":
        lengths, _ = response_lengths({sample.id: sample for sample in distinct}, rows, scorer, config.skip_tokens)
        scored = at_equal_length(scored, rows, lengths, how, scorer.column)
    return [scored[sample.id] for sample in samples]
