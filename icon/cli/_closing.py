"""The closing summary on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon.cli._console import give_or_take, one_line, out, safe
from icon.cli.plan import print_json
from icon.results import wording
from icon.results.advice import Advice, advice
from icon.results.audit import WANTED, lessons
from icon.results.records import stage_of, summary_of
from icon.results.validated import validated
from icon.visible import visible_line

if TYPE_CHECKING:
    from rich.table import Table

    from icon.runs.audited import Audit
    from icon.runs.manifest import Manifest
    from icon.runs.outcome import ShownSample


MOST_NOTES = 6
"""Notes that the summary shows; all of them are on the page and in run.json."""


def show(manifest: Manifest, path: Path, *, as_json: bool, more: Mapping[str, Any] | None = None) -> None:
    """Print the summary of a finished run, or all of it as JSON, with `more` that a command adds."""
    if as_json:
        print_json({**summary_of(manifest, path).model_dump(mode="json"), **(more or {})})
        return
    from rich.text import Text

    results, found = manifest.results, validated(path, manifest)
    assert results is not None
    console = out()
    show_advice(advice(manifest, found, path))
    console.print(_facts(wording.figures(manifest, found)))
    for title, samples in (("best", results.best), ("worst", results.worst)):
        if samples and wording.is_order_known(results):
            console.print(_samples(title, samples))
    if results.audit:
        console.print(_audit(results.audit))
        for sentence in lessons(results.audit):
            console.print(Text(safe(sentence)))
    _folded(wording.notes(manifest), path)
    _files(manifest, path)


def show_advice(found: Advice) -> None:
    """Print what to do, why, and the next commands."""
    from rich.text import Text

    console = out()
    console.print()
    console.print(Text(safe(found.sentence), style="bold green" if found.kind == "use" else "bold yellow"))
    console.print(Text(safe(found.why)))
    for i, command in enumerate(found.commands):
        console.print(Text.assemble(("next: " if i == 0 else "or:   ", "dim"), safe(command)), soft_wrap=True)
    console.print()


def _files(manifest: Manifest, path: Path) -> None:
    """Print where the files are."""
    console, folder = out(), visible_line(str(path))
    others = "scores.parquet, assessment.jsonl, run.json"
    console.print()
    if manifest.has_selection:
        console.print(f"{folder}/selected.jsonl", style="bold", soft_wrap=True)
        chosen = manifest.stages.select
        others = others if chosen is not None and chosen.keeps == "none" else f"dropped.jsonl, {others}"
    console.print(f"{folder}/{others}", style="dim", soft_wrap=True)
    if (path / "report.html").exists():
        console.print(f"{folder}/report.html: open it in a browser", style="dim", soft_wrap=True)


def show_stage(manifest: Manifest, path: Path, stage: str, following: str, *, as_json: bool) -> None:
    """Print what one stage did, and the command for the next."""
    plain = stage_of(manifest, path, stage).model_dump(mode="json")
    if as_json:
        print_json(plain)
        return
    counts = {key: len(value) if isinstance(value, list | dict) else value for key, value in plain[stage].items()}
    hidden = {"digest", "judge_digest"} | (set() if counts.get("judge_samples") else {"judge_samples"})
    text = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in counts.items() if key not in hidden)
    _notes(manifest)
    out().print(f"{stage}: {safe(text)}\nnext: {following} {visible_line(str(path))}", soft_wrap=True)


def _folded(notes: Sequence[str], path: Path) -> None:
    """Print the first sentence of each note, and where the rest is."""
    firsts = [wording.first_sentence(note) for note in notes[:MOST_NOTES]]
    for first in firsts:
        out().print("note: " + safe(first), markup=False, style="yellow", soft_wrap=True)
    if firsts != list(notes):
        page = "report.html" if (path / "report.html").exists() else "run.json"
        more = f"{len(notes) - len(firsts)} more and " if len(notes) > len(firsts) else ""
        out().print(f"{more}the notes in full: {visible_line(str(path / page))}", style="dim", soft_wrap=True)


def _notes(manifest: Manifest) -> None:
    """Print every note of the stages so far, in full."""
    for warning in manifest.warning_lines:
        out().print("note: " + safe(warning), markup=False, style="yellow", soft_wrap=True)


def _facts(sentences: Iterable[tuple[str, str]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, sentence in sentences:
        table.add_row(Text(safe(name)), Text(safe(sentence)))  # as text: nothing from data is taken for markup
    return table


def _samples(title: str, samples: Sequence[ShownSample]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title, "score", "prompt", "response", box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0)
    )
    for column in table.columns:
        column.no_wrap = True
    width = min(44, max(12, (out().width - 30) // 2))
    for sample in samples:
        score = f"{sample.score or 0.0:+.3f}{give_or_take(sample.standard_error)}"
        texts = [Text(one_line(text, width)) for text in (sample.prompt, sample.response)]
        table.add_row(f"row {sample.row}", score, *texts)
    return table


def _audit(found: Audit) -> Table:
    from rich.table import Table
    from rich.text import Text

    scorers = list(next(iter(found.kinds.values())).auc)
    table = Table("", "n", *scorers, box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for kind, facts in found.kinds.items():
        if kind.startswith(WANTED) and facts.among_best:
            counts = [str(facts.among_best[name]) for name in scorers]
            table.add_row(Text(safe(f"{kind}: of the best {found.best}")), str(facts.n), *counts)
    title = "planted weakness" if found.field == "planted" else str(found.field)
    table.add_row(Text(f"{safe(title)}: AUC against {found.unmarked} sound", style="bold"))
    for kind, facts in found.kinds.items():
        if not kind.startswith(WANTED):
            values = ["-" if (value := facts.auc[name]) is None else f"{value:.2f}" for name in scorers]
            table.add_row(Text(safe(kind)), str(facts.n), *values)
    return table
