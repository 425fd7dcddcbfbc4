"""Opening the run of a call of the Python interface: its settings, its plugins, its folder, and its pool."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from icon import network, trust
from icon.api._given import Given, given
from icon.api._given_lines import named as typed
from icon.config import RunConfig, assessment_setting, resolve
from icon.errors import ConfigError, InputError, UserError
from icon.pipeline.builtin import default_plugins
from icon.plugins import Backend, Executor
from icon.plugins.manager import Plugins
from icon.plugins.single_file import absolute
from icon.runs.directory import default_path
from icon.runs.entering import begin
from icon.runs.given import given_path, write_given
from icon.runs.model import Model
from icon.runs.run import Run
from icon.runs.workers import LOCAL, executor_of

if TYPE_CHECKING:
    from icon.api._given import AnyPool

STAGES = ("assessment", "backend", "scorer", "selector")


@contextmanager
def named(settings: Mapping[str, object]) -> Iterator[None]:
    """Context of a call whose arguments name plugin files and options: what they name, the caller allows."""
    options = {f"{stage}.{name}" for stage in STAGES for name in _table(settings.get(f"{stage}_options"))}
    with trust.calling(options=options) as caller, network.as_named():
        yield
    for fault in caller.faults:
        warnings.warn(fault, stacklevel=4)


def begun(
    pool: AnyPool,
    out: str | Path | None,
    preset: str | None,
    assessment: str | Path | None,
    backend: str | Backend | None,
    settings: Mapping[str, object],
    *,
    below: dict[str, Any] | None = None,
    writing: bool = False,
    executor: str | Executor | None = None,
    executor_options: Mapping[str, Any] | None = None,
) -> tuple[Run, Model]:
    """Open or begin the run that these arguments describe; returns it and its model.

    Where anything is to be written, the run is locked until `Run.release`.

    Args:
        pool: As for `icon.run`; an object only where anything is to be written.
        out: The run directory.
        preset: Named settings.
        assessment: As for `icon.run`.
        backend: Likewise.
        settings: Fields of `RunConfig`.
        below: Defaults of the call, below the presets.
        writing: Whether anything is to be written.
        executor: Who measures, as for `icon.run`.
        executor_options: Likewise.
    """
    found = given(pool, str(settings.get("split", "train")))
    held = found if isinstance(found, Given) else None
    address = found.kind if isinstance(found, Given) else found
    plugins, config = _settings(address, preset, assessment, backend, settings, below)
    measuring = _executor(plugins, executor, executor_options or {}, backend)
    digest = held.digest() if held else ""  # a faulty object is refused before there is a folder
    place = Path(out) if out is not None else default_path(config, _content(held, digest) if held else "")
    entered = begin(place, config, writing=writing)
    try:
        if held is not None:
            _keep(entered.directory.path, held, digest)
        opened = Run(entered.directory, entered.manifest, plugins, release=entered.close)
        for warning in (*entered.warnings, *(held.notes if held else ())):
            warnings.warn(warning, stacklevel=4)
        return opened, Model(opened, None if isinstance(backend, str) else backend, executor=measuring)
    except BaseException:
        entered.close()
        raise


@contextmanager
def said_of_object(run: Run) -> Iterator[None]:
    """Let a fault of a pool that is an object name `pool`, and not its copy, which is deleted with a faulty run."""
    copy = given_path(run.path)
    try:
        yield
    except UserError as error:
        if copy is not None and not copy.exists():
            error.args = (str(error).replace(str(copy), "pool"), *error.args[1:])
        raise


@contextmanager
def addressed(pool: AnyPool, settings: Mapping[str, object]) -> Iterator[str | list[str]]:
    """A pool that has an address: an object is a file for as long as the context lasts."""
    held = given(pool, str(settings.get("split", "train")))
    if not isinstance(held, Given):
        yield held
        return
    with TemporaryDirectory(prefix="icon-pool-") as folder:
        yield str(write_given(Path(folder), held.ending, held.write))


def _settings(
    pool: str | list[str],
    preset: str | None,
    assessment: str | Path | None,
    backend: str | Backend | None,
    settings: Mapping[str, object],
    below: dict[str, Any] | None,
) -> tuple[Plugins, RunConfig]:
    """The plugins of a call, and its settings."""
    files: Any = settings.get("plugins", ())
    chosen: dict[str, Any] = {"pool": pool, **settings}
    chosen["plugins"] = tuple(absolute(str(file)) for file in ((files,) if isinstance(files, str | Path) else files))
    plugins = default_plugins(chosen["plugins"])
    trust.remember_plugins()
    if assessment is not None and not isinstance(assessment, str | Path):
        raise InputError(
            f"assessment: found {typed(assessment)}; valid: a file of target tasks, or the name of a builder. "
            "Records at hand: write them to a file first, as JSON Lines"
        )
    if assessment is not None:
        chosen |= assessment_setting(str(assessment), plugins.strategies("assessment"))
    if backend is not None:
        chosen["backend"] = backend if isinstance(backend, str) else backend.describe().backend
    return plugins, resolve(chosen, preset=preset, below=below)


def _executor(
    plugins: Plugins, given: str | Executor | None, options: Mapping[str, Any], backend: str | Backend | None
) -> Executor | None:
    """The executor of a call, not opened; None where this process measures by itself.

    Raises:
        UserError: There is none of that name, its options are invalid, or it does not fit the other arguments.
    """
    if not isinstance(given, str | Executor | None):
        raise ConfigError(
            f"executor: found {typed(given)}; valid: the name of an executor, or an icon.plugins.Executor"
        )
    if not isinstance(options, Mapping):
        raise ConfigError(f"executor_options: found {typed(options)}; valid: a dict of options and their values")
    if isinstance(given, Executor) and options:
        raise ConfigError("executor_options: the executor is an object that has its options; valid: one of the two")
    made = given if isinstance(given, Executor) else executor_of(plugins, LOCAL if given is None else given, options)
    if made is not None and backend is not None and not isinstance(backend, str):
        raise ConfigError(
            "executor and an open backend: its workers open the model themselves; valid: backend by name, such as "
            f"backend={backend.describe().backend!r}, and its options as backend_options"
        )
    return made


def _content(held: Given, digest: str) -> str:
    """Digest of the records: `digest`, that of the file, unless a library's version has a part in its bytes."""
    if held.ending == ".jsonl":
        return digest
    content = sha256()
    with TemporaryDirectory(prefix="icon-pool-") as folder, suppress(InputError):  # an empty table; the run refuses it
        for line in _lines(write_given(Path(folder), held.ending, held.write)):
            content.update(line + b"\n")
    return content.hexdigest()


def _lines(path: Path) -> Iterator[bytes]:
    """The records of a file, each as a line of JSON."""
    from icon.runs.writing import to_json
    from icon.samples.records import iter_records

    return (to_json(record.fields) for record in iter_records(str(path)))


def _keep(run: Path, held: Given, digest: str) -> None:
    """Write the records into the run, or refuse others than those that it was begun with.

    Raises:
        InputError: They are others.
    """
    known = given_path(run)
    if known is None:
        write_given(run, held.ending, held.write)
        return
    with known.open("rb") as file:
        if file_digest(file, "sha256").hexdigest() == digest:
            return
    with TemporaryDirectory(prefix="icon-pool-") as folder:
        other = write_given(Path(folder), held.ending, held.write)  # another version of Arrow writes other bytes
        before, now = list(_lines(known)), list(_lines(other))
    if before != now:
        raise InputError(
            f"{run}: {_difference(before, now)}. What is measured is kept: give the same records, and the same call "
            "goes on; or start a new run with another out=..."
        )


def _difference(before: list[bytes], now: list[bytes]) -> str:
    rows = zip(before, now, strict=False)
    first = next((row for row, (old, new) in enumerate(rows) if old != new), min(len(before), len(now)))
    return (
        f"the records are not those that this run was begun with: {len(now):,} instead of {len(before):,}, and row "
        f"{first} is the first that differs"
        if len(now) != len(before)
        else f"the records are not those that this run was begun with: row {first} is the first that differs"
    )


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
