"""The Python interface, results: what can be asked of a finished run, and what can be written of it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon import network, trust
from icon.api._result import RunResult, result_of
from icon.pipeline.builtin import default_plugins
from icon.plugins import Backend
from icon.results.loaded import finished
from icon.runs.ledger import opened as look_at
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.run import Run

if TYPE_CHECKING:
    from datasets import Dataset

AnyRun = str | Path | RunResult
"""A run directory, or the result of a run."""


def load_run(path: str | Path) -> RunResult:
    """Load a finished run directory.

    Raises:
        icon.RunError: It is not a run directory, or the run is not finished.
    """
    _, manifest = finished(Path(path))
    return result_of(Path(path), manifest)


def load_validation(run: AnyRun) -> dict[str, Any]:
    """Load what `icon validate` found of a run's selection.

    Args:
        run: A run directory, or a result.

    Returns:
        The content of validation/verdict.json as plain data, with `facts`, the sentences that say it in words, and
        `is_current`: whether it is of the present selection, and not of one before `icon select` chose anew.

    Raises:
        icon.WrongRunError: It is not a run directory, or the run was not validated.
        icon.RunError: The verdict cannot be read.
    """
    from icon.results.loaded import validation_of

    return validation_of(_path(run))


def compare(*runs: AnyRun) -> dict[str, Any]:
    """Compare finished runs with one another, or the scorers of one run, over the candidates that all of them scored.

    Args:
        *runs: Run directories, or results. Of a single one the scorers are compared; of two, scores, selections and
            settings; of more, the scores of every two.

    Returns:
        For two runs rank correlations, overlaps of the tops and selections, captured gain, task groups, and what
        differs in the settings; otherwise `names`, and for every two of them rank correlation and overlap of the top;
        of several runs `warnings`, too, where they are not of one pool or assessment set.
        Plain data: what `icon compare --json` prints.

    Raises:
        icon.ConfigError: No run is given, or of more than two one is given twice.
        icon.RunError: One is not a run directory, or the run is not finished.
        icon.InputError: No candidate is scored by all, or a single run has one scorer only.
    """
    from icon.results.compare import compare_runs

    return compare_runs([_path(run) for run in runs]).model_dump(mode="json")


def verify(run: AnyRun, *, pairs: int = 50, seed: int = 0, backend: Backend | None = None) -> dict[str, Any]:
    """Measure a random sample of a run's finished pairs again, one at a time, with the backend's most exact options.

    Args:
        run: A run directory, or a result; nothing in it is changed.
        pairs: How many pairs to draw; all of them where there are fewer.
        seed: Seed of the draw.
        backend: An open backend, which stays open; None to open the one of the run.

    Returns:
        Largest and mean errors with their pairs, rank correlations, and the pairs that could not be measured
        again, as plain data: what `icon verify --json` prints. `sentence` sums it up.

    Raises:
        icon.ConfigError: The scorer uses no model, or the model or the pool has changed since the run.
        icon.RunError: It is not a run directory, or nothing is scored yet.
    """
    from icon.results import verify as verification

    with _of_folder():
        opened, model = _existing(run)
        found = verification.verify(opened, model, pairs=pairs, seed=seed, backend=backend)
    return found.model_dump(mode="json")


def explain(
    run: AnyRun, id: str | int, *, tokens: bool = True, top: int = 3, backend: Backend | None = None
) -> dict[str, Any]:
    """Explain one sample of a run: its score and rank, what it helped and hurt, and the kept samples most like it.

    Args:
        run: A run directory, or a result; nothing in it is changed but explained.jsonl, which keeps the token details.
        id: Id of a sample, a unique prefix of it, or the number of its row (17, or "row:17").
        tokens: Whether to measure what each response token gained from the sample, where that is not known yet.
        top: Number of helped and of hurt assessment samples, and of neighbours.
        backend: An open backend, which stays open; None to open the one of the run where it is needed.

    Returns:
        What `icon explain --json` prints, as plain data. `helped` and `hurt` are pairs with their `tokens` (pieces, and
        log-probabilities `given` and `control`); a sample that is no candidate has its reason and no numbers.

    Raises:
        icon.ConfigError: The model or the pool has changed since the run.
        icon.InputError: The id matches no sample, or several.
        icon.RunError: It is not a run directory, nothing is selected yet, or a file of it is damaged.
    """
    from icon.results import explain as explanation

    name = f"row:{id}" if isinstance(id, int) else id
    with _of_folder():
        opened, model = _existing(run)
        found = explanation.explain(opened, model, name, tokens=tokens, top=top, backend=backend)
    return found.model_dump(mode="json")


def export(
    run: AnyRun, to: str, out: str | Path | None = None, *, which: str | None = None, **options: Any
) -> dict[str, Any]:
    """Write a finished run in a format that trainers read, as `icon export` does.

    Args:
        run: A run directory, or a result.
        to: Name of the format, such as "own", "llamafactory" or "trl"; `icon export --list` names them.
        out: File or folder to write; None for one in the run directory.
        which: "selected", "dropped" or "all"; None for the default of the format: "all" for `csv`, else "selected".
        **options: `force`, and options of single formats: `full` (csv), `repo` and `private` (hub).

    Returns:
        `records`, `files`, `left_out` (rows that the format cannot express, with the reason), `notes` and `next`, as
        plain data: what `icon export --json` prints.

    Raises:
        icon.ConfigError: The format is unknown, an option has no meaning for it, or the target exists.
        icon.InputError: None of the records can be written in this format.
        icon.RunError: The run is not finished, its files were changed, or the hub cannot be reached.
    """
    from icon.results.export import RunSource
    from icon.results.export import export as write

    with _of_folder(hub=to == "hub"):
        source = RunSource.of(_path(run), default_plugins)
        done = write(source, to, out=Path(out) if out is not None else None, which=which, **options)
    return done.model_dump(mode="json")


def as_dataset(run: AnyRun, to: str = "trl", *, which: str = "selected") -> Dataset:
    """The selected records as a `datasets.Dataset`: `train_dataset=icon.as_dataset("runs/mine")`.

    Args:
        run: A run directory, or a result.
        to: "trl" for conversations (`messages`), "trl-prompt-completion" for prompt and completion, of which trainers
            learn the response alone, "trl-text" for the texts that were scored, or "own" for the records with their
            own columns and types.
        which: "selected", "dropped" or "all".

    Returns:
        One row per record; of "trl-prompt-completion" and "trl-text" one per selected turn. Records that the format
        cannot express are left out, which a warning says, with the reason of the first.

    Raises:
        icon.ConfigError: The format is unknown.
        icon.InputError: None of the records can be given in this format.
        icon.RunError: The run is not finished, nothing is selected, or its files were changed.
    """
    from icon.results.export import RunSource, in_memory

    with _of_folder():
        found, job = in_memory(RunSource.of(_path(run), default_plugins), to, which)
    for row, reason in list(job.left_out.items())[:1]:
        n = len(job.left_out)
        warnings.warn(f"{n:,} record{'s' if n != 1 else ''} left out, as of row {row}: {reason}", stacklevel=2)
    for note in job.notes:
        warnings.warn(note, stacklevel=2)
    return found


def write_report(run: AnyRun, out: str | Path | None = None) -> Path:
    """Write the report of a run, as `icon report` does; no model is needed.

    Args:
        run: A run directory, or a result; nothing in it is changed but report.html, and texts.parquet where it has
            none that fits.
        out: The file to write; None for report.html in the run directory.

    Returns:
        The page's path.

    Raises:
        icon.RunError: It is not a run directory, nothing is selected yet, or a file of it is damaged.
    """
    from icon.results import report

    with _of_folder():
        opened, _ = _existing(run)
        return report.report(opened, PoolReader(opened), Path(out) if out is not None else None)


@contextmanager
def _of_folder(*, hub: bool = False) -> Iterator[None]:
    """Context in which the settings of a run folder are data: no code of theirs runs that this user did not allow.

    Args:
        hub: Whether the caller names a hub, which is reached then.
    """
    with trust.calling() as caller, network.limited(network.reason(received=not hub)):
        yield
    for fault in caller.faults:
        warnings.warn(fault, stacklevel=4)


def _existing(run: AnyRun) -> tuple[Run, Model]:
    """Open an existing run, whose run.json is not written; returns it and its model."""
    directory, manifest = look_at(_path(run))
    plugins = default_plugins(received=manifest.config.plugins)
    for sentence in plugins.refused:
        warnings.warn(sentence, stacklevel=3)
    opened = Run(directory, manifest, plugins, recording=False)
    return opened, Model(opened)


def _path(run: AnyRun) -> Path:
    return run.path if isinstance(run, RunResult) else Path(run)
