"""The assessment set of a run, built and checked for overlap with the pool."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from icon.errors import ConfigError, InputError, LeakError
from icon.plugins import AssessmentBuilder, AssessmentTask
from icon.plugins.strategies import blamed, built
from icon.runs.pool import readers_of
from icon.runs.run import Run
from icon.samples.addresses import named
from icon.samples.load import LoadedSamples
from icon.types import Sample


@dataclass(frozen=True, slots=True)
class BuiltAssessment:
    """An assessment set that is checked for overlap with the pool.

    Attributes:
        samples: The assessment samples.
        judge: The judge samples that were set aside; empty without --hold-out.
        held_out: Ids of the pool samples among both, which are taken out of the pool.
        leaks: For each pool sample that overlaps with either, by id, how.
    """

    samples: list[Sample]
    judge: list[Sample]
    held_out: set[str]
    leaks: dict[str, str]


def guarded_assessment(run: Run, pool: LoadedSamples, needed: bool) -> BuiltAssessment:
    """Build the assessment set, set judge samples aside, and check both for overlap with the pool.

    Args:
        run: The run.
        pool: Its pool.
        needed: Whether some scorer or a validation needs an assessment set; else nothing is held out for it.

    Raises:
        InputError: The builder builds no samples.
        ConfigError: There are too few to set judge samples aside.
        LeakError: Pool samples overlap with them, and the settings refuse that.
    """
    from icon.assessment.leak import guard
    from icon.pipeline.guarding import leaks_in

    built, held_out = build_assessment(run, pool, needed=needed)
    samples, judge = _set_aside(run, built)
    rest = pool.samples.without(held_out)
    leaks = guard(leaks_in([*samples, *judge], rest), run.config.on_leak, run.warn) if built else []
    judging = {sample.id for sample in judge}
    what = {True: "judge sample", False: "assessment sample"}
    described = {leak.pool_id: leak.describe(what[leak.assessment_id in judging]) for leak in leaks}
    if len(rest) and len(described) == len(rest):
        raise _none_left(run, len(rest))
    return BuiltAssessment(samples, judge, held_out, described)


MOST_REPORTED = 100_000
"""Samples up to which near duplicates are counted without being asked for: about a minute of one processor."""

MOST_COMPARED = 2_000_000
"""Samples up to which they are looked for at all: all texts are in memory for it, 2 to 4 GB of short ones."""


def near_in_pool(run: Run, pool: LoadedSamples, left_out: Collection[str]) -> dict[str, str]:
    """The candidates that nearly repeat an earlier one and are dropped for it, by id, with the reason.

    By default they are counted alone, in a warning.

    Args:
        run: The run.
        pool: Its pool.
        left_out: Ids of samples that are no candidates.

    Raises:
        ConfigError: They are to be dropped from more candidates than can be compared.
    """
    action = run.config.near_duplicates
    samples = pool.samples.without(left_out)
    if action == "ignore":
        return {}
    if action == "report" and len(samples) > MOST_REPORTED:
        run.warn(
            f"near duplicates were not counted: {len(samples):,} candidates are more than {MOST_REPORTED:,}; "
            "--near-duplicates drop looks for them"
        )
        return {}
    if len(samples) > MOST_COMPARED:
        raise ConfigError(
            f"--near-duplicates drop: found {len(samples):,} candidates, whose texts would all be in memory for it; "
            f"valid: at most {MOST_COMPARED:,}. Look for them in such a pool before the run, with a tool that works "
            "through it in parts (MinHash of datatrove, for example), and leave --near-duplicates out"
        )
    from icon.assessment.near_in_pool import near_duplicates

    with run.timed("looking for near duplicates"):
        found = near_duplicates(list(samples))
    if not found:
        return {}
    first = found[0]
    n = f"{len(found):,} of {len(samples):,} candidates nearly repeat{'s' if len(found) == 1 else ''} an earlier one"
    shown = f"row {first.row} that of row {first.first_row}, similarity {first.similarity:.2f}"
    done = "left out" if action == "drop" else "kept; to leave them out: --near-duplicates drop"
    run.warn(f"{n} ({shown}): {done}")
    return {one.id: one.describe() for one in found} if action == "drop" else {}


def _none_left(run: Run, n: int) -> LeakError:
    """The error where all candidates are in the assessment set, as where the pool itself is given for it."""
    name = run.config.assessment_options.get("path", run.config.assessment)
    return LeakError(
        f"--assessment {name}: all {n:,} candidates of {named(run.config.pools)} are in it as well, so none is left to "
        "choose from; valid: a file of target tasks that are not in the pool, or no --assessment, which sets a part of "
        "the pool aside"
    )


def _set_aside(run: Run, built: list[Sample]) -> tuple[list[Sample], list[Sample]]:
    """The assessment samples and the judge samples, with warnings where the latter are few or not new."""
    from icon.assessment.leak import find_leaks
    from icon.assessment.set_aside import few_warning, set_aside

    amount = run.config.hold_out_amount
    if amount is None:
        return built, []
    samples, judge = set_aside(built, amount, run.config.seed)
    if warning := few_warning(judge):
        run.warn(warning)
    if known := find_leaks(samples, judge):
        run.warn(
            f"{len(known)} of {len(judge)} judge samples overlap with assessment samples, so scores have nearly seen "
            f"them; the first: {known[0].pool_id} {known[0].describe()}"
        )
    return samples, judge


def build_assessment(run: Run, pool: LoadedSamples, *, needed: bool) -> tuple[list[Sample], set[str]]:
    """The assessment set, not yet checked for overlap, and the ids of the pool samples that it takes out of the pool.

    Raises:
        InputError: The builder builds no samples.
        PluginError: The builder fails.
    """
    config = run.config
    strategy = run.plugins.get("assessment", config.assessment)
    builder: AssessmentBuilder = built(
        strategy, dict(config.assessment_options), AssessmentBuilder, "assessment builder"
    )
    if builder.held_out and not needed:
        return [], set()
    task = AssessmentTask(pool.samples, config.assessment_size, config.seed, readers_of(run))
    with blamed(strategy, "assessment builder", "raised"):
        samples = builder.build(task)
    for note in builder.notes:
        run.warn(note)
    if not samples:
        raise InputError(f"assessment {config.assessment!r}: no samples; valid: at least one")
    return samples, {sample.id for sample in samples} if builder.held_out else set()
