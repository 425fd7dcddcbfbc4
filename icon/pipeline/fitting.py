"""Whether stored parts are those of the plan at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from icon.contribution.measure import label_of
from icon.contribution.plan import Plan
from icon.errors import RunError
from icon.runs.parts import PartStore
from icon.types import Measurement, Sample


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
