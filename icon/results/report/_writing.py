"""The report of a run: its files read, and the page written beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from icon.errors import ConfigError, RunError, UserError, WrongRunError
from icon.plugins import RunView, Section
from icon.plugins.manager import Plugins
from icon.results.compared import TEXTS, Compared, compared_bytes, compared_of
from icon.results.report._comparing import compare, draws, is_compared
from icon.results.report._document import kept_of, render
from icon.results.report._measured import measured_near_the_cut
from icon.results.report._pool_texts import texts_of
from icon.results.report._threshold import PageInput, ranking
from icon.results.validated import validated
from icon.runs.checksums import Covered
from icon.runs.directory import RunDirectory
from icon.runs.files import TokenDetail, assessment_of, details_of_run
from icon.runs.ledger import readable
from icon.runs.manifest import Manifest
from icon.runs.pool import PoolReader, readers_of, reading_of
from icon.runs.records import plain
from icon.runs.run import Run
from icon.runs.scores import scores_of
from icon.runs.unfinished import not_done
from icon.runs.writing import refuse_place, write_bytes
from icon.samples.load import load_samples
from icon.samples.shareable import shareable
from icon.types import Sample, ScoreRow

BEGINNING = b"<!doctype html>"
"""The first characters of a page."""


def _page(
    run: Run, manifest: Manifest, samples: Mapping[str, Sample], notes: list[str]
) -> tuple[bytes, Compared | None]:
    """Draw the page of a run that has selected.

    Args:
        run: The run.
        manifest: What run.json says, or will say.
        samples: The pool's samples by id; rows without one are shown without texts.
        notes: What a reader should know of how the page was made; what is found on the way is added to it.

    Returns:
        The page, and the texts compared where that is to be kept: it was done anew.

    Raises:
        RunError: Nothing is selected yet, or a file of the run is damaged.
    """
    directory = run.directory
    if manifest.stages.select is None or manifest.results is None:
        raise WrongRunError(not_done(directory.path, manifest))
    rows = scores_of(directory, manifest)
    sections = _sections(directory, manifest, rows, run.plugins, notes)
    page = PageInput(
        path=str(directory.path),
        manifest=manifest,
        rows=rows,
        samples=samples,
        assessment=_assessment(directory, manifest, notes),
        details=_details(directory, manifest, notes),
        validated=validated(directory.path, manifest),
        sections=sections,
        notes=notes,
    )
    measured = measured_near_the_cut(run, page.scored, kept_of(page, ranking(page.rows)), notes)
    compared, is_new = _compared(directory, page)
    drawn = render(replace(page, measured=measured, compared=compared)).encode("utf-8", "replace")
    return drawn, compared if is_new else None


def _compared(directory: RunDirectory, page: PageInput) -> tuple[Compared | None, bool]:
    """The candidates' texts compared, and whether that was done anew, since the run has not kept it."""
    drawn, kept = draws(page), compared_of(directory, page.manifest)
    if kept is not None and is_compared(kept, drawn, page.seed):
        return kept, False
    return compare(page, drawn), True


def _publish(run: Run, page: bytes, compared: Compared | None) -> None:
    """Write report.html in the run directory, if the run still has the selection that the page shows.

    Args:
        run: The run.
        page: The page.
        compared: The texts as they were compared for it, to be kept; None where they are kept.

    Raises:
        RunError: Another command has selected meanwhile, another process writes to the run, or the page cannot be
            written.
    """
    drawn = run.manifest.files.get("scores.parquet")

    def unless_selected_anew(manifest: Manifest) -> bytes:
        if manifest.files.get("scores.parquet") != drawn:
            raise RunError(
                f"{run.path}: another command selected anew while the page was drawn; to draw it of this selection: "
                f"icon report {run.path}"
            )
        return page

    if compared is not None and (kept := compared_bytes(compared)) is not None:
        run.publish(TEXTS, lambda _: kept)
    run.publish("report.html", unless_selected_anew)


def _refuse_other_file(path: Path) -> None:
    """Refuse to write over anything but a page: not over another file, and not over a folder, a pipe or a device."""
    refuse_place(path.parent, str(path))
    if not path.exists():
        return
    if not path.is_file():
        raise ConfigError(f"{path}: is a {'folder' if path.is_dir() else 'pipe or device'}; valid: a file as --out")
    try:
        with path.open("rb") as file:
            found = file.read(len(BEGINNING))
    except OSError as error:
        raise ConfigError(f"{path}: exists and cannot be read ({error.strerror}); valid: another --out") from None
    if found and found.lower() != BEGINNING:
        raise ConfigError(f"{path}: exists and is no page of a report; valid: another --out")


def _details(directory: RunDirectory, manifest: Manifest, notes: list[str]) -> list[TokenDetail]:
    """The token details; a file that cannot be read is noted and left out."""
    try:
        return details_of_run(directory, manifest)
    except RunError as error:
        notes.append(f"tokens are not shown: {error}")
        return []


def _assessment(directory: RunDirectory, manifest: Manifest, notes: list[str]) -> list[Sample]:
    """The assessment set, for the tasks of token details; a changed one is noted and left out."""
    try:
        return assessment_of(directory, manifest)
    except RunError as error:
        notes.append(f"the assessment set is not shown: {error}")
        return []


def _sections(
    directory: RunDirectory, manifest: Manifest, rows: Sequence[ScoreRow], plugins: Plugins, notes: list[str]
) -> list[Section]:
    """Sections of plugins; a plugin that fails is a note."""
    settings = shareable(manifest.config.model_dump(mode="json"))
    view = RunView(directory.path, settings, dict(plain(manifest.results)), rows)
    found, faults = plugins.report_sections(view)
    notes += faults
    return found


def report(run: Run, pool: PoolReader, out: Path | None = None, notes: list[str] | None = None) -> Path:
    """Write the report of a run that has selected; gives its path. No model is loaded.

    The pool is read only where it is not read yet. Where it is gone, or is not what it was, the texts
    are taken from selected.jsonl and dropped.jsonl, and the page says so.

    Args:
        run: The run.
        pool: Its pool.
        out: The file to write; None for report.html in the run directory.
        notes: What a reader should know of how the page was made is added to it; the page shows it, too.

    Raises:
        RunError: Nothing is selected yet, a file of the run is damaged, another process writes to the run, or the page
            cannot be written.
        ConfigError: There is a file in the place that is no such page.
    """
    path = out or run.directory.report
    _refuse_other_file(path)
    manifest = run.manifest  # as it is now: what reading the pool takes is no cost of the run
    notes = [] if notes is None else notes
    samples = _samples(run, manifest, pool, notes)
    page, compared = _page(run, manifest, samples, notes)
    if path.resolve() == run.directory.report.resolve():
        _publish(run, page, compared)
    else:
        write_bytes(path, page)
    return path


def _samples(run: Run, manifest: Manifest, pool: PoolReader, notes: list[str]) -> Mapping[str, Sample]:
    if manifest.stages.select is None:
        return {}
    try:
        return texts_of(pool.samples.samples)
    except UserError as error:
        reason = str(error).partition("\n")[0].rstrip(":")
        outputs = "texts are from selected.jsonl and dropped.jsonl"
        notes.append(f"the pool cannot be read as the run read it ({reason}): {outputs}")
        return samples_from_outputs(run.directory, manifest, _reading(run), notes)


def _reading(run: Run) -> dict[str, Any]:
    """Arguments of `load_samples` with which the run read its pool."""
    config, pool = run.config, run.manifest.inputs.pool
    columns = config.columns
    return {
        **reading_of(config, pool),
        "format": "auto" if columns or pool is None else pool.format,
        "readers": readers_of(run),
        "on_bad_row": "skip",
        "source_field": None,
    }


def samples_from_outputs(
    directory: RunDirectory, manifest: Manifest, reading: Mapping[str, Any], notes: list[str]
) -> dict[str, Sample]:
    """Samples by id from the records that a run wrote; a file that cannot be read is a note."""
    found: dict[str, Sample] = {}
    outputs: list[Covered] = ["selected.jsonl", "dropped.jsonl"]
    if manifest.stages.select is not None and (kept := manifest.stages.select.keeps) != "full":
        outputs.remove("dropped.jsonl")
        notes.append(f"dropped rows have no texts: the run keeps no such record (dropped {kept})")
    for name in outputs:
        try:
            with readable(directory, manifest, name) as path:
                if path.stat().st_size:
                    found |= {sample.id: sample for sample in load_samples(str(path), **reading).samples}
        except FileNotFoundError:  # of an older version, whose run.json does not name it
            continue
        except (UserError, RunError) as error:
            notes.append(f"{name}: no texts: {str(error).partition(chr(10))[0]}")
    return found
