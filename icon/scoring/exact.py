"""Every candidate on every assessment sample: what is there, what is still to measure, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from icon.contribution.aggregate import by_candidate
from icon.contribution.aggregate import contributions as aggregate
from icon.contribution.measure import SHARED, WHOLE, Share, Watch, is_finished, measure_plan
from icon.contribution.plan import Plan, make_plan
from icon.errors import ConfigError, RunError
from icon.execution.workers import Workers
from icon.hooks.events import CandidateMeasured
from icon.runs.parts import in_order
from icon.scoring.fitting import refuse_others
from icon.scoring.inputs import begin_measuring, hold_offers_of, part_store, scoring_task, tell_notes_of_backend
from icon.scoring.known import known_to
from icon.session import Session
from icon.types import Contribution, Measurement, Sample


def measure(
    session: Session,
    name: str,
    subset: list[Sample],
    assessment: list[Sample],
    share: Share = WHOLE,
    devices: Sequence[str] = (),
) -> None:
    """Measure what is not finished of a scorer's plan; no model is loaded where nothing is left to do.

    With several devices, this process measures one share of the parts and a process a device the others; what one of
    those leaves undone is measured here in the end.
    """
    scorer = session.make_scorer(name)
    used = assessment if scorer.needs_assessment else []
    if scorer.needs_assessment and not assessment:
        raise ConfigError(
            f"scorer {name}: it needs an assessment set, and this run has none, since no scorer needed one when it was "
            f"begun; start a new run with --scorer {name}"
        )
    plan = make_plan(subset, used) if scorer.needs_backend else Plan((tuple(subset),))
    store = part_store(session, name, scorer)
    finished = store.read()
    for damaged in store.damaged:
        session.warn(f"{damaged}: its checksum does not fit its bytes; set aside and measured again")
    refuse_others(plan, used, finished, store)
    if is_finished(plan, finished, share):
        return
    hold_offers_of(session, name, scorer)
    task = replace(scoring_task(session, scorer, used), known=known_to(session, name) if scorer.needs_backend else {})
    executor = session.plugins.get("executor", "local").make({})
    done = len({each.candidate for each in in_order(finished)})

    def tell(candidate: Sample) -> None:
        session.plugins.emit(CandidateMeasured(candidate.id, session.tokens_evaluated))

    begin_measuring(session)
    workers = Workers(session.directory.path, devices if scorer.needs_backend else (), only=name)
    watch = Watch(tell, workers.start)
    own = Share(0, len(workers.devices)) if len(workers.devices) > 1 else share
    with session.stage(f"scoring: {name}", total=len(subset), done=done):
        try:
            parts = measure_plan(plan, scorer, task, executor, store, finished, watch, own)
            for fault in workers.wait():
                session.warn(f"{fault}; its share was measured here")
        finally:
            workers.stop()
        if own is not share:
            parts = measure_plan(plan, scorer, task, executor, store, store.read(), Watch(tell))
    tell_notes_of_backend(session)
    if cut := sum(bool(each.reason) for each in parts.get(SHARED, [])):
        session.warn(f"{cut} of {len(used)} assessment samples were cut to the token limits")


def contributions(
    session: Session, name: str, assessment: list[Sample]
) -> tuple[dict[str, Contribution], dict[str, list[Measurement]]]:
    """Contributions and measurements of a scorer by candidate, from its parts.

    Raises:
        RunError: Parts are missing or damaged.
    """
    scorer = session.make_scorer(name)
    store = part_store(session, name, scorer)
    rows = by_candidate(in_order(store.read()))
    expected = session.manifest.stages["score"]["candidates"]
    if len(rows) != expected:
        raise RunError(
            f"{store.folder}: found measurements of {len(rows)} candidates, expected {expected}; parts are missing or "
            f"damaged. To measure them again: icon score {session.directory.path}"
        )
    groups = {each.id: each.group for each in assessment}
    return aggregate(rows, groups, scorer), rows
