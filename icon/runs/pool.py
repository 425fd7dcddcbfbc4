"""The pool of a run: read into samples, checked by its digest, and read again record by record."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from icon.config import DEMO
from icon.errors import PluginError
from icon.plugins import Reader
from icon.plugins.strategies import built
from icon.runs.records import PoolInput
from icon.runs.run import Run
from icon.samples.demo import DEMO_POOL

if TYPE_CHECKING:
    from icon.samples.load import LoadedSamples
    from icon.samples.rows import Record


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
        from icon.samples.load import load_samples

        run, config = self.run, self.run.config
        with run.timed("reading the pool"):
            loaded = load_samples(
                pool_source(run),
                format=config.format,
                readers=readers_of(run),
                columns=config.columns or None,
                group_field=config.group_field,
                every_turn=config.turns == "every",
                on_bad_row=config.on_bad_row,
                split=config.split,
            )
        run.hold(
            "pool",
            PoolInput(source=config.pool, digest=loaded.digest, format=loaded.format, rows=loaded.n_rows),
        )
        return loaded


def records_of(run: Run) -> Iterator[Record]:
    """The pool's records, read again, unchanged."""
    from icon.samples.records import iter_records

    return iter_records(pool_source(run), split=run.config.split)
