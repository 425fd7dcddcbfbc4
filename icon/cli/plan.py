"""`icon plan`: what a run would do and take; the same as `icon run --dry-run`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from icon.cli._console import out, safe, warn
from icon.cli._options import settings_command
from icon.cli._working import working
from icon.config import RunConfig
from icon.plugins.plain_text import CONTROL

if TYPE_CHECKING:
    from icon.pipeline.plan import RunPlan


def register(app: typer.Typer) -> None:
    """Add the command."""
    doc = "Say what a run on a POOL would do and take, from its own texts and ten seconds of measuring this machine."
    app.command("plan")(settings_command(_plan, doc))


def _plan(config: RunConfig, path: Path | None, devices: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    from icon.pipeline.plan import plan

    with working(config, path, devices) as opened:
        found = plan(opened.run, opened.model)
    show_plan(found, devices, as_json=as_json)


def show_plan(found: RunPlan, devices: Sequence[str] = (), *, as_json: bool) -> None:
    """Print what a run would do, and with several devices that its time is that of one."""
    if len(devices) > 1 and found.seconds is not None:
        warn(f"the time is that of one device, measured on {devices[0]}; {len(devices)} share the scoring")
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, told in _facts(found):
        table.add_row(name, Text(safe(told)))
    out().print(table)


def _facts(found: RunPlan) -> Iterator[tuple[str, str]]:
    yield "pool", f"{found.pool}: {found.rows:,} rows, {found.candidates:,} candidates"
    yield (
        "to score",
        f"{found.candidates_to_score:,} candidates on {found.assessment_samples:,} assessment samples",
    )
    share = found.pairs / max(1, found.pairs_exact)
    expected = "" if found.schedule == "exact" else f", about {found.pairs:,} expected ({share:.0%})"
    yield "schedule", f"{found.schedule}: {found.pairs_exact:,} pairs{expected}"
    if found.budget:
        yield "budget", found.budget
    yield "passes", f"{found.passes:,}"
    yield "tokens", f"{found.tokens:,}"
    if found.flops:
        yield "FLOPs", f"{found.flops:.2g}"
    if found.seconds is not None and found.tokens_per_second is not None:
        speed = f"{found.tokens_per_second:,.0f} tokens/s measured"
        opening = f"{found.seconds_to_open_the_model or 0:.0f} s of it to open the model"
        yield "time here", f"{duration(found.seconds)} ({speed}; {opening})"
    if found.memory_bytes:
        yield "memory", f"{size(found.memory_bytes)} so far, the model included"
    if found.disk_bytes:
        yield "disk", size(found.disk_bytes)
    if found.model:
        yield "model", found.model
    if found.note:
        yield "note", found.note
    yield "run directory", found.run_directory


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
    """Print JSON on standard output, unstyled and unwrapped; what would steer a terminal stands as an escape."""
    told = json.dumps(data, indent=2, ensure_ascii=False, default=str)
    out().file.write(CONTROL.sub(lambda each: f"\\u{ord(each[0]):04x}", told) + "\n")
