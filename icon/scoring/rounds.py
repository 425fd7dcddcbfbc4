"""Stage 2 in rounds: a race on the run directory, its slices measured, kept, and read back."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from icon.assessment.draw import stratified_draw
from icon.config import RunConfig, validate
from icon.contribution.aggregate import by_candidate, contribution
from icon.contribution.cost import Costs
from icon.contribution.measure import SHARED, WHOLE, Share, Watch, is_finished, label_of, measure_plan
from icon.contribution.plan import Plan, make_plan
from icon.contribution.racing import FIRST, Ended, Outcome, Rules, Slice, run_race
from icon.errors import ConfigError, RunError
from icon.execution.workers import Workers, orphaned
from icon.hooks.events import CandidateMeasured
from icon.protocols import ContributionScorer
from icon.runs.parts import PartStore, in_order
from icon.scoring.inputs import part_store, scoring_task
from icon.scoring.pace import Pace
from icon.session import Session
from icon.types import Contribution, Measurement, Sample

RACE_FROM = 32
"""The smallest assessment set that is raced unless asked for: below it there is little to save."""
POLL_SECONDS = 0.5


def schedule_of(session: Session, scorer: ContributionScorer, n_samples: int) -> Literal["race", "uniform", "exact"]:
    """The schedule by name; left open, a race where the score is a mean over enough assessment samples.

    Raises:
        ConfigError: The scorer cannot be measured on a part of the assessment set, or is to be measured on all of it
            within a budget.
    """
    config = session.config
    asked, able = config.schedule, getattr(scorer, "mean_of_column", False) and scorer.needs_assessment
    if asked == "auto":
        asked = "race" if able and (n_samples >= RACE_FROM or config.budget) else "exact"
    if asked != "exact" and not able:
        raise ConfigError(
            f"schedule {asked}: the scorer {config.scorer} with these options gives no mean over assessment samples; "
            "valid: --schedule exact"
        )
    if asked == "exact" and config.budget:
        other = "--schedule race or uniform, or no --budget" if able else f"no --budget with the scorer {config.scorer}"
        raise ConfigError(f"budget: schedule exact measures every pair; valid: {other}")
    if config.order == "informative" and config.budget:
        raise ConfigError(
            "order informative: it measures 16 candidates on every assessment sample first, which a budget may not "
            "reach; valid: --order stratified, or no --budget"
        )
    return asked


def rules_of(config: RunConfig, schedule: str, n_scored: int, n_candidates: int) -> Rules:
    """The rules of the race that these settings ask for.

    Args:
        config: The run's settings.
        schedule: race or uniform.
        n_scored: How many candidates race.
        n_candidates: How many the pool has; a count to keep is a share of these.
    """
    keep = config.keep_amount
    return Rules(
        keep=keep.of(n_scored) if n_scored == n_candidates else max(1, round(keep.as_share(n_candidates) * n_scored)),
        first=1 if config.budget else FIRST,
        capture=config.capture,
        confidence=config.confidence,
        stops=schedule == "race",
        seed=config.seed,
        informative=config.order == "informative",
    )


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
        self.samples = stratified_draw(assessment, None, config.seed, lambda each: each.group or "")
        self.rules = rules_of(config, schedule_of(session, scorer, len(assessment)), len(subset), n_candidates)
        self.store = part_store(session, config.scorer, scorer)

    def outcome(self, stopped: Ended | None = None) -> Outcome:
        """The race as it was measured; nothing is measured now.

        Args:
            stopped: Why the last slice is not whole, where it is not.
        """

        def take(part: Slice) -> tuple[list[Measurement], Ended | None]:
            found = self.store.slice(part.number).read()
            whole = is_finished(make_plan(part.candidates, part.samples), found)
            return list(in_order(found)), None if whole else stopped or "interrupted"

        return run_race(self.subset, self.samples, self.rules, take, self.scorer.column)

    def measure(self, share: Share = WHOLE) -> Outcome:
        """Measure what is not finished.

        Args:
            share: Which parts are this process's; it waits for the others' before it looks.
        """
        workers = Workers(self.session.directory.path, self.session.devices)
        if self.session.config.budget:
            _refuse_sharing(len(workers.devices), share)
        own = Share(0, len(workers.devices)) if len(workers.devices) > 1 else share
        pace = Pace(self.session.config.budget_amount, self.session.started, self._costs)
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

    def _costs(self) -> Costs:
        control = str(getattr(getattr(self.scorer, "options", None), "control", "none"))
        return Costs(scoring_task(self.session, self.scorer, self.samples), control)

    def _take(self, part: Slice, share: Share, pace: Pace, workers: Workers) -> tuple[list[Measurement], Ended | None]:
        store, plan = self.store.slice(part.number), make_plan(part.candidates, part.samples)
        finished = store.read()
        for damaged in store.damaged:
            self.session.warn(f"{damaged}: its checksum does not fit its bytes; set aside and measured again")
        _refuse_others(plan, finished, store)
        pace.begin(part, plan, finished)
        try:
            if not is_finished(plan, finished):
                self._measure(part, plan, store, finished, share, pace, workers)
        except KeyboardInterrupt:
            pace.stopped = "interrupted"
        found = store.read()
        if part.number == 0 and not any(in_order(found)):
            self._refuse_nothing(pace)
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
        task = scoring_task(session, self.scorer, part.samples)
        executor = session.plugins.get("executor", "local").make({})
        session.save()
        done = len({each.candidate for each in in_order(finished)})
        which = f"samples {part.start + 1} to {part.start + len(part.samples)} of {len(self.samples)}"
        scorer = session.make_scorer(session.config.scorer)

        def tell(candidate: Sample) -> None:
            session.plugins.emit(CandidateMeasured(candidate.id, session.tokens_evaluated))

        watch = Watch(tell, workers.start, pace.done, pace.allows)
        with session.stage(f"scoring: {session.config.scorer}, {which}", total=len(part.candidates), done=done):
            parts = measure_plan(plan, scorer, task, executor, store, finished, watch, share)
            if share is not WHOLE:
                self._wait(plan, store, workers)
            if len(workers.devices) > 1 and not pace.stopped:
                parts = measure_plan(plan, scorer, task, executor, store, store.read(), watch)
        if cut := sum(bool(each.reason) for each in parts.get(SHARED, [])):
            session.warn(f"{cut} of the assessment {which} were cut to the token limits")

    def _refuse_nothing(self, pace: Pace) -> None:
        """Say that the race was stopped before anything was measured: there is nothing to choose from."""
        if pace.stopped == "budget":
            raise ConfigError(
                f"budget: {self.session.config.budget} ends before the first candidates are measured; the first part "
                f"takes {pace.asked.tokens:,} tokens and {pace.asked.passes:,} passes"
            )
        raise KeyboardInterrupt

    def _wait(self, plan: Plan, store: PartStore, workers: Workers) -> None:
        """Until the other shares of the slice are there, or nobody is left who could bring them."""
        wanted = {label_of(number) for number in range(len(plan.parts))}
        while not wanted <= store.labels():
            if len(workers.devices) > 1 and not workers.running:
                for fault in workers.wait():
                    self.session.warn(f"{fault}; its share was measured here")
                return
            if orphaned():
                raise KeyboardInterrupt  # nobody is left whose run this is
            time.sleep(POLL_SECONDS)


def _refuse_sharing(n_devices: int, share: Share) -> None:
    """One process alone knows what is spent; of several, each would wait for parts that no other may still begin."""
    if n_devices > 1:
        raise ConfigError(f"budget: found {n_devices} devices; valid: one, or no --budget")
    if share.count > 1:
        raise ConfigError(f"budget: found the share {share}; valid: one process, or no --budget")


def _refuse_others(plan: Plan, finished: Mapping[str, Sequence[Measurement]], store: PartStore) -> None:
    """Refuse parts of other candidates than the race asks for now: it did not come the same way here.

    Raises:
        RunError: A part holds other candidates; it was measured by another version of a library, or changed since.
    """
    for number, candidates in enumerate(plan.parts):
        rows = finished.get(label_of(number))
        if rows is not None and {each.candidate for each in rows} != {each.id for each in candidates}:
            raise RunError(
                f"{store.folder}: part {label_of(number)} holds other candidates than the race asks for here; it was "
                "measured on a machine that computes otherwise. Start anew with another --out, or move the folder away"
            )


def _estimated(alone: Contribution, outcome: Outcome, place: int) -> Contribution:
    """The contribution with its score over the whole assessment set, and how far off that may be."""
    found = outcome.look.estimates
    decided = "in" if outcome.look.surely_in[place] else "out" if outcome.look.surely_out[place] else "open"
    return replace(
        alone,
        score=float(found.score[place]),
        low=float(found.low[place]),
        high=float(found.high[place]),
        margin=float(found.margin[place]),
        decided=decided,
    )
