"""`icon plan`: what a run would do and how long it would take; the same as `icon run --dry-run`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from icon.cli._console import out, safe, warn
from icon.cli._options import settings_command
from icon.cli._places import Places
from icon.cli._working import working
from icon.config import RunConfig
from icon.visible import visible_json

if TYPE_CHECKING:
    from icon.pipeline.plan import RunPlan


def register(app: typer.Typer) -> None:
    """Add the command."""
    doc = "Print what a run on a POOL would do and take, from its own texts and ten seconds of measuring this machine."
    app.command("plan")(settings_command(_plan, doc))


def _plan(config: RunConfig, path: Path | None, places: Places, dry_run: bool, as_json: bool) -> None:
    from icon.pipeline.plan import plan

    with working(config, path, places, recording=False) as opened:
        run_plan = plan(opened.run, opened.model)
    show_plan(run_plan, places.devices, as_json=as_json)


def show_plan(run_plan: RunPlan, devices: Sequence[str] = (), *, as_json: bool) -> None:
    """Print what a run would do; with several devices, warn that its time is that of one."""
    if len(devices) > 1 and run_plan.seconds is not None:
        warn(f"the time is that of one device, measured on {devices[0]}; {len(devices)} share the scoring")
    if as_json:
        print_json(run_plan.model_dump(mode="json"))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in _facts(run_plan):
        table.add_row(name, Text(safe(text)))
    out().print(table)
    if run_plan.warning:
        warn(run_plan.warning)


def _facts(run_plan: RunPlan) -> Iterator[tuple[str, str]]:
    from icon.results.wording import by_position

    yield "pool", f"{run_plan.pool}: {run_plan.rows:,} rows, {run_plan.candidates:,} candidates"
    yield (
        "to score",
        f"{run_plan.candidates_to_score:,} candidates on {run_plan.assessment_samples:,} assessment samples",
    )
    share = run_plan.pairs / max(1, run_plan.pairs_exact)
    expected = "" if run_plan.schedule == "exact" else f", about {run_plan.pairs:,} expected ({share:.0%})"
    yield "schedule", f"{run_plan.schedule}: {run_plan.pairs_exact:,} pairs{expected}"
    if run_plan.budget:
        yield "budget", run_plan.budget
    yield "passes", f"{run_plan.passes:,}"
    yield "tokens", f"{run_plan.tokens:,}"
    if run_plan.flops:
        yield "FLOPs", f"{run_plan.flops:.2g}"
    if run_plan.seconds is not None and run_plan.tokens_per_second is not None:
        speed = f"{run_plan.tokens_per_second:,.0f} tokens/s measured"
        opening = f"{run_plan.seconds_to_open_the_model or 0:.0f} s of it to open the model"
        yield "time here", f"{duration(run_plan.seconds)} ({speed}; {opening})"
    if run_plan.memory_bytes:
        yield "memory", f"{size(run_plan.memory_bytes)} so far, the model included"
    if run_plan.disk_bytes:
        yield "disk", size(run_plan.disk_bytes)
    if run_plan.model:
        yield "model", run_plan.model
    if run_plan.note:
        yield "note", run_plan.note
    if run_plan.positions:
        yield "gain by position", f"{by_position(run_plan.positions)} (in {run_plan.positions.pairs} pairs)"
    yield "run directory", run_plan.run_directory


def duration(seconds: float) -> str:
    """Seconds in words: 48 s, 12 min, 3.5 h, 9 days."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:,.1f} h" if seconds < 72 * 3600 else f"{seconds / 86400:,.0f} days"


def size(n_bytes: float) -> str:
    """Bytes in words: 512 kB, 1.3 GB."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= scale:
            return f"{n_bytes / scale:,.1f} {unit}"
    return f"{n_bytes / 1e3:,.0f} kB"


def print_json(data: Any) -> None:
    """Print JSON on standard output, unstyled and unwrapped, with control characters as escapes.

    Where the stream's encoding lacks a character of it, all beyond ASCII are escapes, so that no text is changed.
    """
    stream = out().file
    text = json.dumps(data, indent=2, ensure_ascii=False, default=str)
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(data, indent=2, default=str)
    stream.write(visible_json(text) + "\n")
