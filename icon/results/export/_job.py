"""One export in progress, and its outcome."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from icon.errors import ConfigError, InputError
from icon.results.export._source import DoesNotFitError, Item, RunSource
from icon.runs.kept import Which
from icon.runs.records import Record
from icon.runs.writing import refuse_place


class LeftOut(Record):
    """A record that the format cannot express, by its row in the pool, with the reason."""

    row: int
    reason: str


class Exported(Record):
    """The outcome of an export: what `icon export --json` prints.

    Attributes:
        run: The run directory.
        format: Name of the format.
        which: Which records were exported.
        records: Number of records written.
        files: What was written.
        left_out: The records that the format cannot express.
        notes: What the user should know.
        next: What to do with it, as commands or lines of code.
    """

    run: str
    format: str
    which: Which
    records: int
    files: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    next: tuple[str, ...]


FILE_ENDINGS = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".txt", ".gz", ".zst")
"""Endings by which an --out that is not there names a file; every other name is that of a folder, for every format."""


def _names_file(path: Path) -> bool:
    """Whether a path names a file by its ending."""
    return path.suffix.lower() in FILE_ENDINGS


@dataclass(frozen=True, slots=True)
class Format:
    """A format that runs are exported to.

    Attributes:
        name: The value of --to.
        summary: One line for listings.
        write: Writes it; gives the number of records written.
        which: What is exported where the user does not say.
        takes: Options that mean something to this format: "out", "full", "repo", "private".
        of_decisions: Whether it is of the decisions, so that it needs no record of a dropped row.
    """

    name: str
    summary: str
    write: Callable[[Job], int]
    which: Which = "selected"
    takes: tuple[str, ...] = ("out",)
    of_decisions: bool = False


@dataclass(slots=True)
class Job:
    """An export in progress.

    Attributes:
        source: The run.
        which: Which records.
        usual: Which ones the format is for; a name says it only where it is others.
        out: Where the user wants it; None for a place in the run directory.
        force: Whether existing files may be overwritten.
        full: Of the decisions: whole texts instead of their beginnings.
        repo: Of the hub: owner and name.
        private: Of the hub: whether only its owner sees it.
        files: What was written.
        left_out: Why a record is not among what was written, by its row.
        notes: What the user should know.
        following: What to do with it, as commands or lines of code.
    """

    source: RunSource
    which: Which
    usual: Which = "selected"
    out: Path | None = None
    force: bool = False
    full: bool = False
    repo: str | None = None
    private: bool = False
    files: list[str] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    following: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """A name for the data, made of the run's: letters, digits, '-' and '_' alone."""
        run = re.sub(r"[^A-Za-z0-9_-]+", "-", self.source.directory.path.resolve().name).strip("-") or "run"
        return run if self.which == self.usual else f"{run}-{self.which}"

    def file(self, name: str) -> Path:
        """The place of an export that is one file, `name` where the user names none or a folder.

        Raises:
            ConfigError: Nothing can be written there, or it leads out of the run though the user did not name it.
        """
        path = self.out or self._export / name
        path = path / name if path.is_dir() or not (path.exists() or _names_file(path)) else path
        self._refuse_way_out(path)
        refuse_place(path.parent, str(path))
        return path

    def folder(self, name: str) -> Path:
        """The place of an export that is a folder, `name` where the user names none.

        Raises:
            ConfigError: It is a file, nothing can be written there, or it leads out of the run though the user did not
                name it.
        """
        path = self.out or self._export / name
        if path.exists() and not path.is_dir():
            raise ConfigError(f"--out {path}: found a file; valid: a folder, which is made if it is not there")
        if self.out is not None and _names_file(path) and not path.exists():
            raise ConfigError(
                f"--out {path}: found the name of a file, and this format has several; valid: a folder, such as "
                f"{path.with_name(path.name.partition('.')[0])}"
            )
        self._refuse_way_out(path)
        refuse_place(path, str(path))
        return path

    def _refuse_way_out(self, path: Path) -> None:
        """Refuse a link out of a run, which may come from a stranger, where the user did not name the place.

        Raises:
            ConfigError: There is one.
        """
        run, place = self.source.directory.path.resolve(), path.resolve()
        if self.out is None and not place.is_relative_to(run):
            raise ConfigError(
                f"{path}: a link that leads out of the run, to {place}; to write there, name it with --out"
            )

    def fitting(self, convert: Callable[[Item], list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
        """Each record converted; one that does not fit is noted with its reason.

        Args:
            convert: Gives what is written of a record.

        Raises:
            InputError: There is nothing to write.
        """
        found = 0
        for item in self.source.items(self.which):
            try:
                made = convert(item.as_sample())
            except DoesNotFitError as fault:
                self.left_out[item.row] = str(fault)
                continue
            found += len(made)
            yield from made
        if not found:
            raise self.nothing()

    def nothing(self) -> InputError:
        """The error of an export without a record."""
        lines = [f"  row {row}: {reason}" for row, reason in list(self.left_out.items())[:20]]
        more = [f"  ... and {len(self.left_out) - 20:,} more"] if len(self.left_out) > 20 else []
        head = f"{self.source.directory.path}: none of the {self.which} records can be written in this format"
        if not lines:
            head = f"{self.source.directory.path}: the run has no {self.which} records"
        return InputError("\n".join([head, *lines, *more, "valid: another format; `icon export --list` names them"]))

    @property
    def _export(self) -> Path:
        return self.source.directory.path / "export"
