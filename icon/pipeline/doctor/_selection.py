"""The selection of a run made again as it was, by a selector that needs no model."""

from __future__ import annotations

from collections.abc import Sequence

from icon.errors import ConfigError, WrongRunError
from icon.pipeline._narrowing import narrowed
from icon.pipeline.mending import KEPT, set_aside
from icon.pipeline.planned import Choice, planned
from icon.pipeline.select import select_planned
from icon.runs.checksums import Covered
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.records import SelectStage
from icon.runs.run import Run
from icon.runs.standing import NOTHING
from icon.runs.unfinished import not_done

TABLE: Covered = "scores.parquet"
REPORT: Covered = "report.html"


def select_again(run: Run, model: Model, pool: PoolReader, damaged: Sequence[Covered]) -> str:
    """Make the selection of a run again with the settings that it was made with; gives what was done, in words.

    Where the table comes out byte for byte the same, the page stays.

    Args:
        run: A run that has selected.
        model: Its model, which is not opened.
        pool: Its pool.
        damaged: Files to set aside first.

    Raises:
        WrongRunError: Nothing is scored yet.
        ConfigError: The selector needs a model.
        IconError: Parts are missing, or the pool is not the one that was read.
    """
    before, stages = run.manifest, run.manifest.stages
    if stages.score is None or stages.select is None:
        raise WrongRunError(not_done(run.path, before))
    choice = _choice(run, stages.select)
    chosen = choice.selector(run.plugins, stages.score.candidates, stages.score.candidates).selector
    if chosen.needs_backend:
        raise ConfigError(f"the selector {stages.select.selector} needs a model, and no model is loaded here")
    run.stage = "select"
    run.forget_warnings()
    select_planned(run, narrowed(planned(run, model, pool.samples), choice.config), stages.score, choice)
    run.note(times=before.times, status="interrupted" if before.was_stopped else "done")
    if REPORT in before.files:
        run.note(files={**run.manifest.files, REPORT: before.files[REPORT]})
    for name in damaged:
        set_aside(run.directory.path / name)
    kept = KEPT if damaged else ""
    run.save()
    if run.manifest.files[TABLE] == before.files.get(TABLE):
        return f"made again from the parts, byte for byte as before{kept}"
    run.drop(REPORT)
    return f"made again from the parts; scores.parquet has other bytes than before, so the page is drawn anew{kept}"


def _choice(run: Run, made: SelectStage) -> Choice:
    """The settings of the present selection: the run's own where these made it, which named the selector auto."""
    config = run.config
    changes = {
        "selector": "auto" if made.selector == NOTHING else made.selector,
        "selector_options": dict(made.selector_options),
        "keep": made.keep,
        "equal_length": made.equal_length or config.equal_length,
        "dropped": config.dropped if made.selector == NOTHING else made.keeps,
    }
    if config.selector == "auto" and not made.selector_options:  # which may have fallen back to another one
        changes["selector"] = "auto"
    same = all(getattr(config, name) == value for name, value in changes.items())
    return Choice(config if same else config.model_copy(update=changes))
