"""Lists of the best, the worst and the unusual candidates, and the decisions on all rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import ge, gt, le, lt

import numpy as np
from numpy.typing import NDArray

from icon.results.report._pool_texts import answers_of
from icon.runs.row_view import FloatArray, RowView
from icon.runs.score_table import STATUSES
from icon.runs.scores import as_table
from icon.types import RowStatus, Sample, ScoreRow

LENGTH = 10
"""Rows per list."""

EXTREME = 0.1
"""The lowest or highest share that counts as odd."""

TIED = 2
"""How many times that share the values at its edge may make."""

Test = Callable[[FloatArray, float], NDArray[np.bool_]]

MOST_KINDS = 15

EXAMPLES = 3

LONGEST = 120
"""Characters of a reason."""

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class ShortList:
    """A list.

    Attributes:
        title: Its heading.
        how: Who is on it, in words.
        rows: The candidates.
    """

    title: str
    how: str
    rows: list[ScoreRow]


def short_lists(rows: Sequence[ScoreRow], samples: Mapping[str, Sample], kept: int) -> list[ShortList]:
    """All lists over the scored rows; an empty one is kept, so that its absence raises no question.

    Args:
        rows: The scored rows.
        samples: Samples by id.
        kept: How many of the rows the share to keep makes.
    """
    ranked = RowView.of(rows).best_first()
    if not len(ranked):
        return []
    top, bottom = ranked[:kept], ranked[max(kept, len(ranked) - kept) :]
    answers = answers_of(samples, ranked).astype(np.float64)
    length = np.where(answers < 0, np.nan, answers)
    consistency, error = ranked.numbers("consistency"), ranked.numbers("standard_error")
    least = np.argsort(-error, kind="stable")[: min(LENGTH, int((~np.isnan(error)).sum()))]
    n = f"{EXTREME:.0%}"
    of_few = [] if np.array_equal(consistency, ranked.numbers("score"), equal_nan=True) else _lowest(top, consistency)
    return [
        ShortList("Best", f"The {LENGTH} highest scores.", ranked[:LENGTH].records()),
        ShortList("Worst", f"The {LENGTH} lowest scores, the lowest first.", ranked[::-1][:LENGTH].records()),
        ShortList(
            "High score, short response",
            f"Among the best {len(top):,} by score, and among the shortest {n} of the responses (by characters).",
            _lowest(top, length),
        ),
        ShortList(
            "Low score, long response",
            f"Among the worst {len(bottom):,} by score, and among the longest {n} of the responses (by characters).",
            _highest(bottom[::-1], length[::-1]),
        ),
        ShortList(
            "High score, low consistency",
            f"Among the best {len(top):,} by score, and among the lowest {n} in consistency, the share of tasks that a "
            "candidate helps at all: its score comes from few tasks.",
            of_few,
        ),
        ShortList(
            "Least certain",
            f"The {LENGTH} largest standard errors: these scores may be off the furthest.",
            RowView(ranked.table, ranked.places[least]).records(),
        ),
    ]


def _lowest(rows: RowView, values: FloatArray) -> list[ScoreRow]:
    return _beyond(rows, values, EXTREME, le, lt)


def _highest(rows: RowView, values: FloatArray) -> list[ScoreRow]:
    return _beyond(rows, values, 1 - EXTREME, ge, gt)


def _beyond(rows: RowView, values: FloatArray, quantile: float, at_or_beyond: Test, beyond: Test) -> list[ScoreRow]:
    """The first of the rows whose value is at or beyond that quantile of all values.

    Where many values tie at it, as with short answers, that would be no small share: then only what is beyond.

    Args:
        rows: The first of the candidates.
        values: Of all candidates, those of the rows first; NaN for none.
        quantile: Which quantile.
        at_or_beyond: Whether values are at it or beyond.
        beyond: Whether they are beyond.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return []
    edge = float(np.quantile(known, quantile))
    n_beyond = int(at_or_beyond(known, edge).sum())
    is_beyond = at_or_beyond if n_beyond <= max(1, TIED * EXTREME * len(known)) else beyond
    found = np.flatnonzero(is_beyond(values[: len(rows)], edge))[:LENGTH]
    return RowView(rows.table, rows.places[found]).records()


@dataclass(slots=True)
class Kind:
    """Rows of one status with one kind of reason, numbers in it left out.

    Attributes:
        status: In words.
        reason: The decision, with an ellipsis for every number.
        n: How many rows.
        rows: Numbers of the first of them.
    """

    status: str
    reason: str
    n: int = 0
    rows: list[int] = field(default_factory=list)


def kinds(rows: Sequence[ScoreRow]) -> list[Kind]:
    """The kinds of decisions, the largest first; beyond `MOST_KINDS` those of one status are counted together."""
    found: dict[tuple[str, str], Kind] = {}
    for number, given, decision in as_table(rows).values(("row", "status", "decision")):
        status, reason = RowStatus(given).words, _NUMBER.sub("…", decision)
        reason = reason if len(reason) <= LONGEST else reason[: LONGEST - 1] + "…"
        _count(found.setdefault((status, reason), Kind(status, reason)), 1, [number])
    ordered = sorted(found.values(), key=lambda kind: -kind.n)
    others: dict[str, Kind] = {}
    for kind in ordered[MOST_KINDS:]:
        _count(others.setdefault(kind.status, Kind(kind.status, "other reasons")), kind.n, kind.rows)
    return [*ordered[:MOST_KINDS], *others.values()]


def by_status(rows: Sequence[ScoreRow]) -> str:
    """How many rows have each status, in a sentence, the largest number first."""
    table = as_table(rows)
    codes = np.where(table.selected, len(STATUSES), table.statuses)
    known, first, counts = np.unique(codes, return_index=True, return_counts=True)
    words = [*(status.words for status in STATUSES), "selected"]
    found = Counter({words[known[at]]: int(counts[at]) for at in np.argsort(first).tolist()})
    return f"{', '.join(f'{n:,} {words}' for words, n in found.most_common())}."


def _count(kind: Kind, n: int, rows: Sequence[int]) -> None:
    kind.n += n
    kind.rows += rows[: EXAMPLES - len(kind.rows)] if len(kind.rows) < EXAMPLES else []
