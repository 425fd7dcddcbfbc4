"""The rows as columns: one array a field, which is small and quick to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from icon.report.page.blocks import short
from icon.report.page.certainty import centre, reach, unsure
from icon.report.page.ranking import value_of
from icon.runs.scores import ScoreRow
from icon.types import RowStatus, Sample

HEAD = 90
"""Characters of prompt and response that the table shows."""
SHORT_HEAD = 45
MANY = 10_000
"""Rows from which on it shows fewer: the beginnings are most of what a large page has to read before it can be used."""
NUMBERS = ("score", "standard_error", "low", "high", "log_gain", "consistency", "coverage", "probability")
STATUSES = tuple(RowStatus)


def columns(rows: Sequence[ScoreRow], samples: Mapping[str, Sample], by: str) -> dict[str, Any]:
    """Arrays of len(rows).

    Args:
        rows: What the page carries, in its order.
        samples: Samples by id.
        by: What the selection ranks by ("score" or "probability").

    Returns:
        row, turn, id, status (a place in `statuses`), selected (0 or 1), rank, assessed, value: what a threshold is
        held against, in full; reach: how far off a score may be; centre: where a race's margin lies, else the value,
        and unsure (0 or 1): in a race, without a margin, both None where no row is of that kind; length: characters of
        the response; the fields of `NUMBERS` where any row has one; baselines by name; prompt and response: their
        beginnings, on one line.
    """
    names = sorted({name for each in rows for name in each.baselines})
    texts = [samples.get(each.id) for each in rows]
    numbers = {name: [short(getattr(each, name), 5) for each in rows] for name in NUMBERS}
    length = HEAD if len(rows) <= MANY else SHORT_HEAD
    return {
        "statuses": STATUSES,
        "row": [each.row for each in rows],
        "turn": [each.turn for each in rows] if any(each.turn for each in rows) else None,
        "id": [each.id for each in rows],
        "status": [STATUSES.index(each.status) for each in rows],
        "selected": [int(each.selected) for each in rows],
        "rank": [each.rank for each in rows],
        "assessed": [each.n_assessed for each in rows],
        "value": [value_of(each, by) for each in rows],
        "reach": [short(reach(each), 4) for each in rows],
        "centre": _centres(rows, by),
        "unsure": [int(unsure(each)) for each in rows] if any(map(unsure, rows)) else None,
        "length": [None if text is None else len(text.response) for text in texts],
        **{name: values for name, values in numbers.items() if any(value is not None for value in values)},
        "baselines": {name: [short(each.baselines.get(name), 5) for each in rows] for name in names},
        "prompt": [head(text.prompt_text, length) if text else "" for text in texts],
        "response": [head(text.response, length) if text else "" for text in texts],
    }


def _centres(rows: Sequence[ScoreRow], by: str) -> list[float | None] | None:
    if all(each.margin is None for each in rows):
        return None
    return [value_of(each, by) if each.margin is None else centre(each) for each in rows]


def head(text: str, length: int = HEAD) -> str:
    """The beginning of a text, on one line."""
    flat = " ".join(text[: 4 * length].split())
    return flat if len(flat) <= length and len(text) <= 4 * length else flat[: length - 1] + "…"
