"""The plan of a run: passes, tokens, FLOPs, memory, disk and time."""

from __future__ import annotations

from icon.errors import InputError
from icon.pipeline._effort import Effort, PlannedWork
from icon.pipeline._expected import expected_slices
from icon.pipeline._narrowing import size_of
from icon.pipeline._slicing import fewest_of
from icon.pipeline._speed import SECONDS
from icon.pipeline.assess import check
from icon.pipeline.building import guarded_assessment, near_in_pool
from icon.pipeline.drawing import subset_of
from icon.pipeline.planned import scorers_of
from icon.pipeline.schedule import first_slice, rules_of, samples_of, schedule_of
from icon.runs.model import Model
from icon.runs.narrowing import narrowing_of
from icon.runs.pool import PoolReader
from icon.runs.run import Run
from icon.runs.work import Work
from icon.samples.addresses import named
from icon.scorers.cost import own_passes


class RunPlan(Effort):
    """What a run would do and take: the attributes of `Effort`, and the counts of the run.

    Attributes:
        pool: The pool as the user named it.
        rows: Its records.
        candidates: Its candidates.
        candidates_to_score: Those of them that are scored.
        assessment_samples: Size of the assessment set.
        schedule: race, uniform or exact.
        budget: What scoring may spend.
        run_directory: Where the run would be.
        pairs: Pairs that are expected to be measured.
        pairs_exact: Pairs that measuring everything would take.
    """

    pool: str
    rows: int
    candidates: int
    candidates_to_score: int
    assessment_samples: int
    schedule: str
    budget: str | None
    run_directory: str
    pairs: int
    pairs_exact: int


def plan(run: Run, model: Model, *, seconds: float = SECONDS) -> RunPlan:
    """What the run would do and take; nothing is written.

    The model is opened, texts are counted in its own tokens, and its speed is measured for a short time. Where it
    cannot be opened, the plan says why, counts by a rule of thumb, and gives no time.

    Args:
        run: The run.
        model: Its model, which is left open.
        seconds: How long to measure, about.

    Raises:
        IconError: A run would be refused, too, before it opens the model.
    """
    names, _ = scorers_of(run)
    check(run, model, names)
    config, pool = run.config, PoolReader(run).samples
    works = [Work(run, model, name) for name in names]
    needed = any(work.scorer.needs_assessment for work in works)
    assessment = guarded_assessment(run, pool, needed or config.hold_out is not None)
    built, left_out = assessment.samples, {*assessment.held_out, *assessment.leaks}
    if config.near_duplicates == "drop":
        left_out |= near_in_pool(run, pool, left_out).keys()
    candidates = pool.samples.without(left_out)
    selector = narrowing_of(run)  # whom it chooses is not known yet: as many drawn at random stand for them
    size = config.subset if selector is None else size_of(run, selector, len(candidates))
    subset = subset_of(config.model_copy(update={"subset": size}), pool, candidates)
    if not subset:
        raise InputError(f"{named(config.pools)}: no candidate is left to score")
    samples = samples_of(works[0].scorer, built, config.seed)
    schedule = schedule_of(config, works[0].scorer, len(samples))
    if schedule == "exact":
        slices = [(len(samples), float(len(subset)))]
    else:
        first, fewest = first_slice(works[0].scorer), fewest_of(config, works[0].scorer, subset, samples)
        numbers = len(subset), len(candidates), first
        rules = rules_of(config, schedule, *numbers, fewest=fewest, narrowed=selector is not None)
        slices = expected_slices(len(subset), len(samples), rules)
    planned = PlannedWork(works, subset, built, slices)
    if selector is not None:  # the cheap scorer reads the others as well
        passes = sum(own_passes(work.scorer) for work in planned.works if work.name == selector.cheap)
        planned.alone += passes * (len(candidates) / len(subset) - 1)
    return RunPlan(
        **planned.effort(seconds).model_dump(),
        pool=named(config.pools),
        rows=pool.n_rows,
        candidates=len(candidates),
        candidates_to_score=len(subset),
        assessment_samples=len(built),
        schedule=schedule,
        budget=config.budget,
        run_directory=str(run.path),
        pairs=planned.pairs,
        pairs_exact=len(subset) * len(planned.samples) if planned.paired else 0,
    )
