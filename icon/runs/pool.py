"""The pool of a run: read into samples, checked by its digest, and read again record by record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from icon.config import DEMO
from icon.errors import InputError, PluginError
from icon.plugins import Reader
from icon.plugins.strategies import built
from icon.runs.records import PoolInput
from icon.runs.run import Run
from icon.samples.demo import DEMO_POOL

if TYPE_CHECKING:
    from icon.samples.load import LoadedSamples
    from icon.samples.rows import Record


SHOWN = 5
"""Places that a warning names."""


def pool_source(run: Run) -> str:
    """File, folder or hub name of the pool."""
    return str(DEMO_POOL) if run.config.pool == DEMO else run.config.pool


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
        from icon.samples.records import same_source

        run = self.run
        with run.timed("reading the pool"):
            loaded = _loaded(run, run.config.on_bad_row)
        warning = _lines_warning(loaded)
        if warning and warning not in run.manifest.warning_lines:
            run.warn(warning)
        held = run.manifest.inputs.pool
        digest = held.digest if held and same_source(loaded.digest, held.digest) else loaded.digest
        run.hold("pool", PoolInput(source=run.config.pool, digest=digest, format=loaded.format, rows=loaded.n_rows))
        return loaded


def _lines_warning(pool: LoadedSamples) -> str:
    """The warning that bad rows take several lines each, as a quote that is not closed makes them; else empty."""
    spans = [fault.where for fault in pool.faults if fault.where.startswith("lines ")]
    if not spans:
        return ""
    more = f" and {len(spans) - SHOWN:,} more" if len(spans) > SHOWN else ""
    return (
        "rows that could not be read take several lines each, and the records on all of these are left out: "
        f"{', '.join(spans[:SHOWN])}{more}; dropped.jsonl has the reasons"
    )


def _loaded(run: Run, on_bad_row: Literal["error", "skip"]) -> LoadedSamples:
    from icon.samples.load import load_samples

    config = run.config
    return load_samples(
        pool_source(run),
        format=config.format,
        readers=readers_of(run),
        columns=config.columns or None,
        group_field=config.group_field,
        every_turn=config.turns == "every",
        on_bad_row=on_bad_row,
        split=config.split,
        reasoning=config.reasoning,
        ignore=config.ignore,
    )


def records_of(run: Run, pool: LoadedSamples) -> Iterator[Record]:
    """The pool's records, read again, unchanged.

    The digest is compared after the last one, so that whoever takes them all has the records that were scored, or an
    error; what was read by then is to be thrown away.

    Args:
        run: The run.
        pool: Its pool, as it was scored.

    Raises:
        InputError: It is another pool by now.
    """
    from icon.samples.records import iter_records

    try:
        yield from iter_records(pool_source(run), split=run.config.split)
    except InputError:
        refuse_edited(run, pool)
        raise
    refuse_edited(run, pool)


def refuse_edited(run: Run, pool: LoadedSamples) -> None:
    """Refuse a pool that was edited since it was read.

    Raises:
        InputError: Its digest is another one, or it cannot be read any more; the message says what changed.
    """
    from icon.samples.records import source_digest

    source = pool_source(run)
    try:
        found = source_digest(source, split=run.config.split)
    except InputError as error:
        raise InputError(f"{error}\nIt was read at the beginning of this run. {_GO_ON.format(run.path)}") from None
    if found == pool.digest:
        return
    raise InputError(
        f"{source}: changed since this run read it: {_changes(run, pool)} (digest {found[:16]}, at first "
        f"{pool.digest[:16]}); nothing was written. {_GO_ON.format(run.path)}"
    )


_GO_ON = (
    "What is measured is kept in {0}: restore the file, and the same command goes on; or start a new run of the edited "
    "file with another --out"
)


def _changes(run: Run, pool: LoadedSamples) -> str:
    """What is different about an edited pool, in words."""
    try:
        now = _loaded(run, "skip")
    except InputError as error:
        return f"it cannot be read as before ({str(error).splitlines()[0]})"
    before, after = (Counter(sample.id for sample in one.samples) for one in (pool, now))
    facts = [f"{now.n_rows:,} rows instead of {pool.n_rows:,}"] if now.n_rows != pool.n_rows else []
    if new := (after - before).total():
        facts.append(f"{_samples(new)} new")
    if gone := (before - after).total():
        facts.append(f"{_samples(gone)} gone")
    moved = {sample.id: sample.row for sample in pool.samples}
    if n_moved := sum(moved.get(sample.id, sample.row) != sample.row for sample in now.samples):
        facts.append(f"{_samples(n_moved)} in another row")
    return ", ".join(facts) or "the same samples in other bytes, such as fields that are not scored"


def _samples(n: int) -> str:
    return f"{n:,} sample{'s' if n != 1 else ''}"
