"""The plan of a run: passes, tokens, FLOPs, memory, disk and time."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from icon.errors import IconError, InputError
from icon.pipeline._expected import expected_slices
from icon.pipeline._speed import SECONDS, Speed, measure_alone, measure_speed
from icon.pipeline.assess import check, guarded_assessment
from icon.pipeline.measuring import TOKENS_A_PART, draw_subset
from icon.pipeline.planned import scorers_of
from icon.pipeline.preview import FLOPS_PER_WEIGHT
from icon.pipeline.schedule import in_race_order, rules_of, schedule_of
from icon.runs.model import Model
from icon.runs.pool import PoolReader, pool_source
from icon.runs.records import Sparse
from icon.runs.run import Run
from icon.runs.work import Work
from icon.scorers.cost import Cost, Costs, control_of
from icon.types import Sample

BYTES_A_PAIR, BYTES_A_PART = 36, 3_200
"""Of a measurement, compressed, and of the file of a part without any: a line through parts of 8 to 180 pairs."""
CHARACTERS_A_TOKEN = 4
"""A rule of thumb for English, for when no model is at hand to ask."""


class Effort(Sparse):
    """What the passes of a run take.

    Attributes:
        passes: Forward passes.
        tokens: Tokens that the model reads.
        seconds: Seconds in all; None where no speed could be measured.
        flops: Floating-point operations.
        tokens_per_second: Measured speed.
        seconds_to_open_the_model: Seconds of it until the model is open.
        memory_bytes: Most memory of this process so far, the model included.
        disk_bytes: Bytes of the run directory.
        model: The model as it is really run.
        note: Why there is no time.
    """

    sparse: ClassVar[frozenset[str] | None] = frozenset(
        {
            "flops",
            "tokens_per_second",
            "seconds_to_open_the_model",
            "memory_bytes",
            "disk_bytes",
            "model",
            "note",
        }
    )

    passes: int
    tokens: int
    seconds: float | None = None
    flops: float | None = None
    tokens_per_second: float | None = None
    seconds_to_open_the_model: float | None = None
    memory_bytes: int | None = None
    disk_bytes: int | None = None
    model: str | None = None
    note: str | None = None


class RunPlan(Effort):
    """What a run would do and take; the attributes of `Effort` besides.

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

    The model is opened, texts are counted in its own tokens, and a short measurement tells its speed. Where it cannot
    be opened, the plan says why, counts by a rule of thumb, and names no time.

    Args:
        run: The run.
        model: Its model, which is left open.
        seconds: How long to measure, about.

    Raises:
        IconError: What a run would refuse, too, before it opens the model.
    """
    names, _ = scorers_of(run)
    check(run, model, names)
    config, pool = run.config, PoolReader(run).samples
    works = [Work(run, model, name) for name in names]
    needed = any(work.scorer.needs_assessment for work in works)
    built, held_out, leaks = guarded_assessment(run, pool, needed)
    candidates = [sample for sample in pool.samples if sample.id not in {*held_out, *leaks}]
    subset = draw_subset(candidates, subset=config.subset, seed=config.seed, skip_urls=config.skip_urls)
    if not subset:
        raise InputError(f"{config.pool}: no candidate is left to score")
    schedule = schedule_of(config, works[0].scorer, len(built))
    slices = [(len(built), float(len(subset)))]
    if schedule != "exact":
        slices = expected_slices(len(subset), len(built), rules_of(config, schedule, len(subset), len(candidates)))
    planned = _PlannedWork(works, subset, built, slices)
    return RunPlan(
        **planned.effort(seconds).model_dump(),
        pool=config.pool,
        rows=pool.n_rows,
        candidates=len(candidates),
        candidates_to_score=len(subset),
        assessment_samples=len(built),
        schedule=schedule,
        budget=config.budget,
        run_directory=str(run.path),
        pairs=planned.pairs,
        pairs_exact=len(subset) * len(built) if planned.paired else 0,
    )


class _PlannedWork:
    """What those of the run's scorers read that need a model."""

    def __init__(
        self, works: Sequence[Work], subset: list[Sample], assessment: list[Sample], slices: list[tuple[int, float]]
    ) -> None:
        self.run, self.model = works[0].run, works[0].model
        self.subset, self.slices = subset, slices
        self.assessment = in_race_order(assessment, self.run.config.seed)
        self.works = [work for work in works if work.scorer.needs_backend]
        self.paired = next((work.scorer for work in self.works if work.scorer.needs_assessment), None)
        self.alone = sum(not work.scorer.needs_assessment for work in self.works)

    def effort(self, seconds: float) -> Effort:
        """What it takes, from a measurement where the model can be opened."""
        if not self.works:
            return Effort(passes=0, tokens=0, note="no scorer of this run needs a model")
        try:
            return self._measured(seconds)
        except IconError as error:
            return self._guessed(f"no speed measured: {error}")

    @property
    def pairs(self) -> int:
        """Pairs that are expected to be measured."""
        return round(sum(samples * candidates for samples, candidates in self.slices)) if self.paired else 0

    def _measured(self, seconds: float) -> Effort:
        """The plan from the model's own tokens and a measurement of its speed."""
        started = time.perf_counter()
        reading = started - self.run.started  # what a run does as well before it opens the model
        task = self.works[0].task(self.assessment)
        backend = self.model.backend
        opening = time.perf_counter() - started
        costs = Costs(task, control_of(self.paired))
        paired, alone = self._cost(costs), self._cost_alone(costs)
        took = 0.0
        speed: Speed | None = None
        if paired.tokens:
            most, _ = max(self.slices, key=lambda each: each[0] * each[1])  # the slice that holds most of the pairs
            with self.run.timed("measuring the speed of this machine and model"):
                speed = measure_speed(task, costs, self.subset, most, seconds=seconds)
            took += paired.tokens / speed.tokens_per_second
        if alone.tokens:
            slow = measure_alone(task, costs, self.subset)
            took += alone.tokens / slow.tokens_per_second
            speed = speed or slow
        assert speed is not None
        whole, info = paired + alone, backend.describe()
        return Effort(
            passes=whole.passes,
            tokens=whole.tokens,
            flops=FLOPS_PER_WEIGHT * info.parameters * whole.tokens if info.parameters else None,
            tokens_per_second=round(speed.tokens_per_second, 1),
            seconds=round(self._within_budget(took, reading + opening, whole), 1),
            seconds_to_open_the_model=round(opening, 1),
            memory_bytes=_peak_memory(),
            disk_bytes=self._disk(whole.tokens),
            model=f"{info.model}, {info.precision}, {info.device}",
        )

    def _within_budget(self, took: float, before: float, whole: Cost) -> float:
        """Seconds in all; scoring ends with the budget, whatever the race would still need."""
        budget = self.run.config.budget_amount
        if budget is None:
            return took + before
        if budget.unit == "seconds":
            return min(took + before, budget.amount)
        asked = whole.tokens if budget.unit == "tokens" else whole.passes
        return took * min(1.0, budget.amount / asked) + before

    def _guessed(self, note: str) -> Effort:
        """Tokens by a rule of thumb, for when there is no model to ask."""
        own = sum(len(sample.text) for sample in self.subset) // CHARACTERS_A_TOKEN
        characters = sum(len(sample.text) for sample in self.assessment)
        behind = characters / max(1, len(self.assessment)) / CHARACTERS_A_TOKEN
        passes = 2 if self.run.config.scorer_options.get("control") == "paired" else 1
        tokens = (own * len(self.slices) + self.pairs * behind) * passes * bool(self.paired) + own * self.alone
        return Effort(passes=self.pairs * passes, tokens=round(tokens), disk_bytes=self._disk(tokens), note=note)

    def _cost(self, costs: Costs) -> Cost:
        """Of the pairs: slice by slice, candidates of average length in front of the slice's samples."""
        if not self.paired:
            return Cost()
        tokens = passes = 0.0
        start = 0
        for samples, candidates in self.slices:
            chosen = self.assessment[start : start + samples]
            start = (start + samples) % len(self.assessment)  # behind a pilot on all of them it begins anew
            whole, shared = costs.pairs(self.subset, chosen), costs.shared(self.subset, chosen)
            share = candidates / max(1, len(self.subset))
            tokens += whole.tokens * share + shared.tokens
            passes += whole.passes * share + shared.passes
        return Cost(round(tokens), round(passes))

    def _cost_alone(self, costs: Costs) -> Cost:
        one = costs.alone(self.subset) if self.alone else Cost()
        return Cost(one.tokens * self.alone, one.passes * self.alone)

    def _disk(self, tokens: float) -> int:
        """Bytes of the parts and of the pool's records, each of which is selected or dropped."""
        path = Path(pool_source(self.run))
        records = path.stat().st_size if path.is_file() else 0
        return round(self.pairs * BYTES_A_PAIR + tokens / TOKENS_A_PART * BYTES_A_PART) + records


def _peak_memory() -> int | None:
    """Most memory of this process so far, in bytes; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
