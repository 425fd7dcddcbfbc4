"""Stage 2: measure the planned candidates with the run's scorer and with the baseline scorers."""

from __future__ import annotations

import time
from typing import Any

from icon.contribution.measure import WHOLE, Share
from icon.contribution.racing import Outcome
from icon.errors import ConfigError, IconError, InputError, InterruptedRun
from icon.scoring import is_raced, measure
from icon.session import Session
from icon.stages.files import hold_files
from icon.stages.planned import assessment_of, candidates_of, selector_of, subset_of
from icon.types import Sample


def score(session: Session) -> None:
    """Stage 2: measure the planned candidates with the run's scorer and with the baseline scorers."""
    assessment, candidates = assessment_of(session), candidates_of(session)
    config = session.config
    hold_files(session, "scorer", config.scorer_options)
    subset = subset_of(session, candidates)
    if not subset:
        raise InputError(f"{config.pool}: no candidate is left to score; see {session.directory.manifest_path}")
    name, selector, _ = selector_of(session, len(subset), len(candidates))
    if len(subset) < selector.fewest_scored:
        raise ConfigError(
            f"selector {name}: {len(subset)} candidates would be scored; valid: at least {selector.fewest_scored}. "
            "Score more of them (--subset), or use --selector top"
        )
    for left_out in session.beyond_budget:
        session.warn(f"baseline {left_out} needs the model and is left out: the budget is for {config.scorer}")
    before, start = session.tokens_evaluated, time.perf_counter()
    stage: dict[str, Any] = {"candidates": len(subset), "scorers": session.scorers}
    for scorer in reversed(session.scorers):  # the run's own comes last: a budget is for it
        if outcome := _measured(session, scorer, subset, assessment, len(candidates)):
            stage["race"] = {"ended": outcome.ended, "path": outcome.path}
    session.manifest.stages["score"] = stage
    spent = session.tokens_evaluated - before
    if spent and len(session.devices) < 2:  # with several, most of what was read was read elsewhere
        times = session.manifest.times
        times["tokens_evaluated"] = times.get("tokens_evaluated", 0) + spent
        times["tokens_per_second"] = round(spent / (time.perf_counter() - start), 1)


def _measured(
    session: Session,
    scorer: str,
    subset: list[Sample],
    assessment: list[Sample],
    n_candidates: int,
    share: Share = WHOLE,
) -> Outcome | None:
    """Measure a scorer; one that was asked for on a run that is there, and is refused, takes nothing from that run."""
    try:
        return measure(session, scorer, subset, assessment, n_candidates, share)
    except InterruptedRun:
        raise
    except IconError:
        session.without(scorer)
        raise


def score_share(session: Session, share: Share, only: str | None = None) -> None:
    """One share of stage 2, or of one scorer, beside other processes; the stage is finished by whoever runs `score`."""
    assessment, candidates = assessment_of(session), candidates_of(session)
    subset = subset_of(session, candidates)
    hold_files(session, "scorer", session.config.scorer_options)
    raced = is_raced(session, assessment)
    if raced and session.asked:
        raise ConfigError("--share: the shares of a race are of the run's own scorer alone; valid: --scorer without it")
    session.save()  # whoever finishes the stage then knows of every scorer that was asked for
    interrupted = InterruptedRun(f"{session.directory.path}: interrupted; what is finished is kept")
    for scorer in [session.config.scorer] if raced else [only] if only else session.scorers:
        try:
            outcome = _measured(session, scorer, subset, assessment, len(candidates), share)
        except KeyboardInterrupt:
            raise interrupted from None
        if outcome and outcome.ended == "interrupted":  # a race ends with what it has; a share has no choice to make
            raise interrupted
