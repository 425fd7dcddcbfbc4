"""What a run would do, without doing it: the numbers behind `--dry-run`."""

from __future__ import annotations

from icon.contribution.bank import control_lengths
from icon.contribution.plan import draw_subset, make_plan
from icon.pipeline import build_assessment
from icon.precheck import check
from icon.session import Session
from icon.types import Sample

CHARACTERS_A_TOKEN = 4
"""A rule of thumb for English; the model's own tokenizer is not asked."""


def forecast(session: Session) -> dict[str, int | str]:
    """Counts from the pool as it is, and a rough number of tokens."""
    check(session)
    config, pool = session.config, session.pool
    built, held_out = build_assessment(session)
    candidates = [each for each in pool.samples if each.id not in held_out]
    subset = draw_subset(candidates, subset=config.subset, seed=config.seed, skip_urls=config.skip_urls)
    names = dict.fromkeys((config.scorer, *config.baselines))
    return {
        "pool": config.pool,
        "rows": pool.n_rows,
        "candidates": len(candidates),
        "candidates_to_score": len(subset),
        "assessment_samples": len(built),
        "parts": len(make_plan(subset, built).parts),
        "estimated_tokens": sum(_tokens(session, name, subset, built) for name in names),
        "run_directory": str(session.directory.path),
    }


def _tokens(session: Session, name: str, subset: list[Sample], assessment: list[Sample]) -> int:
    """Tokens a scorer reads: each candidate, and behind it, and behind the random contexts, the assessment set."""
    scorer = session.make_scorer(name)
    if not scorer.needs_backend:
        return 0
    lengths = [max(1, len(each.text) // CHARACTERS_A_TOKEN) for each in subset]
    if not scorer.needs_assessment:
        return sum(lengths)
    targets = sum(len(each.text) for each in assessment) // CHARACTERS_A_TOKEN
    options = session.config.scorer_options if name == session.config.scorer else {}
    controls = control_lengths(options.get("control", "random"), lengths, session.config.max_demonstration_tokens)
    return sum(lengths) + sum(controls) + targets * (1 + len(lengths) + len(controls))
