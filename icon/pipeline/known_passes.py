"""What other scorers of a run have measured, so that no pass is made twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from icon.runs.parts import SHARED, in_order
from icon.runs.work import Work
from icon.types import Measurement, Status

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
