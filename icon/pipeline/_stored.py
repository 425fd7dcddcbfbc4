"""Stored parts: whether they are those of the plan, and what other scorers of the run have measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from icon.errors import RunError
from icon.pipeline.measuring import Plan, label_of
from icon.runs.parts import SHARED, PartStore, in_order
from icon.runs.work import Work
from icon.types import Measurement, Sample, Status

Known = Mapping[tuple[str, str | None], Measurement]


def known_to(work: Work, works: Iterable[Work]) -> Known:
    """NLLs by (candidate, assessment sample) as `protocols.ScoringTask.known` says.

    They come from the finished parts of every other scorer of the run; model, template and limits are the same, or the
    parts would be refused. Damaged ones are passed over: the scorer whose they are measures them again.

    Args:
        work: The scorer that is to be measured.
        works: Every scorer of the run.
    """
    found: dict[tuple[str, str | None], Measurement] = {}
    for other in works:
        if other.name == work.name or not getattr(other.scorer, "shares_passes", False):
            continue
        for row in _measured(other):
            key = row.candidate, row.assessment
            found[key] = _joined(found[key], row) if key in found else row
    return found


def _measured(work: Work) -> Iterator[Measurement]:
    """Rows with an NLL, shared ones included, from a scorer's folder and from each slice of a race."""
    for store in work.stores():
        parts = store.read()
        for row in (*parts.get(SHARED, []), *in_order(parts)):
            if row.status == Status.OK and (row.nll is not None or row.nll_alone is not None):
                yield row


def _joined(first: Measurement, second: Measurement) -> Measurement:
    """One row with what either has: NLL(y given x) may come from one scorer, and NLL(y) from another."""
    return replace(
        first,
        nll=second.nll if first.nll is None else first.nll,
        n_tokens=second.n_tokens if first.n_tokens is None else first.n_tokens,
        nll_alone=second.nll_alone if first.nll_alone is None else first.nll_alone,
        reason=first.reason or second.reason,
    )


def refuse_others(
    plan: Plan, samples: Sequence[Sample], finished: Mapping[str, Sequence[Measurement]], store: PartStore
) -> None:
    """Refuse parts of other pairs than are asked for now: the plan did not come the same way here.

    Raises:
        RunError: A part holds other pairs; it was measured by another version of a library, or changed since.
    """
    for number, candidates in enumerate(plan.parts):
        rows = finished.get(label_of(number))
        if rows is not None and not _fits(rows, candidates, samples):
            raise RunError(
                f"{store.folder}: part {label_of(number)} holds other pairs than are asked for here: it was measured "
                "on a machine that computes otherwise, or the pool was read otherwise. Start anew with another --out, "
                "or move the folder away"
            )


def _fits(rows: Sequence[Measurement], candidates: Sequence[Sample], samples: Sequence[Sample]) -> bool:
    """Whether a part's rows are those of these candidates on these samples; a failed candidate may have one row."""
    found = {each.candidate for each in rows}, {each.assessment for each in rows if each.assessment is not None}
    return found[0] == {each.id for each in candidates} and found[1] <= {each.id for each in samples}
