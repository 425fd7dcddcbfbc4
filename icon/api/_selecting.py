"""The Python interface: select, stage 3 alone."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from icon.api._beginning import named
from icon.api._result import RunResult, result_of
from icon.config import merge, validate
from icon.pipeline.builtin import default_plugins
from icon.plugins import Backend
from icon.plugins.single_file import absolute
from icon.runs.entering import reopen
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.run import Run

if TYPE_CHECKING:
    from icon.pipeline.progress import Progress


def select(
    run: str | Path | RunResult,
    *,
    keep: str | int | float | None = None,
    selector: str | None = None,
    selector_options: Mapping[str, Any] | None = None,
    equal_length: Literal["auto", "regress", "strata", "none"] | None = None,
    dropped: Literal["full", "ids", "none"] | None = None,
    plugins: Sequence[str | Path] = (),
    backend: Backend | None = None,
    progress: Progress = "auto",
) -> RunResult:
    """Select anew from the scores of a run, as `icon select` does: seconds, since nothing is scored again.

    Args:
        run: A run directory that is scored, or a result; its selection, report and summary are replaced.
        keep: How much to select: a share ("15%", 0.15) or a count (500); None for what the run says, as below.
        selector: Name of the selector.
        selector_options: Options of the selector.
        equal_length: How candidates are compared at equal response length; see `icon.RunConfig`.
        dropped: What dropped.jsonl has of a record; see `icon.RunConfig`.
        plugins: Python files with a selector of your own.
        backend: An open backend, for a selector that needs the model; None to open the one of the run where it does.
        progress: As for `icon.run`.

    Raises:
        icon.ConfigError: A setting is wrong, or the pool or the model has changed since the run.
        icon.RunError: It is not a run directory, or nothing is scored yet.
    """
    from icon.pipeline import stages
    from icon.pipeline.progress import showing

    path = run.path if isinstance(run, RunResult) else Path(run)
    asked = {
        "keep": keep,
        "selector": selector,
        "selector_options": selector_options,
        "equal_length": equal_length,
        "dropped": dropped,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    files = [absolute(str(file)) for file in plugins]
    with named(given):
        opened = _opened(path, files)
        model = Model(opened, backend)
        pool = PoolReader(opened)
        try:
            choice = stages.Choice(validate(merge(opened.config.model_dump(mode="json"), given)))
            with showing(opened, progress):
                stages.perform(opened, "select", lambda: stages.select(opened, model, pool, choice))
                stages.perform(opened, "report", lambda: stages.report(opened, model, pool))
        finally:
            model.close()
            opened.release()
    return result_of(opened.path, opened.manifest)


def _opened(path: Path, files: Sequence[str]) -> Run:
    """The run, locked, with its plugin files and these; a file of the run that was never allowed is a warning."""
    entered = reopen(path, writing=True)
    try:
        own = entered.manifest.config.plugins
        every = tuple(dict.fromkeys((*own, *files)))
        loaded = default_plugins(files, received=[file for file in own if file not in files])
        for sentence in (*loaded.refused, *entered.warnings):
            warnings.warn(sentence, stacklevel=4)
        config = entered.manifest.config.model_copy(update={"plugins": every})
        return Run(entered.directory, entered.manifest.updated(config=config), loaded, release=entered.close)
    except BaseException:
        entered.close()
        raise
