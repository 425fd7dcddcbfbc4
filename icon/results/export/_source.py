"""What an export draws from: the records of a finished run with their candidates, read from its directory alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icon.config import RunConfig
from icon.errors import ConfigError, InputError, RunError, UnknownStrategyError
from icon.plugins import Reader
from icon.results.validated import Validated, validated
from icon.runs.directory import RunDirectory
from icon.runs.given import is_given
from icon.runs.kept import Which
from icon.runs.manifest import Manifest
from icon.runs.outcome import Summary
from icon.runs.pool import source_of
from icon.runs.records import PoolInput, SelectStage
from icon.samples.addresses import Piece, pieces_of
from icon.samples.choices import Choices, record_samples
from icon.samples.fields import REASONING
from icon.samples.kinds import is_readable
from icon.types import RowStatus, Sample

if TYPE_CHECKING:
    from icon.plugins.manager import Plugins
    from icon.types import ScoreRow


class DoesNotFitError(InputError):
    """A record that a format cannot express; the message says what of it is in the way."""


@dataclass(frozen=True, slots=True)
class Item:
    """A record of the pool.

    Attributes:
        row: Zero-based number in the pool.
        raw: Its JSON, the user's own bytes where the pool is JSON lines; empty for a row that could not be read.
        fields: The same, parsed; None for such a row.
        samples: Its candidates, in the order of their turns; none for a bad row.
        turns: The turns that are exported: of a selected record those that were selected, else all.
        scores: Its rows of scores.parquet.
        ignored: Fields that the run did not look at because the user said so.
    """

    row: int
    raw: bytes
    fields: dict[str, Any] | None
    samples: tuple[Sample, ...]
    turns: frozenset[int]
    scores: tuple[ScoreRow, ...]
    ignored: tuple[str, ...] = ()

    @property
    def fault(self) -> str:
        """Why a bad row is one; empty for others."""
        return "" if self.samples else self.scores[0].reason

    def as_sample(self) -> Item:
        """The same, if it is a sample.

        Raises:
            DoesNotFitError: It is a bad row.
        """
        if not self.samples:
            raise DoesNotFitError(f"a row that could not be read as a sample: {self.fault}")
        return self


class RunSource:
    """A finished run, as exports see it: the pool may be gone, selected.jsonl and dropped.jsonl hold its records.

    Args:
        directory: The run directory.
        manifest: Its run.json.
        rows: Its scores.parquet.
        readers: Record formats by name.
        refused: Why plugin files that the run names are not among them, a sentence each.
    """

    def __init__(
        self,
        directory: RunDirectory,
        manifest: Manifest,
        rows: Sequence[ScoreRow],
        readers: Mapping[str, Reader],
        refused: Sequence[str] = (),
    ) -> None:
        self.directory = directory
        self.manifest = manifest
        self.config: RunConfig = manifest.config
        self.rows = rows
        self._readers = readers
        self._refused = refused

    @classmethod
    def of(cls, path: Path, plugins: Callable[[Sequence[str], Sequence[str]], Plugins]) -> RunSource:
        """The finished run in a run directory.

        Args:
            path: The run directory.
            plugins: Loads plugin files, those that the user names and those that the run names, beside what is
                installed. The run's are loaded only if its pool has a format that nothing installed reads.

        Raises:
            RunError: It is no run directory, the run is not finished, or nothing is selected.
        """
        from icon.results.loaded import with_selection  # these two load numpy, which `icon --help` does not need
        from icon.runs.scores import scores_of

        directory, manifest = with_selection(path)
        loaded, pool = plugins((), ()), manifest.inputs.pool
        if manifest.config.plugins and pool is not None and pool.format not in loaded.strategies("reader"):
            loaded = plugins((), manifest.config.plugins)
        readers = {name: strategy.make({}) for name, strategy in loaded.strategies("reader").items()}
        return cls(directory, manifest, scores_of(directory, manifest), readers, loaded.refused)

    @property
    def pool(self) -> tuple[str, ...]:
        """The addresses of the pool.

        Raises:
            InputError: The run directory is to hold the pool, and has it no more.
        """
        return source_of(self.config, self.directory.path)

    @property
    def pieces(self) -> list[Piece]:
        """The files or data sets of the pool; where they are gone, as its addresses name them."""
        try:
            return pieces_of(self.pool, self.config.split)
        except InputError:
            names = self.config.pools
            return [Piece(name, name, name, is_file=is_readable(name) or is_given(name)) for name in names]

    @property
    def pool_input(self) -> PoolInput:
        """The pool as the run read it."""
        found = self.manifest.inputs.pool
        assert found is not None
        return found

    @property
    def chosen(self) -> SelectStage:
        """How the run chose."""
        found = self.manifest.stages.select
        assert found is not None
        return found

    @property
    def validated(self) -> Validated:
        """Whether the selection was validated."""
        return validated(self.directory.path, self.manifest)

    @property
    def summary(self) -> Summary:
        """The closing summary."""
        found = self.manifest.results
        assert found is not None
        return found

    @property
    def every_turn(self) -> bool:
        """Whether each assistant turn was a candidate."""
        return self.config.turns == "every"

    def refuse_which(self, which: Which) -> None:
        """Refuse to export dropped records where the run keeps none.

        Raises:
            ConfigError: It keeps none.
        """
        if which != "selected" and (kept := self.chosen.keeps) != "full":
            path = self.directory.path
            raise ConfigError(
                f"{path}: the {which} records: the run keeps no dropped record (dropped {kept}); valid: the selected "
                f"ones, --to csv for all decisions, or first: icon select {path} --dropped full"
            )

    @property
    def _ignored(self) -> tuple[str, ...]:
        return (*self.config.ignore, *(REASONING if self.config.reasoning == "ignore" else ()))

    @property
    def _choices(self) -> Choices:
        return Choices.of(self.config, inline=bool(self.pool_input.inline))

    def items(self, which: Which) -> Iterator[Item]:
        """The records, in the order of the pool, as often as asked.

        Raises:
            ConfigError: The pool's format came from a plugin that is not installed any more.
            RunError: The files of the run are missing or were changed.
        """
        from icon.runs.outputs import decided, read_records  # these load numpy
        from icon.runs.scores import as_table

        reader, table = self._reader(), as_table(self.rows)
        rows = table.passing() if which != "selected" else table.of_records(table.selected)
        for record, turns in decided(read_records(self.directory, table, which, self.manifest), rows):
            found = tuple(turns)
            samples = self._samples(reader, record.row, record.fields, found)
            chosen = frozenset(row.turn for row in found if row.selected)
            every = chosen if which == "selected" else frozenset(sample.turn for sample in samples)
            yield Item(record.row, record.raw, record.fields, samples, every, found, self._ignored)

    def _samples(
        self, reader: Reader, row: int, fields: dict[str, Any] | None, scores: Sequence[ScoreRow]
    ) -> tuple[Sample, ...]:
        if fields is None or any(row.status == RowStatus.BAD_ROW for row in scores):
            return ()
        samples = tuple(record_samples(reader, fields, row, self._choices))
        if [sample.id for sample in samples] != [row.id for row in sorted(scores, key=lambda score: score.turn)]:
            path = self.directory.path
            raise RunError(
                f"{path}: the record of row {row} is not the one that was scored; selected.jsonl or dropped.jsonl was "
                f"changed after the run; to write them again: icon select {path}"
            )
        return samples

    def _reader(self) -> Reader:
        from icon.samples.choosing import reader_of  # it loads numpy

        name, config = self.pool_input.format, self.config
        try:
            return reader_of(name, self._readers, config.columns, config.response_after)
        except UnknownStrategyError:
            fault = (
                f"{self.directory.path}: the pool was read by the reader {name!r}, which is not installed here; "
                f"found: {', '.join(sorted(self._readers))}; install the plugin that brings it"
            )
            raise ConfigError("\n".join([fault, *self._refused])) from None
