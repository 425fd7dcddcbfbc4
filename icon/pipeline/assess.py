"""Stage 1: build the assessment set, guard it against the pool, keep it as assessment.jsonl."""

from __future__ import annotations

from icon.errors import InputError
from icon.hooks.contract import blamed
from icon.hooks.contract import built as build
from icon.pipeline.files import hold_files
from icon.pipeline.planned import scorers_of
from icon.pipeline.precheck import check, refuse_other_need
from icon.pipeline.schedule import schedule_of
from icon.protocols import AssessmentBuilder, AssessmentTask
from icon.runs.model import Model
from icon.runs.pool import PoolReader, readers_of
from icon.runs.records import AssessStage
from icon.runs.run import Run
from icon.runs.samples_file import write_samples
from icon.runs.work import make_scorer
from icon.samples.load import LoadedSamples
from icon.types import Sample


def assess(run: Run, model: Model, pool: PoolReader) -> None:
    """Stage 1: build the assessment set, guard it against the pool, keep it as assessment.jsonl."""
    names, _ = scorers_of(run)
    check(run, model, names)
    config = run.config
    schedule_of(config, make_scorer(run, config.scorer), 0)  # refused now, not after the baseline scorers
    loaded = pool.samples
    hold_files(run, "assessment", config.assessment_options)
    needed = any(make_scorer(run, name).needs_assessment for name in names)
    if run.manifest.stages.assess is not None:
        refuse_other_need(run, needed)
        return
    run.save()  # from here on the folder is known for an icon run, whatever stops this one
    with run.timed("building the assessment set"):
        built, held_out, leaks = guarded_assessment(run, loaded, needed)
        digest = write_samples(run.directory.assessment, built)
    run.note_stage(
        assess=AssessStage(
            digest=digest, samples=len(built), needed=needed, held_out=tuple(sorted(held_out)), leaks=leaks
        )
    )


def guarded_assessment(run: Run, pool: LoadedSamples, needed: bool) -> tuple[list[Sample], set[str], dict[str, str]]:
    """The assessment set, the ids of the pool samples it takes out of the pool, and how others overlap with it, by id.

    Args:
        run: The run.
        pool: Its pool.
        needed: Whether some scorer needs an assessment set; where none does, nothing is held out for it.

    Raises:
        InputError: The builder finds no samples.
        LeakError: Pool samples overlap with the assessment set, and the settings refuse that.
    """
    from icon.assessment.leak import find_leaks, guard

    built, held_out = build_assessment(run, pool, needed=needed)
    rest = [sample for sample in pool.samples if sample.id not in held_out]
    leaks = guard(find_leaks(built, rest), run.config.on_leak, run.warn) if built else []
    return built, held_out, {leak.pool_id: leak.describe() for leak in leaks}


def build_assessment(run: Run, pool: LoadedSamples, *, needed: bool) -> tuple[list[Sample], set[str]]:
    """The assessment set before the guard, and the ids of the pool samples that it takes out of the pool.

    Raises:
        InputError: The builder finds no samples.
        PluginError: The builder breaks.
    """
    config = run.config
    strategy = run.plugins.get("assessment", config.assessment)
    builder: AssessmentBuilder = build(
        strategy, dict(config.assessment_options), AssessmentBuilder, "assessment builder"
    )
    if builder.held_out and not needed:
        return [], set()
    task = AssessmentTask(pool.samples, config.assessment_size, config.seed, readers_of(run))
    with blamed(strategy, "assessment builder", "raised"):
        built = builder.build(task)
    for note in builder.notes:
        run.warn(note)
    if not built:
        raise InputError(f"assessment {config.assessment!r}: no samples; valid: at least one")
    return built, {sample.id for sample in built} if builder.held_out else set()
