"""Raced measuring: the slices of a race are measured, stored in the run directory, and read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, partial

import numpy as np

from icon.inference.watching import OutOfTime, watching
from icon.pipeline._estimated import estimated
from icon.pipeline._exact import check_texts
from icon.pipeline._leaving import warn_of_leaving
from icon.pipeline._reading import Reading
from icon.pipeline._reserve import reserve
from icon.pipeline._sharing import refuse_sharing, wait_for_others
from icon.pipeline._slicing import fewest_of, rules_of_parts
from icon.pipeline._stored import Known, fits, known_to, own_responses, reaches, refuse_others
from icon.pipeline.ending import Terminated
from icon.pipeline.executors.driving import block_of, hands_of
from icon.pipeline.measuring import SHARED, WHOLE, Plan, Share, Watch, is_finished, make_plan, measure_plan
from icon.pipeline.planned import Planned
from icon.pipeline.schedule import Pace, first_slice, in_race_order, refuse_nothing, rules_of, schedule_of
from icon.plugins import BudgetSpent, CandidateMeasured, ContextScorer
from icon.runs.parts import PartStore, in_order
from icon.runs.work import Work
from icon.scorers.aggregate import by_candidate, contribution
from icon.scorers.cost import Costs, costs_of
from icon.scorers.lengths import FloatArray, column_residuals, how_of, refuse_too_few, response_lengths
from icon.scorers.racing import Ended, Outcome, Rules, Slice, Take, run_race
from icon.types import Contribution, Measurement, Sample

BUDGET_TOKENS_PER_PART = 1_500
"""Size of a part within a budget: about three seconds on a laptop with a small model."""


class Race:
    """The race of a run.

    Args:
        work: The work of the run's own scorer.
        plan: Pool, assessment set and candidates of the run.
    """

    def __init__(self, work: Work, plan: Planned) -> None:
        config = work.run.config
        schedule = schedule_of(config, work.scorer, len(plan.samples))
        self.work, self.plan, self.subset = work, plan, list(plan.subset)
        self.samples = in_race_order(plan.samples, config.seed)
        self.store = work.store()
        self._level = self._at_equal_length if how_of(config, work.scorer) == "regress" else None
        self._lengths: dict[str, float] = {}
        self._own: dict[tuple[str, str | None], Measurement] = {}
        self._checked = False
        self._damaged: list[str] = []
        first = first_slice(work.scorer)
        fewest = fewest_of(config, work.scorer, self.subset, self.samples)
        numbers = len(plan.subset), len(plan.candidates), first
        make = partial(rules_of, config, schedule, *numbers, fewest=fewest, narrowed=plan.narrowed is not None)
        begun = schedule == "race" and not self.store.slice(0).labels() <= {SHARED}
        self._asked = make()
        self.rules = rules_of_parts(make, self._fits) if begun else self._asked

    def outcome(self, stopped: Ended | None = None) -> Outcome:
        """Replay the race from the stored parts, without measuring.

        Args:
            stopped: Why the race ended, where its last slice is incomplete.
        """
        return self._run(lambda part: self._stored(part, stopped or "interrupted"))

    def _stored(self, part: Slice, stopped: Ended = "interrupted") -> tuple[list[Measurement], Ended | None]:
        """What is stored of a slice; where that is not all of it, also why the race ended."""
        parts = self.store.slice(part.number).read()
        complete = is_finished(self._plan(part, parts), parts)
        return self._seen(in_order(parts)), None if complete else stopped

    def _fits(self, rules: Rules) -> bool:
        """Whether the stored parts are parts of the slices that a race by these rules asks for."""
        others: list[int] = []

        def take(part: Slice) -> tuple[list[Measurement], Ended | None]:
            store = self.store.slice(part.number)
            parts = store.read()
            self._damaged += store.damaged
            if fits(self._plan(part, parts), part.samples, parts) and reaches(part.samples, parts):
                return self._stored(part)
            others.append(part.number)
            return [], "interrupted"

        self._run(take, rules)
        return not others

    def measure(self, share: Share = WHOLE) -> Outcome:
        """Measure the unfinished parts of the race.

        Args:
            share: The parts that this process measures; before each look it waits for the parts of other processes.
        """
        run = self.work.run
        warn_of_leaving(run, self.rules, self._asked)
        if run.config.budget:
            refuse_sharing(self.work.model, share)
        pace = Pace(
            run.config.budget_amount, run.watch.started, self._costs, lambda: reserve(run, self.plan.pool.n_rows)
        )
        pace.watched.on_call = Reading(run, self.work.model)
        try:
            with watching(pace.watched):
                return self._run(lambda part: self._take(part, share, pace))
        except Terminated:
            raise
        except KeyboardInterrupt:
            if share is not WHOLE or self.store.slice(0).labels() <= {SHARED}:
                raise
            return self.outcome()  # it came between two slices

    def _run(self, take: Take, rules: Rules | None = None) -> Outcome:
        column = self.work.scorer.column
        return run_race(self.subset, self.samples, rules or self.rules, take, column, level=self._level)

    def _seen(self, rows: Iterable[Measurement]) -> list[Measurement]:
        """These measurements, once the lengths of their candidates' responses are noted."""
        found = list(rows)
        if self._level:
            candidates = {sample.id: sample for sample in self.subset}
            skipped = self.work.run.config.skip_tokens
            lengths, _ = response_lengths(candidates, by_candidate(found), self.work.scorer, skipped)
            self._lengths.update(lengths)
        return found

    def _at_equal_length(self, values: FloatArray, ids: Sequence[str]) -> FloatArray:
        """The table of a look without what the lengths of the candidates' responses explain."""
        return column_residuals(values, np.array([self._lengths.get(id_, np.nan) for id_ in ids]))

    def contributions(self, outcome: Outcome) -> tuple[dict[str, Contribution], dict[str, list[Measurement]]]:
        """Contributions and measurements by candidate; scores are estimates over the whole assessment set."""
        slices = [self.store.slice(number) for number in range(len(outcome.path))]  # there may be more: see HOW_FAR
        rows = by_candidate(row for part in slices for row in in_order(part.read()))
        groups = {sample.id: sample.group for sample in self.samples}
        places = {id_: place for place, id_ in enumerate(outcome.candidates)}
        if self._level and rows:
            refuse_too_few("regress", len(places))
        contributions = {}
        for id_, measured in rows.items():
            own = contribution(id_, measured, groups, self.work.scorer)
            in_race = id_ in places and own.score is not None
            contributions[id_] = estimated(own, outcome, places[id_]) if in_race else own
        return contributions, rows

    def _plan(self, part: Slice, finished: Mapping[str, Sequence[Measurement]]) -> Plan:
        """The parts of a slice; within a budget small ones that grow, unless an older version has cut them evenly."""
        size = BUDGET_TOKENS_PER_PART if self.work.run.config.budget else None
        as_contexts = isinstance(self.work.scorer, ContextScorer)
        even = make_plan(part.candidates, part.samples, size, as_contexts=as_contexts)
        if size is None:
            return even
        grown = make_plan(part.candidates, part.samples, size, as_contexts=as_contexts, growing=True)
        return grown if fits(grown, part.samples, finished) or not fits(even, part.samples, finished) else even

    @cached_property
    def _known(self) -> Known:
        return known_to(self.work, self.plan.works.values())

    def _costs(self) -> Costs:
        return costs_of(self.work.scorer, self.work.task(self.samples))

    def _take(self, part: Slice, share: Share, pace: Pace) -> tuple[list[Measurement], Ended | None]:
        store = self.store.slice(part.number)
        finished = store.read()
        plan = self._plan(part, finished)
        for damaged in (*self._damaged, *store.damaged):
            self.work.run.warn(f"{damaged}: its checksum does not match its bytes; it is set aside and measured again")
        self._damaged.clear()
        refuse_others(plan, part.samples, finished, store)
        pace.begin(part, plan, finished)
        try:
            if not is_finished(plan, finished):
                self._measure(part, plan, store, finished, share, pace)
        except OutOfTime:
            pace.stopped = "budget"
        except Terminated:
            raise  # the sender of the signal expects the process to end, without a selection
        except KeyboardInterrupt:
            pace.stopped = "interrupted"
        parts = store.read()
        self._own.update(own_responses(self.work.scorer, in_order(parts)))
        if part.number == 0 and not any(in_order(parts)):
            refuse_nothing(pace, self.work.run.config.budget)
        rows = self._seen(in_order(parts))
        if pace.stopped == "interrupted":
            return rows, "interrupted"
        return rows, None if is_finished(plan, parts) else pace.stopped or "interrupted"

    def _measure(
        self,
        part: Slice,
        plan: Plan,
        store: PartStore,
        finished: dict[str, list[Measurement]],
        share: Share,
        pace: Pace,
    ) -> None:
        run, name = self.work.run, self.work.name
        self.work.hold_offers()
        alone = share is not WHOLE or pace.meter.budget is not None
        self._check_texts(alone=alone)
        hands = hands_of(self.work, alone=alone)
        block = block_of(self.work, part.samples, store, {**self._known, **self._own})
        run.begin_measuring()
        done = len({row.candidate for row in in_order(finished)})
        which = f"samples {part.start + 1} to {part.start + len(part.samples)} of {len(self.samples)}"

        def report(candidate: Sample) -> None:
            run.emit(CandidateMeasured(candidate.id, self.work.model.tokens_evaluated))

        def stored(candidates: Sequence[Sample]) -> None:
            pace.done(candidates)
            if (budget := pace.meter.budget) and budget.unit != "seconds":
                run.emit(BudgetSpent(pace.meter.spent[budget.unit], budget.amount, budget.unit))
            if run.watch.is_due:
                run.save()

        watch = Watch(report, stored, pace.allows, run.presence.check)
        with run.timed(f"scoring: {name}, {which}", total=len(part.candidates), done=done):
            shared = measure_plan(plan, block, hands, store, finished, watch, share)
            if share is not WHOLE:
                wait_for_others(run, plan, store)
        self.work.model.report_notes()
        if cut := sum(bool(row.reason) for row in shared):
            run.warn(f"{cut} of the assessment {which} were cut to the token limits")

    def _check_texts(self, *, alone: bool) -> None:
        """Render all texts before the first slice is measured, not those of each slice before its own passes."""
        if not self._checked:
            check_texts([self.work], self.plan.assessment, self.subset, alone=alone)
        self._checked = True
