"""The plan of a run: passes, tokens, FLOPs, memory, disk and time."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from icon.contribution.cost import Cost, Costs, control_of
from icon.contribution.plan import TOKENS_A_PART, draw_subset
from icon.errors import IconError, InputError
from icon.planning.expected import expected_slices
from icon.planning.speed import SECONDS, Speed, measure_alone, measure_speed
from icon.precheck import check
from icon.report.judgement import FLOPS_A_WEIGHT
from icon.scoring.inputs import scoring_task
from icon.scoring.schedule import in_race_order, rules_of, schedule_of
from icon.session import Session
from icon.stages.assess import build_assessment
from icon.types import Sample

BYTES_A_PAIR, BYTES_A_PART = 36, 3_200
"""Of a measurement, compressed, and of the file of a part without any: a line through parts of 8 to 180 pairs."""
CHARACTERS_A_TOKEN = 4
"""A rule of thumb for English, for when no model is at hand to ask."""


def plan(session: Session, *, seconds: float = SECONDS) -> dict[str, Any]:
    """What the run would do and take; nothing is written.

    The model is opened, texts are counted in its own tokens, and a short measurement tells its speed. Where it cannot
    be opened, the plan says why, counts by a rule of thumb, and names no time.

    Args:
        session: The run; its backend is left open.
        seconds: How long to measure, about.

    Raises:
        IconError: What a run would refuse, too, before it opens the model.
    """
    from icon.assessment.leak import find_leaks, guard

    check(session)
    config, pool = session.config, session.pool
    built, held_out = build_assessment(session)
    rest = [each for each in pool.samples if each.id not in held_out]
    leaks = guard(find_leaks(built, rest), config.on_leak, session.warn) if built else []
    out = {each.pool_id for each in leaks}
    candidates = [each for each in rest if each.id not in out]
    subset = draw_subset(candidates, subset=config.subset, seed=config.seed, skip_urls=config.skip_urls)
    if not subset:
        raise InputError(f"{config.pool}: no candidate is left to score")
    scorer = session.make_scorer(config.scorer)
    schedule = schedule_of(session, scorer, len(built))
    found: dict[str, Any] = {
        "pool": config.pool,
        "rows": pool.n_rows,
        "candidates": len(candidates),
        "candidates_to_score": len(subset),
        "assessment_samples": len(built),
        "schedule": schedule,
        "budget": config.budget,
        "run_directory": str(session.directory.path),
    }
    slices = [(len(built), float(len(subset)))]
    if schedule != "exact":
        rules = rules_of(session.config, schedule, len(subset), len(candidates))
        slices = expected_slices(len(subset), len(built), rules)
    work = _Work(session, subset, built, slices)
    found |= {"pairs": work.pairs, "pairs_exact": len(subset) * len(built) if work.paired else 0}
    if not work.scorers:
        return found | {"passes": 0, "tokens": 0, "seconds": None, "note": "no scorer of this run needs a model"}
    try:
        return found | work.measured(seconds)
    except IconError as error:
        return found | work.guessed() | {"seconds": None, "note": f"no speed measured: {error}"}


class _Work:
    """What those of the run's scorers read that need a model."""

    def __init__(
        self, session: Session, subset: list[Sample], assessment: list[Sample], slices: list[tuple[int, float]]
    ) -> None:
        self.session, self.subset, self.slices = session, subset, slices
        self.assessment = in_race_order(assessment, session.config.seed)
        made = [session.make_scorer(name) for name in session.scorers]
        self.scorers = [each for each in made if each.needs_backend]
        self.paired = next((each for each in self.scorers if each.needs_assessment), None)
        self.alone = sum(not each.needs_assessment for each in self.scorers)

    @property
    def pairs(self) -> int:
        """Pairs that are expected to be measured."""
        return round(sum(samples * candidates for samples, candidates in self.slices)) if self.paired else 0

    def measured(self, seconds: float) -> dict[str, Any]:
        """The plan from the model's own tokens and a measurement of its speed."""
        started = time.perf_counter()
        reading = started - self.session.started  # what a run does as well before it opens the model
        task = scoring_task(self.session, self.scorers[0], self.assessment)
        backend = self.session.backend
        opening = time.perf_counter() - started
        costs = Costs(task, control_of(self.paired))
        paired, alone = self._cost(costs), self._cost_alone(costs)
        took = 0.0
        speed: Speed | None = None
        if paired.tokens:
            most, _ = max(self.slices, key=lambda each: each[0] * each[1])  # the slice that holds most of the pairs
            with self.session.stage("measuring the speed of this machine and model"):
                speed = measure_speed(task, costs, self.subset, most, seconds=seconds)
            took += paired.tokens / speed.tokens_per_second
        if alone.tokens:
            slow = measure_alone(task, costs, self.subset)
            took += alone.tokens / slow.tokens_per_second
            speed = speed or slow
        assert speed is not None
        whole, info = paired + alone, backend.describe()
        return {
            "passes": whole.passes,
            "tokens": whole.tokens,
            "flops": FLOPS_A_WEIGHT * info.parameters * whole.tokens if info.parameters else None,
            "tokens_per_second": round(speed.tokens_per_second, 1),
            "seconds": round(self._within_budget(took, reading + opening, whole), 1),
            "seconds_to_open_the_model": round(opening, 1),
            "memory_bytes": _peak_memory(),
            "disk_bytes": self._disk(whole.tokens),
            "model": f"{info.model}, {info.precision}, {info.device}",
        }

    def _within_budget(self, took: float, before: float, whole: Cost) -> float:
        """Seconds in all; scoring ends with the budget, whatever the race would still need."""
        budget = self.session.config.budget_amount
        if budget is None:
            return took + before
        if budget.unit == "seconds":
            return min(took + before, budget.amount)
        asked = whole.tokens if budget.unit == "tokens" else whole.passes
        return took * min(1.0, budget.amount / asked) + before

    def guessed(self) -> dict[str, Any]:
        """Tokens by a rule of thumb, for when there is no model to ask."""
        own = sum(len(each.text) for each in self.subset) // CHARACTERS_A_TOKEN
        behind = sum(len(each.text) for each in self.assessment) / max(1, len(self.assessment)) / CHARACTERS_A_TOKEN
        controls = 1 if self.session.config.scorer_options.get("control") == "paired" else 0
        tokens = (own * len(self.slices) + self.pairs * behind) * (1 + controls) * bool(self.paired) + own * self.alone
        return {"passes": self.pairs * (1 + controls), "tokens": round(tokens), "disk_bytes": self._disk(tokens)}

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
        path = Path(self.session.pool_source)
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
