"""Opens a run for a command, shows its progress, and closes the model."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from icon import cli
from icon.cli._console import err, warn
from icon.cli._door import shut
from icon.cli._places import Places
from icon.cli._run_plugins import plugins_of, refuse_changed, refused_named, with_named
from icon.cli._stdin import Start, piped
from icon.config import RunConfig
from icon.errors import InterruptedRun

if TYPE_CHECKING:
    from icon.runs.entering import Entered
    from icon.runs.model import Model
    from icon.runs.pool import PoolReader
    from icon.runs.run import Run


@dataclass(frozen=True, slots=True)
class Opened:
    """A run that a command works on, with its model and its pool, neither of which is opened yet."""

    run: Run
    model: Model
    pool: PoolReader


@contextmanager
def working(
    config: RunConfig | None,
    path: Path | None,
    places: Places = Places(),  # noqa: B008  it is frozen
    *,
    recording: bool = True,
    files: Sequence[str] = (),
    share: str | None = None,
) -> Iterator[Opened]:
    """A run directory opened, with progress on the terminal.

    Args:
        config: Settings to start or resume with; None for those of the existing run.
        path: The run directory; None for the one that these settings name.
        places: Where it is measured.
        recording: Whether run.json is to be written, for which the run is locked; not where it is only read, and not
            where this process measures a share beside others.
        files: Plugin files beside those of the settings; they are added to those of an existing run.
        share: Name of the share that this process measures beside others, such as "2-of-4".

    Raises:
        ConfigError: A plugin file cannot be used, or has changed.
        RunInUseError: Another process writes to the run.
        InterruptedRun: Stopped by the user; the message gives the command to resume.
    """
    from icon.pipeline.progress import showing
    from icon.runs.model import Model
    from icon.runs.pool import PoolReader
    from icon.runs.run import Run
    from icon.runs.workers import executor_of

    begun = None if config is None else plugins_of(config, files, begun=True)  # refused before anything is written
    with (
        piped(config) as start,
        closing(_enter(start, path, files, recording=recording, share=share)) as entered,
    ):
        plugins = begun or plugins_of(entered.manifest.config, files)
        if recording:
            refuse_changed(entered.directory.path, entered.manifest.inputs.plugins, plugins)
        known = set(plugins.warnings)
        run = Run(entered.directory, entered.manifest, plugins, recording=recording)
        run.watch.started = cli._began or run.watch.started
        model = Model(run, devices=places.devices, executor=executor_of(plugins, places.executor, places.options))
        for warning in entered.warnings:
            warn(warning)
        try:
            # a live display takes the places of both streams, and would take codes in texts for styles
            with showing(run, console=err(), started=shut), refused_named(plugins):
                yield Opened(run, model, PoolReader(run))
        except InterruptedRun as error:
            raise InterruptedRun(f"{error}. To go on: {again()}") from None
        finally:
            model.close()
            for fault in plugins.warnings:
                if fault not in known:  # a plugin that broke on the way
                    warn(fault)


def _enter(start: Start, path: Path | None, files: Sequence[str], *, recording: bool, share: str | None) -> Entered:
    """The run, locked if it is written: begun or resumed with these settings, or an existing one with further files.

    Raises:
        UserError: There is no run at the path, or one with other settings.
        RunInUseError: Another process writes to it.
    """
    from icon.pipeline.ending import PARENT
    from icon.runs.directory import default_path
    from icon.runs.entering import begin, reopen, reopen_share

    if start.config is not None:
        named = path or default_path(start.config, start.content)
        start.check(named)
        entered = begin(named, start.settings_for(named, recording=recording), writing=recording)
        if recording:
            start.keep(named)
        return entered
    assert path is not None
    if share is not None:
        parent = os.environ.get(PARENT, "")
        entered = reopen_share(path, share, int(parent) if parent.isdecimal() else None)
    else:
        entered = reopen(path, writing=recording)
    own = entered.manifest.config
    every = with_named(own.plugins, files)
    entered.manifest = entered.manifest.updated(config=own.model_copy(update={"plugins": every}))
    return entered


def again() -> str:
    """The command line of this process, quoted for a shell."""
    return shlex.join(["icon", *sys.argv[1:]])
