"""`csv`: every candidate of the pool with its score and the decision on it, safe for a spreadsheet."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from icon.results.export._job import Format, Job
from icon.results.export._staging import placed
from icon.types import Sample
from icon.visible import visible

if TYPE_CHECKING:
    from icon.types import ScoreRow

SHORT = 200
"""Characters of a text that are shown, unless whole texts are asked for."""

COLUMNS = (
    *("id", "row", "turn", "status", "score", "standard_error", "low", "high", "rank", "selected"),
    *("decision", "reason"),
)

STARTS = frozenset("=+-@\N{MINUS SIGN}")

BREAKS = frozenset("\t\r\n")

_PASSED_OVER = frozenset("\"'`\N{ACUTE ACCENT}\N{DOUBLE LOW-9 QUOTATION MARK}\N{SINGLE LOW-9 QUOTATION MARK}")

_QUOTES_AND_INVISIBLE = ("Cc", "Cf", "Zs", "Zl", "Zp", "Pi", "Pf")


def write(job: Job) -> int:
    """One line a candidate; duplicates, held-out and bad rows have theirs, too.

    Text cells are visible and guarded against being run as formulas; numbers stay numbers, negative ones as well.
    """
    from icon.runs.scores import as_table  # it loads numpy

    path = job.file(f"{job.name}-decisions.csv")
    baselines = as_table(job.source.rows).names_in("baselines")
    if job.which != "selected" and (kept := job.source.chosen.keeps) != "full":
        job.notes.append(f"prompt and response of dropped rows are empty: the run keeps none of them (dropped {kept})")
    count = 0
    with placed(path, force=job.force) as file:
        text = TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        lines = csv.writer(text)
        lines.writerow([*COLUMNS, *(_cell(f"baseline {name}") for name in baselines), "prompt", "response"])
        for row, sample in _candidates(job):
            cells = [getattr(row, name) for name in COLUMNS] + [row.baselines.get(name) for name in baselines]
            texts = (sample.prompt_text, sample.response) if sample else ("", "")
            lines.writerow([_cell(value) for value in (*cells, *(_shown(text, job.full) for text in texts))])
            count += 1
        text.detach()
    job.files.append(str(path))
    return count


def _candidates(job: Job) -> Iterator[tuple[ScoreRow, Sample | None]]:
    for item in job.source.items(job.which):
        samples = {sample.turn: sample for sample in item.samples}
        for row in sorted(item.scores, key=lambda score: score.turn):
            yield row, samples.get(row.turn)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return guarded(visible(value)) if isinstance(value, str) else value


def _shown(text: str, full: bool) -> str:
    if full:
        return text
    flat = " ".join(visible(text[: 4 * SHORT]).split())
    return flat if len(flat) <= SHORT and len(text) <= 4 * SHORT else flat[:SHORT] + "…"


CSV = Format(
    "csv", "every candidate with score, rank and decision, for a spreadsheet", write, "all", ("out", "full"), True
)


def guarded(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet could take it for a formula.

    That is where it begins with a tab or a line break, or where its first sign after spaces, quotes and invisible
    signs is = + - @ or the same in another width.
    """
    if text[:1] in BREAKS and text:
        return "'" + text
    for sign in text:
        if sign in _PASSED_OVER or unicodedata.category(sign) in _QUOTES_AND_INVISIBLE:
            continue
        return "'" + text if unicodedata.normalize("NFKC", sign)[:1] in STARTS else text
    return text
