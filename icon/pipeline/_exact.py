"""Exact measuring: every candidate on every assessment sample, and the contributions that follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from icon.errors import ConfigError, RunError
from icon.inference.watching import Watched, watching
from icon.pipeline._alone import alone_contributions, first_measurements
from icon.pipeline._reading import Reading
from icon.pipeline._rendering import is_own, refuse_unrenderable, unrenderable_warning
from icon.pipeline._stored import known_to, refuse_others
from icon.pipeline._values import has_values, measure_values
from icon.pipeline.executors.driving import block_of, check_samples, hands_of
from icon.pipeline.measuring import (
    TOKENS_PER_PART,
    WHOLE,
    Plan,
    Share,
    Watch,
    cut,
    is_finished,
    label_of,
    make_plan,
    measure_plan,
)
from icon.pipeline.schedule import samples_of
from icon.plugins import CandidateMeasured, ContextScorer, ContributionScorer
from icon.runs.parts import PartStore, in_order
from icon.runs.work import Work
from icon.samples.pool_samples import PoolSamples
from icon.scorers.aggregate import by_candidate
from icon.scorers.aggregate import contributions as aggregate
from icon.scorers.cost import own_passes
from icon.types import Contribution, Measurement, Sample

OF_TEXTS_ALONE = 65_536
"""Most candidates of a part of a scorer without a model."""


def measure_every_pair(
    work: Work,
    subset: Sequence[Sample],
    assessment: Sequence[Sample],
    others: Iterable[Work] = (),
    share: Share = WHOLE,
) -> None:
    """Measure the unfinished parts of a scorer's plan; no model is loaded where every part is finished.

    The workers of an executor measure them, where the run has one, unless this process has a share of its own.

    Args:
        work: The scorer's work.
        subset: The candidates to measure, in scoring order.
        assessment: The assessment set.
        others: The work of every scorer of the run: their measurements are used again, and their tasks are checked.
        share: The parts that this process measures.
    """
    run, scorer = work.run, work.scorer
    used = _samples_for(work, assessment)
    store = work.store()
    finished: Mapping[str, Sequence[Measurement]] = store.read() if scorer.needs_backend else store.read_tables()
    plan = _plan(scorer, subset, used, finished)
    for damaged in store.damaged:
        run.warn(f"{damaged}: its checksum does not match its bytes; it is set aside and measured again")
    refuse_others(plan, used, finished, store)
    if is_finished(plan, finished, share):
        return
    work.hold_offers()
    alone = share is not WHOLE
    check_texts((work, *others), assessment, subset, alone=alone)
    if len(subset) > OF_TEXTS_ALONE and has_values(scorer):
        measure_values(work, scorer, _in_order_of_parts(subset), plan, [*finished], share)
        return
    hands = hands_of(work, alone=alone)
    block = block_of(work, used, store, known_to(work, others) if scorer.needs_backend else {})
    run.begin_measuring()
    done = len({row.candidate for row in in_order(finished)})
    watched = Watched(on_call=Reading(run, work.model))
    with run.timed(f"scoring: {work.name}", total=len(subset), done=done), watching(watched):
        shared = measure_plan(plan, block, hands, store, finished, _watch(work), share)
    work.model.report_notes()
    if n_cut := sum(bool(row.reason) for row in shared):
        run.warn(f"{n_cut} of {len(used)} assessment samples were cut to the token limits")


def _plan(
    scorer: ContributionScorer,
    subset: Sequence[Sample],
    used: Sequence[Sample],
    finished: Mapping[str, Sequence[Measurement]],
) -> Plan:
    """The parts: of about as many tokens each as `make_plan` says, whatever a candidate costs."""
    if not scorer.needs_backend:
        return _plan_of_texts(subset, len(finished.get(label_of(0), ())))
    if passes := own_passes(scorer):
        return make_plan(subset, (), TOKENS_PER_PART // passes)
    return make_plan(subset, used, as_contexts=isinstance(scorer, ContextScorer))


def _plan_of_texts(subset: Sequence[Sample], of_first: int) -> Plan:
    """Parts of `OF_TEXTS_ALONE` candidates; several that are not in memory are in the order in which they are read.

    A run of an older version has all in its first part.
    """
    ordered, size = _in_order_of_parts(subset), max(OF_TEXTS_ALONE, of_first)
    return Plan(tuple(cut(ordered, start, start + size) for start in range(0, max(1, len(subset)), size)))


def _in_order_of_parts(subset: Sequence[Sample]) -> PoolSamples:
    """The subset as it is where it is one part, or in memory; else in the order in which it is read."""
    ordered = PoolSamples.of(subset)
    return ordered if ordered.is_held or len(ordered) <= OF_TEXTS_ALONE else ordered.in_row_order()


def _watch(work: Work) -> Watch:
    """What observers hear of the measuring, and when run.json is written."""
    run = work.run

    def report(candidate: Sample) -> None:
        run.emit(CandidateMeasured(candidate.id, work.model.tokens_evaluated))

    def stored(_: Sequence[Sample]) -> None:
        if run.watch.is_due:
            run.save()

    return Watch(report, stored, before_part=run.presence.check)


def contributions_of_every_pair(
    work: Work, assessment: Sequence[Sample], n_scored: int, *, with_rows: bool = True
) -> tuple[Mapping[str, Contribution], dict[str, list[Measurement]]]:
    """Contributions and measurements of a scorer by candidate, from its parts.

    Args:
        work: The scorer's work.
        assessment: The assessment set.
        n_scored: Number of candidates that were to be measured.
        with_rows: Whether the measurements of candidates that are measured by themselves are needed. If not, what is
            given of them is what says where gains sit, and the contributions are columns.

    Raises:
        RunError: Parts are missing or damaged.
    """
    store = work.store()
    found = None if with_rows else alone_contributions(store, work.scorer)
    if found is not None:
        _refuse_missing(work, store, len(found), n_scored)
        return found, first_measurements(work.store(read_only=True))
    rows = by_candidate(in_order(store.read()))
    _refuse_missing(work, store, len(rows), n_scored)
    groups = {sample.id: sample.group for sample in assessment}
    return aggregate(rows, groups, work.scorer), rows


def _refuse_missing(work: Work, store: PartStore, n_found: int, n_scored: int) -> None:
    """Refuse parts that lack candidates, and warn of damaged ones that hold none.

    Raises:
        RunError: Parts are missing or damaged.
    """
    if n_found != n_scored:
        raise RunError(
            f"{store.folder}: found measurements of {n_found} candidates, expected {n_scored}; parts are missing or "
            f"damaged. To measure them again: icon score {work.run.path}"
        )
    if store.damaged:  # the shared part: without it the summary lacks what it is compared with
        work.run.warn(
            f"{store.folder}: damaged and set aside: {', '.join(store.damaged)}; the summary is without what they "
            f"hold. To measure them again: icon score {work.run.path}"
        )


def check_texts(
    works: Iterable[Work], assessment: Sequence[Sample], subset: Sequence[Sample], *, alone: bool = False
) -> None:
    """Render and tokenise the whole assessment set for every scorer of the run, before the first pass of any.

    Of the candidates, one that can be rendered is enough, since others are failures with a reason. How many a template
    of the user's own cannot render is a warning, before the first measurement.

    Args:
        works: The scorers' work.
        assessment: The assessment set.
        subset: The candidates to measure.
        alone: Whether this process is to tokenise, and not the workers.

    Raises:
        InputError: Assessment samples cannot be used as they are; the message lists all of them.
        TemplateError: No candidate can be rendered.
    """
    needing = [work for work in {work.name: work for work in works}.values() if work.scorer.needs_backend]
    for work in needing:
        if work.scorer.needs_assessment:
            check_samples(work, _samples_for(work, assessment), hands_of(work, alone=alone))
    for work in needing[:1]:
        template, run = work.model.template, work.run
        refuse_unrenderable(template, subset)
        if (
            is_own(run.config.template)
            and not run.directory.has_parts
            and (some := unrenderable_warning(template, subset))
        ):
            run.warn(some)


def _samples_for(work: Work, assessment: Sequence[Sample]) -> Sequence[Sample]:
    """The assessment samples to measure the scorer on: none where it needs none."""
    if not work.scorer.needs_assessment:
        return []
    if not assessment:
        raise ConfigError(
            f"scorer {work.name}: it needs an assessment set, and this run has none, since no scorer needed one when "
            f"it was begun; start a new run with --scorer {work.name}"
        )
    return samples_of(work.scorer, assessment, work.run.config.seed)
