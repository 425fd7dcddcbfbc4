"""Finished runs compared with one another, or the scorers of one run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from icon.errors import ConfigError
from icon.report.comparison import Side, compare
from icon.report.scorers import scores_of_run, scores_of_runs, tabulate
from icon.report.settings_apart import inputs_apart
from icon.results.loaded import finished
from icon.runs.directory import RunDirectory
from icon.runs.scores import read_scores


def compare_runs(paths: Sequence[Path]) -> dict[str, Any]:
    """Compare finished runs, or the scorers of one run, over the candidates that all of them scored; plain data.

    Raises:
        ConfigError: No run is given, or of more than two one is given twice.
        RunError: One is no run directory, or the run is not finished.
        InputError: No candidate is scored by all, or a single run has one scorer only.
    """
    names = [str(path) for path in paths]
    if not paths or (len(paths) > 2 and len(set(names)) < len(names)):
        raise ConfigError(f"compare: found {', '.join(names) or 'no run'}; valid: one run, or several different ones")
    sides = [
        Side(str(path), rows=read_scores(RunDirectory(path).scores), manifest=manifest)
        for path, manifest in [(path, finished(path)) for path in paths]
    ]
    if len(sides) == 2:
        return compare(*sides)
    first = sides[0].manifest.config
    if len(sides) == 1:
        scores = scores_of_run(sides[0].rows, first.scorer)
        return {"run": names[0], **tabulate(scores, first.keep_amount)}
    warnings = [
        f"{side.name} against {sides[0].name}: {difference}"
        for side in sides[1:]
        for difference in inputs_apart(sides[0].manifest, side.manifest)
    ]
    scores = scores_of_runs({side.name: side.rows for side in sides})
    return {**tabulate(scores, first.keep_amount), "warnings": warnings}
