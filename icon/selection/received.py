"""What a selector returns, checked against its contract before it is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from icon.plugins import Selector
from icon.plugins.contract import broken, is_finite, is_list, shown
from icon.samples.ids import ids_of
from icon.selection.decided import Decided
from icon.types import Decision, Sample, Selection

VALID = "an icon.types.Selection with one Decision for each candidate"


def selection_of(selector: Selector, candidates: Sequence[Sample], selection: object) -> Selection:
    """The selection, with exactly one decision for each candidate.

    Raises:
        PluginError: A decision is missing, is there twice, is on something that is not a candidate, or has a field of
            the wrong type.
    """
    if not isinstance(selection, Selection):
        raise broken(selector, "selector", f"select gave {shown(selection)}", VALID)
    if not is_list(selection.decisions):
        raise broken(selector, "selector", f"select gave the decisions {shown(selection.decisions)}", VALID)
    if not (isinstance(selection.decisions, Decided) and np.array_equal(selection.decisions.ids, ids_of(candidates))):
        _refuse_wrong(selector, candidates, selection.decisions)
    if not isinstance(selection.quality, Mapping) or not is_list(selection.warnings):
        what = f"select gave the quality {shown(selection.quality)} and the warnings {shown(selection.warnings)}"
        raise broken(selector, "selector", what, "figures by name, and a list of sentences")
    return selection


def _refuse_wrong(selector: Selector, candidates: Sequence[Sample], decisions: Sequence[Decision]) -> None:
    """Refuse decisions that are not one for each candidate, or not such.

    Raises:
        PluginError: They are not.
    """
    for decision in decisions:
        if fault := _fault(decision):
            raise broken(selector, "selector", f"select gave {fault}", VALID)
    decided = Counter(decision.id for decision in decisions)
    expected = Counter(sample.id for sample in candidates)
    if odd := sorted((expected - decided) + (decided - expected)):
        what = f"found {decided[odd[0]]} decisions for candidate {odd[0]}, expected {expected[odd[0]]}"
        raise broken(selector, "selector", f"{what} ({len(odd):,} such ids)", "one decision for each candidate")


def _fault(decision: object) -> str:
    """What is wrong with the types of a decision; empty where nothing is."""
    if not isinstance(decision, Decision):
        return f"{shown(decision)} in place of a decision"
    rank, probability = decision.rank, decision.probability
    if not isinstance(decision.id, str):
        return f"a decision with the id {shown(decision.id)}"
    where = f"for candidate {decision.id}"
    if type(decision.selected).__name__ not in ("bool", "bool_"):
        return f"selected={shown(decision.selected)} {where}"
    if rank is not None and not (is_finite(rank) and int(rank) == rank and rank >= 1):
        return f"rank={shown(rank)} {where}"
    if probability is not None and not (is_finite(probability) and 0 <= probability <= 1):
        return f"probability={shown(probability)} {where}"
    if not isinstance(decision.decided_by, str):
        return f"decided_by={shown(decision.decided_by)} {where}"
    return "" if isinstance(decision.reason, str) else f"reason={shown(decision.reason)} {where}"
