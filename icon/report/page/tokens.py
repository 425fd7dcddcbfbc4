"""Token by token, where a demonstration helped an answer and where it hurt it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from icon.report.page.blocks import short
from icon.report.page.columns import head
from icon.runs.explained import TokenDetail
from icon.types import Sample

MOST_TOKENS = 200_000
"""Tokens that the page carries, over all candidates that were explained."""


def token_details(details: Sequence[TokenDetail], assessment: Mapping[str, Sample]) -> dict[str, Any]:
    """The details by candidate.

    Args:
        details: As they were written, whole ones until `MOST_TOKENS` are reached.
        assessment: Assessment samples by id.

    Returns:
        by_candidate: for each id its tasks, each with task (the prompt's beginning), group, pieces, given and control
        (log-probabilities, nats); left_out: how many details do not fit.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    tokens = left_out = 0
    for each in details:
        tokens += len(each.pieces)
        if tokens > MOST_TOKENS:
            left_out += 1
            continue
        sample = assessment.get(each.assessment)
        found.setdefault(each.candidate, []).append(
            {
                "task": head(sample.prompt_text) if sample else each.assessment,
                "group": (sample.group if sample else None) or "",
                "pieces": list(each.pieces),
                "given": [short(value, 4) for value in each.given],
                "control": [short(value, 4) for value in each.control],
            }
        )
    return {"by_candidate": found, "left_out": left_out}
