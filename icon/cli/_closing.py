"""The closing summary on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon.cli._console import one_line, out, safe
from icon.cli.plan import print_json
from icon.results import wording
from icon.results.records import stage_of, summary_of
from icon.results.validated import validated
from icon.visible import visible_line

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from icon.runs.manifest import Manifest
    from icon.runs.outcome import Audit, ShownSample


def show(manifest: Manifest, path: Path, *, as_json: bool, more: Mapping[str, Any] | None = None) -> None:
    """Print the summary of a finished run, or all of it as JSON, with `more` that a command adds."""
    if as_json:
        print_json({**summary_of(manifest, path).model_dump(mode="json"), **(more or {})})
        return
    results = manifest.results
    assert results is not None
    console = out()
    console.print()
    console.print(_headline(manifest))
    console.print(_facts(manifest, path))
    for title, samples in (("best", results.best), ("worst", results.worst)):
        console.print(_samples(title, samples))
    if results.audit:
        console.print(_audit(results.audit))
    _notes(manifest)
    folder = visible_line(str(path))
    console.print(f"\n{folder}/selected.jsonl", style="bold", soft_wrap=True)
    console.print(f"{folder}/dropped.jsonl, scores.parquet, assessment.jsonl, run.json", style="dim", soft_wrap=True)
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


def _notes(manifest: Manifest) -> None:
    for warning in manifest.warning_lines:
        out().print("note: " + safe(warning), markup=False, style="yellow", soft_wrap=True)


def _headline(manifest: Manifest) -> Text:
    from rich.text import Text

    results, chosen = manifest.results, manifest.stages.select
    assert results is not None
    assert chosen is not None
    kept, records = results.selected, chosen.records_selected
    # with several turns of a record as candidates
    within = f", in {records:,} record{'s' if records != 1 else ''}" if records != kept else ""
    return Text.assemble(
        (f"kept {kept:,}", "bold green"),
        f" of {results.candidates:,} candidates ({safe(wording.kept(results))}){within}, ",
        f"dropped {chosen.records_dropped:,} records; selector {safe(chosen.selector)}",
    )


def _facts(manifest: Manifest, path: Path) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, sentence in wording.facts(manifest, validated(path, manifest)):
        shown = one_line(sentence, 100) if name == "failed" else safe(sentence)
        table.add_row(Text(safe(name)), Text(shown))  # as text: nothing from data is taken for markup
    return table


def _samples(title: str, samples: Sequence[ShownSample]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title, "score", "prompt", "response", box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0)
    )
    for sample in samples:
        error = f" ±{sample.standard_error:.3f}" if sample.standard_error is not None else ""
        score = f"{sample.score or 0.0:+.3f}{error}"
        texts = [Text(one_line(text, 44)) for text in (sample.prompt, sample.response)]
        table.add_row(f"row {sample.row}", score, *texts)
    return table


def _audit(audit: Audit) -> Table:
    from rich.table import Table
    from rich.text import Text

    scorers = list(next(iter(audit.kinds.values())).auc)
    title = "planted weakness" if audit.field == "planted" else str(audit.field)
    table = Table(
        f"{safe(title)} (AUC against {audit.unmarked} sound)",
        "n",
        *scorers,
        box=None,
        header_style="bold",
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for kind, found in audit.kinds.items():
        values = ["-" if (value := found.auc[name]) is None else f"{value:.2f}" for name in scorers]
        table.add_row(Text(safe(kind)), str(found.n), *values)
    return table
