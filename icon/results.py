"""What can be asked of a run that is there: its tables, comparisons, explanations, exports and its report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon.builtin import default_plugins
from icon.config import RunConfig, validate
from icon.errors import ConfigError, WrongRunError
from icon.protocols import Backend
from icon.report import comparison, scorers
from icon.report.settings_apart import inputs_apart
from icon.runs.directory import RunDirectory
from icon.runs.manifest import Manifest, load_manifest
from icon.runs.scores import ScoreRow, read_scores
from icon.session import Session

if TYPE_CHECKING:
    from datasets import Dataset
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class RunResult:
    """A finished run.

    Attributes:
        path: The run directory.
        config: The settings that replay it.
        summary: The closing summary as plain data.
    """

    path: Path
    config: RunConfig
    summary: dict[str, Any]

    @property
    def rows(self) -> list[ScoreRow]:
        """scores.parquet as records."""
        return read_scores(RunDirectory(self.path).scores)

    def scores(self) -> DataFrame:
        """scores.parquet as a pandas table."""
        import pandas

        return pandas.read_parquet(RunDirectory(self.path).scores)

    def selected(self) -> Dataset:
        """selected.jsonl as a `datasets` table."""
        return _dataset(RunDirectory(self.path).selected)

    def dropped(self) -> Dataset:
        """dropped.jsonl as a `datasets` table."""
        return _dataset(RunDirectory(self.path).dropped)


def load_run(path: str | Path) -> RunResult:
    """Open a run directory that is finished.

    Raises:
        icon.RunError: It is no run directory, or the run is not finished.
    """
    manifest = _finished(Path(path))
    return RunResult(Path(path), validate(manifest.config), manifest.results)


def compare(*runs: str | Path | RunResult) -> dict[str, Any]:
    """Hold finished runs against each other, or the scorers of one run, over the candidates that all of them scored.

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
        icon.RunError: One is no run directory, or the run is not finished.
        icon.InputError: No candidate is scored by all, or a single run has one scorer only.
    """
    paths = [str(_path(each)) for each in runs]
    if not runs or (len(runs) > 2 and len(set(paths)) < len(paths)):
        raise ConfigError(f"compare: found {', '.join(paths) or 'no run'}; valid: one run, or several different ones")
    sides = [_side(each) for each in runs]
    if len(sides) == 2:
        return comparison.compare(*sides)
    first = validate(sides[0].manifest.config)
    if len(sides) == 1:
        return {
            "run": paths[0],
            **scorers.tabulate(scorers.scores_of_run(sides[0].rows, first.scorer), first.keep_amount),
        }
    warnings = [
        f"{each.name} against {sides[0].name}: {told}"
        for each in sides[1:]
        for told in inputs_apart(sides[0].manifest, each.manifest)
    ]
    found = scorers.tabulate(scorers.scores_of_runs({each.name: each.rows for each in sides}), first.keep_amount)
    return {**found, "warnings": warnings}


def verify(
    run: str | Path | RunResult, *, pairs: int = 50, seed: int = 0, backend: Backend | None = None
) -> dict[str, Any]:
    """Measure a random sample of a run's finished pairs again, one at a time, in the backend's most exact form.

    Args:
        run: A run directory, or a result; nothing in it is changed.
        pairs: How many pairs to draw; all of them where there are fewer.
        seed: Seed of the draw.
        backend: A backend that is open already, and stays open; None to open the one of the run.

    Returns:
        Largest and mean errors with the pair they are of, rank correlations, and the pairs that could not be measured
        again, as plain data: what `icon verify --json` prints. `sentence` sums it up.

    Raises:
        icon.ConfigError: The scorer uses no model, or the model or the pool is not the run's any more.
        icon.RunError: It is no run directory, or nothing is scored yet.
    """
    from icon import verification

    return verification.verify(_session(run), pairs=pairs, seed=seed, backend=backend)


def explain(
    run: str | Path | RunResult, id: str, *, tokens: bool = True, top: int = 3, backend: Backend | None = None
) -> dict[str, Any]:
    """Explain one sample of a run: its score and place, what it helped and hurt, and the kept samples most like it.

    Args:
        run: A run directory, or a result; nothing in it is changed but explained.jsonl, which keeps the token details.
        id: The id of a sample, a unique beginning of one, or `row:` and the number of its row.
        tokens: Whether to measure what each response token gained behind the sample, where that is not known yet.
        top: How many assessment samples of either kind, and how many neighbours.
        backend: A backend that is open already, and stays open; None to open the one of the run where it is needed.

    Returns:
        What `icon explain --json` prints, as plain data. `helped` and `hurt` are pairs with their `tokens` (pieces, and
        log-probabilities `given` and `control`); a sample that is no candidate has its reason and no numbers.

    Raises:
        icon.ConfigError: The model or the pool is not the run's any more.
        icon.InputError: No sample is meant, or several.
        icon.RunError: It is no run directory, nothing is selected yet, or a file of it is damaged.
    """
    from icon import explanation

    return explanation.explain(_session(run), id, tokens=tokens, top=top, backend=backend)


def export(
    run: str | Path | RunResult, to: str, out: str | Path | None = None, *, which: str | None = None, **options: Any
) -> dict[str, Any]:
    """Write a finished run in a format that trainers read, as `icon export` does.

    Args:
        run: A run directory, or a result.
        to: Name of the format, such as "own", "llamafactory" or "trl"; `icon export --list` names them.
        out: File or folder to write; None for one in the run directory.
        which: "selected", "dropped" or "all"; None for what the format is for: "all" of `csv`, else "selected".
        **options: `force`, and what single formats take: `full` (csv), `repo` and `private` (hub).

    Returns:
        `records`, `files`, `left_out` (rows that the format cannot express, with the reason), `notes` and `next`, as
        plain data: what `icon export --json` prints.

    Raises:
        icon.ConfigError: The format is unknown, an option has no meaning for it, or something lies in the place.
        icon.InputError: None of the records can be written in this format.
        icon.RunError: The run is not finished, its files were changed, or the hub cannot be reached.
    """
    from icon.exporting import RunSource
    from icon.exporting import export as write

    directory = RunDirectory(_path(run))
    manifest = _finished(directory.path)
    config = validate(manifest.config)
    strategies = default_plugins(config.plugins).strategies("reader")
    readers = {name: strategy.make({}) for name, strategy in strategies.items()}
    source = RunSource(directory, manifest, config, read_scores(directory.scores), readers)
    return write(source, to, out=Path(out) if out is not None else None, which=which, **options)


def write_report(run: str | Path | RunResult, out: str | Path | None = None) -> Path:
    """Write the report of a run, as `icon report` does; no model is needed.

    Args:
        run: A run directory, or a result; nothing in it is changed but report.html.
        out: The file to write; None for report.html in the run directory.

    Returns:
        The page's path.

    Raises:
        icon.RunError: It is no run directory, nothing is selected yet, or a file of it is damaged.
    """
    from icon import reporting

    return reporting.report(_session(run), Path(out) if out is not None else None)


def _session(run: str | Path | RunResult) -> Session:
    """A session on a run that is there, which leaves its run.json as it is."""
    directory = RunDirectory(_path(run))
    manifest = load_manifest(directory.manifest_path)
    config = validate(manifest.config)
    return Session(config, default_plugins(config.plugins), directory, manifest, recording=False)


def _path(run: str | Path | RunResult) -> Path:
    return run.path if isinstance(run, RunResult) else Path(run)


def _side(run: str | Path | RunResult) -> comparison.Side:
    path = _path(run)
    manifest = _finished(path)
    return comparison.Side(str(path), read_scores(RunDirectory(path).scores), manifest)


def _finished(path: Path) -> Manifest:
    manifest = load_manifest(RunDirectory(path).manifest_path)
    if manifest.status != "done":
        scored = "score" in manifest.stages and manifest.status == "running"
        advice = f"icon select {path} finishes it" if scored else "the command that began it goes on with it"
        raise WrongRunError(f"{path}: the run is {manifest.status}, not done; {advice}")
    return manifest


def _dataset(path: Path) -> Dataset:
    from datasets import load_dataset

    return load_dataset("json", data_files=str(path), split="train")
