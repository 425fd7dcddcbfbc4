"""The report of a run: with its pool, or from the run's own files where the pool is gone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from icon.errors import UserError
from icon.reporting.write import write_report
from icon.runs.directory import RunDirectory
from icon.runs.pool import PoolReader, readers_of
from icon.runs.run import Run
from icon.samples.load import load_samples
from icon.types import Sample


def report(run: Run, pool: PoolReader, out: Path | None = None, notes: list[str] | None = None) -> Path:
    """Write the report of a run that has selected; gives its path. No model is loaded.

    The pool is read only where it is not read yet. Where it is gone, or is not what it was, the texts
    are taken from selected.jsonl and dropped.jsonl, and the page says so.

    Args:
        run: The run.
        pool: Its pool.
        out: The file to write; None for report.html in the run directory.
        notes: What a reader should know of how the page was made is added to it; the page tells it, too.

    Raises:
        RunError: Nothing is selected yet, a file of the run is damaged, or the page cannot be written.
    """
    manifest = run.manifest  # as it is now: what reading the pool takes is no cost of the run
    notes = [] if notes is None else notes
    samples = _samples(run, pool, notes)
    return write_report(run.directory, manifest, samples, plugins=run.plugins, notes=notes, out=out)


def _samples(run: Run, pool: PoolReader, notes: list[str]) -> dict[str, Sample]:
    if run.manifest.stages.select is None:
        return {}
    try:
        return {each.id: each for each in pool.samples.samples}
    except UserError as error:
        told = str(error).partition("\n")[0].rstrip(":")
        outputs = "texts are from selected.jsonl and dropped.jsonl"
        notes.append(f"the pool cannot be read as the run read it ({told}): {outputs}")
        return samples_from_outputs(run.directory, _reading(run), notes)


def _reading(run: Run) -> dict[str, Any]:
    """How the run read its pool, as `load_samples` takes it."""
    config, pool = run.config, run.manifest.inputs.pool
    columns = dict(config.columns) or None
    return {
        "format": "auto" if columns or pool is None else pool.format,
        "readers": readers_of(run),
        "columns": columns,
        "group_field": config.group_field,
        "every_turn": config.turns == "every",
        "on_bad_row": "skip",
    }


def samples_from_outputs(directory: RunDirectory, reading: Mapping[str, Any], notes: list[str]) -> dict[str, Sample]:
    """Samples by id from the records that a run wrote; a file that cannot be read is a note."""
    found: dict[str, Sample] = {}
    for path in (directory.selected, directory.dropped):
        if not path.exists() or path.stat().st_size == 0:
            continue
        try:
            loaded = load_samples(str(path), **reading)
        except UserError as error:
            notes.append(f"{path.name}: no texts: {str(error).partition(chr(10))[0]}")
            continue
        found |= {each.id: each for each in loaded.samples}
    return found
