"""Stage 2 in rounds: a race on the run directory, its slices measured, kept, and read back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from icon.config import validate
from icon.contribution.aggregate import by_candidate, contribution
from icon.contribution.cost import Costs, control_of
from icon.contribution.measure import SHARED, WHOLE, Share, Watch, is_finished, measure_plan
from icon.contribution.plan import Plan, make_plan
from icon.contribution.racing import Ended, Outcome, Slice, run_race
from icon.errors import ConfigError
from icon.execution.ending import Terminated
from icon.execution.workers import Workers
from icon.hooks.events import CandidateMeasured
from icon.protocols import ContributionScorer
from icon.runs.parts import PartStore, in_order
from icon.scoring.fitting import refuse_others
from icon.scoring.inputs import begin_measuring, hold_offers_of, part_store, scoring_task, tell_notes_of_backend
from icon.scoring.known import Known, known_to
from icon.scoring.pace import Pace
from icon.scoring.schedule import in_race_order, rules_of, schedule_of
from icon.scoring.sharing import refuse_sharing, wait_for_others
from icon.session import Session
from icon.types import Contribution, Measurement, Sample

BUDGET_TOKENS_A_PART = 1_500
"""About three seconds on a laptop with a small model."""
RESERVE_SECONDS, RESERVE_A_ROW = 2.0, 5e-4
"""Kept back of a time: choosing and writing took 23 s on 50,000 rows with the lexical classifier."""
REPORT_SECONDS, REPORT_A_ROW = 4.0, 1e-3
"""Kept back as well where a report is drawn."""


class Rounds:
    """The race of one run.

    Args:
        session: The run.
        scorer: The run's scorer.
        subset: The candidates to score, in scoring order.
        assessment: The assessment set.
        n_candidates: How many candidates the pool has in all.
    """

    def __init__(
        self,
        session: Session,
        scorer: ContributionScorer,
        subset: Sequence[Sample],
        assessment: Sequence[Sample],
        n_candidates: int,
    ) -> None:
        config = validate(session.manifest.config)  # the run's own: icon select may keep another share of its scores
        self.session, self.scorer, self.subset = session, scorer, list(subset)
        self.samples = in_race_order(assessment, config.seed)
        self.rules = rules_of(config, schedule_of(session, scorer, len(assessment)), len(subset), n_candidates)
        self.store = part_store(session, config.scorer, scorer)

    def outcome(self, stopped: Ended | None = None) -> Outcome:
        """The race as it was measured; nothing is measured now.

        Args:
            stopped: Why the last slice is not whole, where it is not.
        """

        def take(part: Slice) -> tuple[list[Measurement], Ended | None]:
            found = self.store.slice(part.number).read()
            whole = is_finished(self._plan(part), found)
            return list(in_order(found)), None if whole else stopped or "interrupted"

        return run_race(self.subset, self.samples, self.rules, take, self.scorer.column)

    def measure(self, share: Share = WHOLE) -> Outcome:
        """Measure what is not finished.

        Args:
            share: Which parts are this process's; it waits for the others' before it looks.
        """
        workers = Workers(self.session.directory.path, self.session.devices)
        if self.session.config.budget:
            refuse_sharing(len(workers.devices), share)
        own = Share(0, len(workers.devices)) if len(workers.devices) > 1 else share
        pace = Pace(self.session.config.budget_amount, self.session.started, self._costs, self._reserve())
        try:
            return run_race(
                self.subset,
                self.samples,
                self.rules,
                lambda part: self._take(part, own, pace, workers),
                self.scorer.column,
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
            alone = contribution(id_, measured, groups, self.scorer)
            found[id_] = _estimated(alone, outcome, places[id_]) if id_ in places and alone.score is not None else alone
        return found, rows

    def _reserve(self) -> float:
        """Seconds to keep back for the choice: the pool is read again and written, and a classifier goes over it."""
        reading = self.session.manifest.times.get("seconds", {}).get("reading the pool", 0.0)
        fixed, a_row = RESERVE_SECONDS, RESERVE_A_ROW
        if self.session.config.report:
            fixed, a_row = fixed + REPORT_SECONDS, a_row + REPORT_A_ROW
        return float(fixed + 2 * reading + a_row * self.session.pool.n_rows)

    def _plan(self, part: Slice) -> Plan:
        """The parts of a slice; within a budget they are small, so that little of it is left unspent."""
        size = BUDGET_TOKENS_A_PART if self.session.config.budget else None
        return make_plan(part.candidates, part.samples, size)

    @cached_property
    def _known(self) -> Known:
        return known_to(self.session, self.session.config.scorer)

    def _costs(self) -> Costs:
        return Costs(scoring_task(self.session, self.scorer, self.samples), control_of(self.scorer))

    def _take(self, part: Slice, share: Share, pace: Pace, workers: Workers) -> tuple[list[Measurement], Ended | None]:
        store, plan = self.store.slice(part.number), self._plan(part)
        finished = store.read()
        for damaged in store.damaged:
            self.session.warn(f"{damaged}: its checksum does not fit its bytes; set aside and measured again")
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
        session = self.session
        hold_offers_of(session, session.config.scorer, self.scorer)
        task = replace(scoring_task(session, self.scorer, part.samples), known=self._known)
        executor = session.plugins.get("executor", "local").make({})
        begin_measuring(session)
        done = len({each.candidate for each in in_order(finished)})
        which = f"samples {part.start + 1} to {part.start + len(part.samples)} of {len(self.samples)}"
        scorer = session.make_scorer(session.config.scorer)

        def tell(candidate: Sample) -> None:
            session.plugins.emit(CandidateMeasured(candidate.id, session.tokens_evaluated))

        watch = Watch(tell, workers.start, pace.done, pace.allows)
        with session.stage(f"scoring: {session.config.scorer}, {which}", total=len(part.candidates), done=done):
            parts = measure_plan(plan, scorer, task, executor, store, finished, watch, share)
            if share is not WHOLE:
                wait_for_others(session, plan, store, workers)
            if len(workers.devices) > 1 and not pace.stopped:
                parts = measure_plan(plan, scorer, task, executor, store, store.read(), watch)
        tell_notes_of_backend(session)
        if cut := sum(bool(each.reason) for each in parts.get(SHARED, [])):
            session.warn(f"{cut} of the assessment {which} were cut to the token limits")

    def _refuse_nothing(self, pace: Pace) -> None:
        """Say that the race was stopped before anything was measured: there is nothing to choose from."""
        if pace.stopped != "budget":
            raise KeyboardInterrupt
        gone = time.perf_counter() - self.session.started
        raise ConfigError(
            f"budget: {self.session.config.budget} ends before the first candidates are measured; the first part "
            f"takes {pace.asked.tokens:,} tokens and {pace.asked.passes:,} passes; reading the pool and opening the "
            f"model took {gone:.0f} s"
        )


def _estimated(alone: Contribution, outcome: Outcome, place: int) -> Contribution:
    """The contribution with its score over the whole assessment set, and how far off that may be."""
    found = outcome.look.estimates
    decided = "in" if outcome.look.surely_in[place] else "out" if outcome.look.surely_out[place] else "open"
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
