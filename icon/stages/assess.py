"""Stage 1: build the assessment set, guard it against the pool, keep it as assessment.jsonl."""

from __future__ import annotations

from icon.errors import InputError
from icon.hooks.contract import blamed
from icon.hooks.contract import built as build
from icon.precheck import check, refuse_other_need
from icon.protocols import AssessmentBuilder, AssessmentTask
from icon.runs.samples_file import write_samples
from icon.scoring import schedule_of
from icon.session import Session
from icon.stages.files import hold_files
from icon.types import Sample


def assess(session: Session) -> None:
    """Stage 1: build the assessment set, guard it against the pool, keep it as assessment.jsonl."""
    from icon.assessment.leak import find_leaks, guard

    check(session)
    schedule_of(session, session.make_scorer(session.config.scorer), 0)  # refused now, not after the baseline scorers
    pool = session.pool
    hold_files(session, "assessment", session.config.assessment_options)
    needed = any(session.make_scorer(name).needs_assessment for name in session.scorers)
    if "assess" in session.manifest.stages:
        refuse_other_need(session, needed)
        return
    session.save()  # from here on the folder is known for an icon run, whatever stops this one
    with session.stage("building the assessment set"):
        built, held_out = build_assessment(session)
        rest = [each for each in pool.samples if each.id not in held_out]
        leaks = guard(find_leaks(built, rest), session.config.on_leak, session.warn) if built else []
        digest = write_samples(session.directory.assessment, built)
    session.manifest.stages["assess"] = {
        "digest": digest,
        "samples": len(built),
        "needed": needed,
        "held_out": sorted(held_out),
        "leaks": {leak.pool_id: leak.describe() for leak in leaks},
    }


def build_assessment(session: Session) -> tuple[list[Sample], set[str]]:
    """The assessment set, and the ids of the pool samples that it takes out of the pool.

    Where no scorer needs one, nothing is held out for it.
    """
    config = session.config
    strategy = session.plugins.get("assessment", config.assessment)
    builder: AssessmentBuilder = build(
        strategy, dict(config.assessment_options), AssessmentBuilder, "assessment builder"
    )
    if builder.held_out and not any(session.make_scorer(name).needs_assessment for name in session.scorers):
        return [], set()
    task = AssessmentTask(session.pool.samples, config.assessment_size, config.seed, session.readers)
    with blamed(strategy, "assessment builder", "raised"):
        built = builder.build(task)
    for note in builder.notes:
        session.warn(note)
    if not built:
        raise InputError(f"assessment {config.assessment!r}: no samples; valid: at least one")
    return built, {each.id for each in built} if builder.held_out else set()
