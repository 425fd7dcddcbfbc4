"""What commands that work on a run have in common: open it, show progress, close the model."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from icon.cli.console import err, warn
from icon.cli.loading import load_plugins
from icon.config import RunConfig, validate
from icon.errors import InterruptedRun
from icon.hooks.single_file import absolute

if TYPE_CHECKING:
    from icon.session import Session

VIEW = "icon-cli-progress"


@contextmanager
def working(
    config: RunConfig | None,
    path: Path | None,
    devices: tuple[str, ...] = (),
    *,
    recording: bool = True,
    files: Sequence[str] = (),
) -> Iterator[Session]:
    """A session on a run directory, with progress on the terminal.

    Args:
        config: Settings to start or go on with; None to take those of the run that lies there.
        path: The run directory; None for the one that these settings name.
        devices: Devices to score on, a process each.
        recording: Whether run.json is to be written; not where this process measures a share beside others.
        files: Plugin files beside those of the settings; a run that lies there has them among its own from now on.

    Raises:
        ConfigError: A plugin file cannot be used, or is not what it was.
        InterruptedRun: Stopped by the user; the message gives the command to go on.
    """
    from icon.cli.progress import ProgressView
    from icon.runs.directory import RunDirectory, default_path
    from icon.runs.manifest import load_manifest
    from icon.session import Session

    if config is None:
        assert path is not None
        directory = RunDirectory(path)
        manifest = load_manifest(directory.manifest_path)
        config = validate(manifest.config)
        if files:
            manifest.config["plugins"] = list(dict.fromkeys((*config.plugins, *map(absolute, files))))
            config = validate(manifest.config)
    else:
        settings = config.model_dump(mode="json")
        directory = RunDirectory(path or default_path(settings))
        manifest = directory.open(settings)
    plugins = load_plugins(config.plugins)
    known = set(plugins.warnings)
    session = Session(config, plugins, directory, manifest, devices=devices, recording=recording)
    view = ProgressView(err())
    plugins.register(view, VIEW)
    try:
        with view:
            yield session
    except InterruptedRun as error:
        raise InterruptedRun(f"{error}. To go on: {again()}") from None
    finally:
        plugins.unregister(VIEW)
        session.close()
        for fault in plugins.warnings:
            if fault not in known:  # a plugin that broke on the way
                warn(fault)


def again() -> str:
    """The command that was given, as it can be given again."""
    return shlex.join(["icon", *sys.argv[1:]])
