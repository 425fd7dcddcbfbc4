"""Stored parts: checks against the plan, and measurements of other scorers that are used again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from icon.errors import RunError
from icon.pipeline.measuring import Plan, label_of
from icon.plugins import ContextScorer, ContributionScorer
from icon.runs.part_rows import PartRows
from icon.runs.parts import SHARED, PartStore, in_order
from icon.runs.work import Work
from icon.samples.ids import ids_of, texts_of
from icon.types import Measurement, Sample, Status

Known = Mapping[tuple[str, str | None], Measurement]
"""Measurements by candidate and assessment sample; see `icon.plugins.ScoringTask`."""


def known_to(work: Work, works: Iterable[Work]) -> Known:
    """NLLs that other scorers of the run have measured, by (candidate, assessment sample): `ScoringTask.known`.

    They come from finished parts, whose fingerprint ensures the same model, template and limits. Damaged parts are
    skipped; their own scorer measures them again.

    Args:
        work: The scorer that is to be measured.
        works: Every scorer of the run.
    """
    known: dict[tuple[str, str | None], Measurement] = {}
    for other in works:
        if other.name == work.name:
            continue
        rows: Iterable[Measurement] = ()
        if isinstance(other.scorer, ContextScorer):
            rows = own_responses(other.scorer, _measured(other)).values()
        elif getattr(other.scorer, "shares_passes", False):
            rows = _measured(other)
        for row in rows:
            key = row.candidate, row.assessment
            known[key] = _joined(known[key], row) if key in known else row
    return known


def own_responses(scorer: ContributionScorer, rows: Iterable[Measurement]) -> dict[tuple[str, str | None], Measurement]:
    """NLL(y given x) of the candidates of a `ContextScorer`, from its rows; empty for another scorer."""
    if not isinstance(scorer, ContextScorer):
        return {}
    sound = (row for row in rows if row.candidate and row.status == Status.OK)
    return {(row.candidate, None): scorer.own_response(row) for row in sound}


def _measured(work: Work) -> Iterator[Measurement]:
    """A scorer's measurements with an NLL: from its parts, the shared one included, and from each slice of a race."""
    for store in work.stores():
        parts = store.read()
        for row in (*parts.get(SHARED, []), *in_order(parts)):
            if row.status == Status.OK and (row.nll is not None or row.nll_alone is not None):
                yield row


def _joined(first: Measurement, second: Measurement) -> Measurement:
    """The union of two measurements: NLL(y given x) may come from one scorer, and NLL(y) from another."""
    given = second if first.nll is None else first
    alone = second if first.nll_alone is None else first
    return replace(
        first,
        nll=given.nll,
        first=given.first,
        second=given.second,
        n_tokens=second.n_tokens if first.n_tokens is None else first.n_tokens,
        nll_alone=alone.nll_alone,
        first_random=alone.first_random,
        second_random=alone.second_random,
        reason=first.reason or second.reason,
    )


def refuse_others(
    plan: Plan, samples: Sequence[Sample], finished: Mapping[str, Sequence[Measurement]], store: PartStore
) -> None:
    """Refuse finished parts whose pairs are not those of the plan.

    Raises:
        RunError: A part has other pairs: another machine or another version of a library made another plan.
    """
    for label, candidates in _labelled(plan):
        if label in finished and not _fits(finished[label], candidates, samples):
            raise RunError(
                f"{store.folder}: part {label} has other pairs than this run asks for now: it was measured "
                "on a machine whose results differ, or the pool was read differently. Start a new run with another "
                "--out, or move the folder away"
            )


def fits(plan: Plan, samples: Sequence[Sample], finished: Mapping[str, Sequence[Measurement]]) -> bool:
    """Whether all finished parts are parts of this plan."""
    parts = dict(_labelled(plan))
    return all(
        label in parts and _fits(rows, parts[label], samples) for label, rows in finished.items() if label != SHARED
    )


def reaches(samples: Sequence[Sample], finished: Mapping[str, Sequence[Measurement]]) -> bool:
    """Whether finished parts go to the last sample of a slice; where all have failed, they may be of any."""
    rows = (row for label, rows in finished.items() if label != SHARED for row in rows)
    reached = {row.assessment for row in rows if row.assessment is not None}
    return not reached or reached == {sample.id for sample in samples}


def _labelled(plan: Plan) -> Iterator[tuple[str, Sequence[Sample]]]:
    """The parts of a plan with their labels."""
    return ((label_of(number), candidates) for number, candidates in enumerate(plan.parts))


def _fits(rows: Sequence[Measurement], candidates: Sequence[Sample], samples: Sequence[Sample]) -> bool:
    """Whether a part's rows are of these candidates on these samples; a failed candidate may have a single row."""
    if isinstance(rows, PartRows):
        measured, reached = rows.names("candidate"), rows.names("assessment")
    else:
        measured = {row.candidate for row in rows}
        reached = {row.assessment for row in rows if row.assessment is not None}
    return measured == {*texts_of(ids_of(candidates))} and reached <= {sample.id for sample in samples}
