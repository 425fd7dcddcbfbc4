"""Stage 2 in rounds: a race on the run directory, its slices measured, kept, and read back."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cached_property

import numpy as np

from icon.errors import ConfigError
from icon.pipeline._stored import Known, known_to, refuse_others
from icon.pipeline._workers import Workers, refuse_sharing, wait_for_others
from icon.pipeline.ending import Terminated
from icon.pipeline.measuring import SHARED, WHOLE, Plan, Share, Watch, is_finished, make_plan, measure_plan
from icon.pipeline.planned import Planned
from icon.pipeline.schedule import Pace, in_race_order, rules_of, schedule_of
from icon.plugins import CandidateMeasured
from icon.runs.parts import PartStore, in_order
from icon.runs.work import Work, make_scorer
from icon.scorers.aggregate import by_candidate, contribution
from icon.scorers.cost import Costs, control_of
from icon.scorers.racing import Ended, Outcome, Slice, run_race
from icon.types import Contribution, Measurement, Sample

BUDGET_TOKENS_A_PART = 1_500
"""About three seconds on a laptop with a small model."""
RESERVE_SECONDS, RESERVE_A_ROW = 2.0, 5e-4
"""Kept back of a time: choosing and writing took 23 s on 50,000 rows with the lexical classifier."""
REPORT_SECONDS, REPORT_A_ROW = 4.0, 1e-3
"""Kept back as well where a report is drawn."""


class Race:
    """The race of a run.

    Args:
        work: The run's own scorer.
        plan: What the run's first stage left.
    """

    def __init__(self, work: Work, plan: Planned) -> None:
        config = work.run.config
        schedule = schedule_of(config, work.scorer, len(plan.assessment))
        self.work, self.plan, self.subset = work, plan, list(plan.subset)
        self.samples = in_race_order(plan.assessment, config.seed)
        self.rules = rules_of(config, schedule, len(plan.subset), len(plan.candidates))
        self.store = work.store()

    def outcome(self, stopped: Ended | None = None) -> Outcome:
        """The race as it was measured; nothing is measured now.

        Args:
            stopped: Why the last slice is not whole, where it is not.
        """

        def take(part: Slice) -> tuple[list[Measurement], Ended | None]:
            found = self.store.slice(part.number).read()
            whole = is_finished(self._plan(part), found)
            return list(in_order(found)), None if whole else stopped or "interrupted"

        return run_race(self.subset, self.samples, self.rules, take, self.work.scorer.column)

    def measure(self, share: Share = WHOLE) -> Outcome:
        """Measure what is not finished.

        Args:
            share: Which parts are this process's; it waits for the others' before it looks.
        """
        run = self.work.run
        workers = Workers(run.path, self.work.model.devices)
        if run.config.budget:
            refuse_sharing(len(workers.devices), share)
        own = Share(0, len(workers.devices)) if len(workers.devices) > 1 else share
        pace = Pace(run.config.budget_amount, run.started, self._costs, self._reserve())
        try:
            return run_race(
                self.subset,
                self.samples,
                self.rules,
                lambda part: self._take(part, own, pace, workers),
                self.work.scorer.column,
            )
        finally:
            workers.stop()

    def contributions(self, outcome: Outcome) -> tuple[dict[str, Contribution], dict[str, list[Measurement]]]:
        """Contributions and measurements by candidate; scores are those over the whole assessment set."""
        slices = [self.store.slice(number) for number in range(len(outcome.path))]  # more may lie there: see HOW_FAR
        rows = by_candidate(each for part in slices for each in in_order(part.read()))
        groups = {each.id: each.group for each in self.samples}
        places = {id_: place for place, id_ in enumerate(outcome.candidates)}
        found = {}
        for id_, measured in rows.items():
            alone = contribution(id_, measured, groups, self.work.scorer)
            found[id_] = _estimated(alone, outcome, places[id_]) if id_ in places and alone.score is not None else alone
        return found, rows

    def _reserve(self) -> float:
        """Seconds to keep back for the choice: the pool is read again and written, and a classifier goes over it."""
        run = self.work.run
        reading = run.manifest.times.seconds.get("reading the pool", 0.0)
        fixed, a_row = RESERVE_SECONDS, RESERVE_A_ROW
        if run.config.report:
            fixed, a_row = fixed + REPORT_SECONDS, a_row + REPORT_A_ROW
        return float(fixed + 2 * reading + a_row * self.plan.pool.n_rows)

    def _plan(self, part: Slice) -> Plan:
        """The parts of a slice; within a budget they are small, so that little of it is left unspent."""
        size = BUDGET_TOKENS_A_PART if self.work.run.config.budget else None
        return make_plan(part.candidates, part.samples, size)

    @cached_property
    def _known(self) -> Known:
        return known_to(self.work, self.plan.works.values())

    def _costs(self) -> Costs:
        return Costs(self.work.task(self.samples), control_of(self.work.scorer))

    def _take(self, part: Slice, share: Share, pace: Pace, workers: Workers) -> tuple[list[Measurement], Ended | None]:
        store, plan = self.store.slice(part.number), self._plan(part)
        finished = store.read()
        for damaged in store.damaged:
            self.work.run.warn(f"{damaged}: its checksum does not fit its bytes; set aside and measured again")
        refuse_others(plan, part.samples, finished, store)
        pace.begin(part, plan, finished)
        try:
            if not is_finished(plan, finished):
                self._measure(part, plan, store, finished, share, pace, workers)
        except Terminated:
            raise  # whoever sent it waits for an end, not for a choice
        except KeyboardInterrupt:
            pace.stopped = "interrupted"
            workers.stop()  # before the parts are read: what they still write would not be in this look
        found = store.read()
        if part.number == 0 and not any(in_order(found)):
            self._refuse_nothing(pace)
        if pace.stopped == "interrupted":
            return list(in_order(found)), "interrupted"
        return list(in_order(found)), None if is_finished(plan, found) else pace.stopped or "interrupted"

    def _measure(
        self,
        part: Slice,
        plan: Plan,
        store: PartStore,
        finished: dict[str, list[Measurement]],
        share: Share,
        pace: Pace,
        workers: Workers,
    ) -> None:
        run, name = self.work.run, self.work.name
        self.work.hold_offers()
        task = replace(self.work.task(part.samples), known=self._known)
        run.begin_measuring()
        done = len({row.candidate for row in in_order(finished)})
        which = f"samples {part.start + 1} to {part.start + len(part.samples)} of {len(self.samples)}"
        scorer = make_scorer(run, name)  # prepared with this slice alone

        def report(candidate: Sample) -> None:
            run.emit(CandidateMeasured(candidate.id, self.work.model.tokens_evaluated))

        watch = Watch(report, workers.start, pace.done, pace.allows)
        with run.timed(f"scoring: {name}, {which}", total=len(part.candidates), done=done):
            parts = measure_plan(plan, scorer, task, store, finished, watch, share)
            if share is not WHOLE:
                wait_for_others(run, plan, store, workers)
            if len(workers.devices) > 1 and not pace.stopped:
                parts = measure_plan(plan, scorer, task, store, store.read(), watch)
        self.work.model.report_notes()
        if cut := sum(bool(row.reason) for row in parts.get(SHARED, [])):
            run.warn(f"{cut} of the assessment {which} were cut to the token limits")

    def _refuse_nothing(self, pace: Pace) -> None:
        """Say that the race was stopped before anything was measured: there is nothing to choose from."""
        if pace.stopped != "budget":
            raise KeyboardInterrupt
        gone = time.perf_counter() - self.work.run.started
        raise ConfigError(
            f"budget: {self.work.run.config.budget} ends before the first candidates are measured; the first part "
            f"takes {pace.asked.tokens:,} tokens and {pace.asked.passes:,} passes; reading the pool and opening the "
            f"model took {gone:.0f} s"
        )


def _estimated(alone: Contribution, outcome: Outcome, place: int) -> Contribution:
    """The contribution with its score over the whole assessment set, and how far off that may be."""
    found = outcome.look.estimates
    decided = "in" if outcome.look.accepted[place] else "out" if outcome.look.rejected[place] else "open"
    return replace(
        alone,
        score=float(found.score[place]),
        standard_error=_known(found.error[place]),
        low=_known(found.low[place]),
        high=_known(found.high[place]),
        margin=_known(found.margin[place]),
        decided=decided,
    )


def _known(value: np.float64) -> float | None:
    """The value; None where it is infinite, since too little was measured to say how far off a score is."""
    return float(value) if np.isfinite(value) else None
