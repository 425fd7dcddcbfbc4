"""The outcome of a validation on the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon.cli import duration, out, safe, warn
from icon.errors import RunError
from icon.results import wording
from icon.results.validated import validated
from icon.runs.sealed import read_sealed
from icon.runs.validation import ValidationStore

if TYPE_CHECKING:
    from icon.runs.run import Run
    from icon.runs.validation import Validation
    from icon.validation.records import Comparison
    from icon_validate.records import DryRun


def outcome_of(run: Run, validation: Validation) -> dict[str, Any]:
    """The outcome as plain data: the stored verdict, its facts in words, and the winning scores."""
    facts = dict(_facts(run, validation))
    return {
        "run": str(run.path),
        "facts": facts,
        **validation.model_dump(mode="json"),
        "pairwise": _pairwise(run, validation),
    }


def show(run: Run, validation: Validation, drawn: bool) -> None:
    """Print the verdict, the arms, and where they are kept."""
    console = out()
    console.print()
    for name, sentence in _facts(run, validation):
        style = "bold" if name == "validated" else None
        console.print(f"{name}: {safe(sentence)}", markup=False, soft_wrap=True, style=style)
    for table, found in validation.tables.items():
        title = f"arms at equal {table}, by the tokens behind the second"
        _print_comparisons(title, {"selection": found.positions["rest"], **found.arms})
    for title, several in _further(validation):
        _print_comparisons(title, several)
    if (scores := _pairwise(run, validation)) and scores.get("arms"):
        _print_winning(scores)
    for note in validation.notes:
        console.print("note: " + safe(note), markup=False, style="yellow", soft_wrap=True)
    console.print(f"\n{run.path}/validation/verdict.json", markup=False, style="bold", soft_wrap=True)
    if drawn:
        console.print(f"{run.path}/report.html has it, too", markup=False, style="dim", soft_wrap=True)


def show_dry_run(planned: DryRun, path: Path) -> None:
    """Print the arms and what they take."""
    from rich.table import Table
    from rich.text import Text

    table = Table("equal", "arm", "records", "steps", "tokens", "", box=None, header_style="bold", padding=(0, 2, 0, 0))
    for arm in planned.arms:
        numbers = (f"{arm.records:,}", f"{arm.steps:,}", f"{arm.tokens:,}")
        table.add_row(arm.table, Text(safe(arm.name)), *numbers, "done" if arm.done else "")
    console = out()
    console.print(table)
    left = sum(not arm.done for arm in planned.arms)
    lines = [
        f"judge: {planned.judge} samples, {planned.judge_tokens:,} tokens per arm",
        f"to train: {left} arms, {planned.tokens:,} tokens",
        f"time here: about {duration(planned.seconds)} ({planned.tokens_per_second:,.0f} tokens/s trained; "
        f"{planned.seconds_to_open:.0f} s of it to open the model)",
    ]
    if planned.budget_seconds is not None and planned.seconds > planned.budget_seconds:
        lines.append(f"budget: {duration(planned.budget_seconds)}, so the last of these arms are left out")
    for line in (*lines, *(f"note: {safe(note)}" for note in planned.notes), f"run directory: {path}"):
        console.print(line, markup=False, soft_wrap=True)


def _facts(run: Run, validation: Validation) -> Iterator[tuple[str, str]]:
    yield from wording.validation(validated(run.path, run.manifest))
    yield "all tokens", _in_words(validation.verdict.positions["all"])
    yield "power", wording.power(validation.verdict)


def _in_words(found: Comparison) -> str:
    size = wording.interval(found.difference, found.low, found.high)
    return f"{found.outcome}, {size} nats per token, better than {found.beaten} of {found.n_draws} draws"


def _further(validation: Validation) -> Iterator[tuple[str, Mapping[str, Comparison]]]:
    yield "positions of the response tokens", {str(name): one for name, one in validation.verdict.positions.items()}
    for title, several in (
        ("task groups of the judge samples", validation.verdict.groups),
        ("benchmark tasks", validation.tasks),
        ("pairwise answers", validation.answers),
    ):
        if several:
            yield title, several


def _print_comparisons(title: str, found: Mapping[str, Comparison]) -> None:
    from rich.table import Table
    from rich.text import Text

    names = ("", "better than random by", "draws beaten", "p (Holm)", "")
    table = Table(*names, box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for name, one in found.items():
        p = one.p if one.p_holm is None else one.p_holm
        size = wording.interval(one.difference, one.low, one.high)
        table.add_row(Text(safe(name)), size, f"{one.beaten} of {one.n_draws}", f"{p:.3f}", one.outcome)
    console = out()
    console.print()
    console.print(title, markup=False, style="bold", soft_wrap=True)
    console.print(table)


def _print_winning(scores: Mapping[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    names = ("", "winning score", "win", "tie", "lose", "unjudged")
    table = Table(*names, box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for arm in scores["arms"]:
        value = arm["reason"] if arm["winning_score"] is None else f"{arm['winning_score']:.2f}"
        counts = (str(arm[name]) for name in ("win", "tie", "lose", "unjudged"))
        table.add_row(Text(safe(arm["arm"])), value, *counts)
    title = f"answers beside the bare model's, judged by {scores['judge']}: 1 + (win - lose) / n"
    console = out()
    console.print()
    console.print(safe(title), markup=False, style="bold", soft_wrap=True)
    console.print(table)


def _pairwise(run: Run, validation: Validation) -> dict[str, Any] | None:
    """The winning scores, where answers of this selection's arms were judged."""
    path = ValidationStore(run.path).folder / "pairwise.json"
    if not path.exists():
        return None
    try:
        found = read_sealed(path, f"icon validate {run.path} with --pairwise writes it again")
    except RunError as error:
        warn(str(error))
        return None
    return found if found.get("selection") == validation.selection else None
