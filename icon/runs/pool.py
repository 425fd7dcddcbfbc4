"""The pool of a run: read into samples, checked by its digest, and read again record by record."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict

from icon.config import DEMO, RunConfig
from icon.errors import InputError, PluginError
from icon.plugins import Reader
from icon.plugins.strategies import built
from icon.runs._pool_warnings import left_out_warnings, lines_warning
from icon.runs.given import given_pool, is_given
from icon.runs.records import PoolInput
from icon.runs.run import Run
from icon.samples.choices import Calls, Preferred, Reasoning
from icon.samples.demo import DEMO_POOL
from icon.samples.shareable import access_warnings

if TYPE_CHECKING:
    from icon.runs.dropped import PoolRecord
    from icon.samples.load import LoadedSamples


class Reading(TypedDict):
    """Arguments of `load_samples`, without those that a caller decides."""

    format: str
    columns: Mapping[str, str] | None
    response_after: str | None
    group_field: str | None
    source_field: str | None
    every_turn: bool
    split: str
    reasoning: Reasoning
    tool_calls: Calls
    preference: Preferred
    ignore: Collection[str]
    inline: bool


def pool_source(run: Run) -> tuple[str, ...]:
    """The addresses of the pool: files, folders, globs, hub names."""
    return source_of(run.config, run.path)


def source_of(config: RunConfig, folder: Path) -> tuple[str, ...]:
    """The addresses of the pool of a run with these settings, in this folder.

    Raises:
        InputError: The folder is to hold the records, and has them no more.
    """
    if is_given(config.pool):
        return (str(given_pool(folder, config.pool)),)
    return (str(DEMO_POOL),) if config.pools == (DEMO,) else config.pools


def pool_bytes(run: Run) -> int:
    """Bytes of the files of the pool; those of a data set are not counted."""
    from icon.samples.addresses import pieces_of

    files = [Path(piece.place) for piece in pieces_of(pool_source(run), run.config.split) if piece.is_file]
    return sum(file.stat().st_size for file in files)


def readers_of(run: Run) -> dict[str, Reader]:
    """The installed readers by record format; one that cannot be built is a warning, or an error if asked for."""
    readers = {}
    for name, strategy in run.plugins.strategies("reader").items():
        try:
            readers[name] = built(strategy, {}, Reader, "reader")
        except PluginError as error:
            if name == run.config.format:
                raise
            run.warn(f"{error}; its format is left out")
    return readers


class PoolReader:
    """The pool of a run, read at first use."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @cached_property
    def samples(self) -> LoadedSamples:
        """The pool's samples, with its duplicates and bad rows.

        Raises:
            InputError: It cannot be read, or rows of it are not samples.
            ConfigError: It is another pool than at an earlier start of this run.
        """
        from icon.samples.addresses import named
        from icon.samples.records import same_source

        run = self.run
        with run.timed("reading the pool"):
            loaded = _loaded(run, run.config.on_bad_row)
        said = access_warnings(run.config.pools)
        for warning in (*said, *loaded.notes, *lines_warning(loaded), *left_out_warnings(loaded, run.config)):
            if warning not in run.manifest.warning_lines:
                run.warn(warning)
        held = run.manifest.inputs.pool
        digest = held.digest if held and same_source(loaded.digest, held.digest) else loaded.digest
        known = held.left_out if held else dict(loaded.left_out)
        run.hold(
            "pool",
            PoolInput(
                source=named(run.config.pools),
                digest=digest,
                format=loaded.format,
                rows=loaded.n_rows,
                left_out=known,
                inline=held.inline if held else run.config.reasoning == "ignore" or None,
            ),
        )
        return loaded


def _loaded(run: Run, on_bad_row: Literal["error", "skip"]) -> LoadedSamples:
    from icon.samples.load import load_samples

    return load_samples(
        pool_source(run),
        readers=readers_of(run),
        on_bad_row=on_bad_row,
        **reading_of(run.config, run.manifest.inputs.pool),
    )


def reading_of(config: RunConfig, held: PoolInput | None) -> Reading:
    """Arguments of `load_samples` with which a run with these settings reads its pool.

    Args:
        config: The settings.
        held: The pool as the run read it; None where it has not read it yet.
    """
    return Reading(
        format=config.format,
        columns=config.columns or None,
        response_after=config.response_after,
        group_field=config.group_field,
        source_field=config.source_field,
        every_turn=config.turns == "every",
        split=config.split,
        reasoning=config.reasoning,
        tool_calls=config.tool_calls,
        preference=config.preference,
        ignore=config.ignore,
        inline=held is None or bool(held.inline),
    )


def records_of(run: Run, pool: LoadedSamples) -> Iterator[PoolRecord]:
    """The pool's records, read again, unchanged.

    The digest is compared after the last one, so that whoever takes them all has the records that were scored, or an
    error; what was read by then is to be thrown away.

    Args:
        run: The run.
        pool: Its pool, as it was scored.

    Raises:
        InputError: It is another pool by now.
    """
    from icon.samples.records import copied_records

    try:
        yield from copied_records(pool_source(run), split=run.config.split)
    except InputError:
        refuse_edited(run, pool)
        raise
    refuse_edited(run, pool)


def refuse_edited(run: Run, pool: LoadedSamples) -> None:
    """Refuse a pool that was edited since it was read.

    Raises:
        InputError: Its digest is another one, or it cannot be read any more; the message says what changed.
    """
    from icon.samples.addresses import named
    from icon.samples.records import source_digest

    source = pool_source(run)
    name = named(source)
    try:
        found = source_digest(source, split=run.config.split)
    except InputError as error:
        raise InputError(f"{error}\nIt was read at the beginning of this run. {_GO_ON.format(run.path)}") from None
    if found == pool.digest:
        return
    raise InputError(
        f"{name}: changed since this run read it: {_changes(run, pool)} (digest {found[:16]}, at first "
        f"{pool.digest[:16]}); nothing was written. {_GO_ON.format(run.path)}"
    )


_GO_ON = (
    "What is measured is kept in {0}: restore the file, and the same command goes on; or start a new run of the edited "
    "file with another --out"
)


def _changes(run: Run, pool: LoadedSamples) -> str:
    """What is different about an edited pool, in words."""
    from icon.samples.ids import each_text

    try:
        now = _loaded(run, "skip")
    except InputError as error:
        return f"it cannot be read as before ({str(error).splitlines()[0]})"
    places = pool.samples.find(each_text(now.samples.ids))
    known = places >= 0
    facts = [f"{now.n_rows:,} rows instead of {pool.n_rows:,}"] if now.n_rows != pool.n_rows else []
    if new := int((~known).sum()):
        facts.append(f"{_samples(new)} new")
    if gone := len(pool.samples) - int(known.sum()):
        facts.append(f"{_samples(gone)} gone")
    if n_moved := int((pool.samples.rows[places[known]] != now.samples.rows[known]).sum()):
        facts.append(f"{_samples(n_moved)} in another row")
    return ", ".join(facts) or "the same samples in other bytes, such as fields that are not scored"


def _samples(n: int) -> str:
    return f"{n:,} sample{'s' if n != 1 else ''}"
