"""Opens a run for a command, shows its progress, and closes the model."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from icon.cli._console import err, warn
from icon.cli._settings import load_plugins
from icon.config import RunConfig
from icon.errors import InterruptedRun
from icon.plugins.single_file import absolute

if TYPE_CHECKING:
    from icon.runs.directory import RunDirectory
    from icon.runs.manifest import Manifest
    from icon.runs.model import Model
    from icon.runs.pool import PoolReader
    from icon.runs.run import Run

VIEW = "icon-cli-progress"


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
    devices: tuple[str, ...] = (),
    *,
    recording: bool = True,
    files: Sequence[str] = (),
) -> Iterator[Opened]:
    """A run directory opened, with progress on the terminal.

    Args:
        config: Settings to start or resume with; None for those of the existing run.
        path: The run directory; None for the one that these settings name.
        devices: Devices to score on, one process per device.
        recording: Whether run.json is to be written; not where this process measures a share beside others.
        files: Plugin files beside those of the settings; they are added to those of an existing run.

    Raises:
        ConfigError: A plugin file cannot be used, or has changed.
        InterruptedRun: Stopped by the user; the message gives the command to resume.
    """
    from icon.cli._progress import ProgressView
    from icon.runs.model import Model
    from icon.runs.pool import PoolReader
    from icon.runs.run import Run

    directory, manifest = _open(config, path, files)
    plugins = load_plugins(manifest.config.plugins)
    known = set(plugins.warnings)
    run = Run(directory, manifest, plugins, recording=recording)
    model = Model(run, devices=devices)
    view = ProgressView(err())
    plugins.register(view, VIEW)
    try:
        with view:
            yield Opened(run, model, PoolReader(run))
    except InterruptedRun as error:
        raise InterruptedRun(f"{error}. To go on: {again()}") from None
    finally:
        plugins.unregister(VIEW)
        model.close()
        for fault in plugins.warnings:
            if fault not in known:  # a plugin that broke on the way
                warn(fault)


def _open(config: RunConfig | None, path: Path | None, files: Sequence[str]) -> tuple[RunDirectory, Manifest]:
    """The run directory and its manifest: begun or resumed with these settings, or an existing run with further files.

    Raises:
        UserError: There is no run at the path, or one with other settings.
    """
    from icon.runs.directory import RunDirectory, default_path
    from icon.runs.manifest import load_manifest

    if config is not None:
        directory = RunDirectory(path or default_path(config))
        return directory, directory.open(config)
    assert path is not None
    directory = RunDirectory(path)
    manifest = load_manifest(directory.manifest_path)
    every = tuple(dict.fromkeys((*manifest.config.plugins, *map(absolute, files))))
    return directory, manifest.updated(config=manifest.config.model_copy(update={"plugins": every}))


def again() -> str:
    """The command line of this process, quoted for a shell."""
    return shlex.join(["icon", *sys.argv[1:]])
