"""The Python side of the command line: the same things under the same names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from icon.builtin import default_plugins
from icon.config import assessment_setting, resolve
from icon.errors import InterruptedRun
from icon.hooks.single_file import absolute
from icon.protocols import Backend
from icon.results import RunResult
from icon.runs.directory import RunDirectory, default_path
from icon.session import Session


def run(
    pool: str | Path = "demo",
    *,
    out: str | Path | None = None,
    preset: str | None = None,
    assessment: str | Path | None = None,
    backend: str | Backend | None = None,
    **settings: Any,
) -> RunResult:
    """Select from a pool, as `icon run` does.

    Args:
        pool: File, folder or hub name; "demo" is the embedded pool.
        out: The run directory; by default one that depends on the settings.
        preset: Named settings, such as "paper".
        assessment: A file of target tasks, or the name of a builder.
        backend: Name of a backend, or one that is open already (it stays open).
        **settings: Any field of `icon.RunConfig`.

    Raises:
        icon.InterruptedRun: Stopped by Ctrl-C; the same call goes on. A race has written the choice of that moment.
        icon.IconError: Anything that the command line would end with, too.
    """
    from icon import pipeline

    session = _session(pool, out, preset, assessment, backend, settings)
    try:
        pipeline.run(session)
    finally:
        session.close()
    if session.manifest.status == "interrupted":
        raise InterruptedRun(
            f"{session.directory.path}: interrupted; the choice from what was measured is written there"
        )
    return RunResult(session.directory.path, session.config, session.manifest.results)


def plan(
    pool: str | Path = "demo",
    *,
    preset: str | None = None,
    assessment: str | Path | None = None,
    backend: str | Backend | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Say what such a run would do and take, as `icon plan` does; nothing is written.

    Args:
        pool: File, folder or hub name; "demo" is the embedded pool.
        preset: Named settings, such as "paper".
        assessment: A file of target tasks, or the name of a builder.
        backend: Name of a backend, or one that is open already (it stays open).
        **settings: Any field of `icon.RunConfig`.

    Returns:
        Pairs, passes, tokens, FLOPs, seconds, memory and disk in bytes; `seconds` is None where no speed could be
        measured, and `note` says why.

    Raises:
        icon.IconError: Anything that the command line would end with, too.
    """
    from icon import planning

    session = _session(pool, None, preset, assessment, backend, settings)
    try:
        return planning.plan(session)
    finally:
        session.close()


def _session(
    pool: str | Path,
    out: str | Path | None,
    preset: str | None,
    assessment: str | Path | None,
    backend: str | Backend | None,
    settings: dict[str, Any],
) -> Session:
    """A session on the run that these arguments ask for."""
    files = settings.get("plugins", ())
    given: dict[str, Any] = {"pool": str(pool), **settings}
    given["plugins"] = tuple(absolute(str(each)) for each in ((files,) if isinstance(files, str | Path) else files))
    plugins = default_plugins(given["plugins"])
    if assessment is not None:
        given |= assessment_setting(str(assessment), plugins.strategies("assessment"))
    if isinstance(backend, str):
        given["backend"] = backend
    elif backend is not None:
        given["backend"] = backend.describe().backend
    config = resolve(given, preset=preset)
    dumped = config.model_dump(mode="json")
    directory = RunDirectory(Path(out) if out is not None else default_path(dumped))
    return Session(config, plugins, directory, directory.open(dumped), None if isinstance(backend, str) else backend)
