"""The exception tree: every error that icon raises on purpose.

    IconError
    ├── UserError                the input or the call is wrong: exit code 2
    │   ├── ConfigError          invalid settings, or others than those of the run directory
    │   │   └── UntrustedCodeError   settings name code that this user has not allowed
    │   ├── InputError           a file or a row of data that cannot be used
    │   │   └── BadRowsError     rows of a pool or assessment set that cannot be read, all in one message
    │   ├── LeakError            pool and assessment set overlap, and the settings refuse that
    │   ├── TemplateError        a sample that a prompt template cannot render
    │   ├── UnknownStrategyError no installed strategy has that name
    │   └── ModelNameError       no model of that name is available; a BackendError as well
    ├── PluginError              a plugin breaks its contract
    ├── BackendError             a model cannot be loaded or evaluated
    │   └── AbilityError         the backend lacks an optional ability that was asked for
    ├── ExecutorError            the workers of an executor cannot be had, or all were lost
    └── RunError                 the run directory cannot be used
        ├── WrongRunError        not a run, another run, or one without the needed stage: exit code 2
        ├── RunInUseError        another process writes to the run: exit code 2
        ├── NoChoiceError        what was measured carries no choice, and an earlier one stays: exit code 3
        └── InterruptedRun       stopped by the user; the same command goes on: exit code 130

A message says what is wrong and where, what was found, what is valid and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


class IconError(Exception):
    """Base of all errors that icon raises on purpose."""

    exit_code = 1


class UserError(IconError):
    """The input or the call is wrong; the user can correct it."""

    exit_code = 2


class ConfigError(UserError):
    """Settings are invalid, or differ from those of the run directory."""


class UntrustedCodeError(ConfigError):
    """Settings name code that this user has not allowed: a plugin file, or code that comes with a model.

    Args:
        message: What was not run, and how to allow it.
        digest: SHA-256 of the code, in hex.
    """

    def __init__(self, message: str, digest: str = "") -> None:
        self.digest = digest
        super().__init__(message)


class InputError(UserError):
    """A file or a row of data cannot be used."""


class BadRowsError(InputError):
    """Rows cannot be read as samples; the error counts all of them and has the first.

    Args:
        source: The file or data set that holds them.
        faults: One entry per bad row, in file order: all of them, or a thousand.
        shown: Most kinds of faults in the message.
        n_bad: How many bad rows there are, where `faults` has only the first.
    """

    def __init__(self, source: str, faults: Sequence[RowFault], shown: int = 20, n_bad: int | None = None) -> None:
        self.source = source
        self.faults = tuple(faults)
        self.n_bad = len(faults) if n_bad is None else n_bad
        lines = [f"{source}: {self.n_bad:,} bad row{'s' if self.n_bad != 1 else ''}"]
        lines += lines_by_kind(self.faults, shown, self.n_bad)
        lines.append("Fix the rows, or pass --on-bad-row skip to leave them out; they are counted.")
        super().__init__("\n".join(lines))


class LeakError(UserError):
    """Pool and assessment set overlap, and the settings refuse that."""


class TemplateError(UserError):
    """A prompt template cannot render a sample."""


class UnknownStrategyError(UserError):
    """No installed strategy of that kind has that name."""


class PluginError(IconError):
    """A plugin breaks its contract."""


class BackendError(IconError):
    """A model cannot be loaded or evaluated."""


class ModelNameError(UserError, BackendError):
    """No model of that name is available: it does not exist, is not a model, or the hub cannot be reached."""


class AbilityError(BackendError):
    """The backend lacks an optional ability (embed, train_classifier) that was asked for."""

    exit_code = 2


class ExecutorError(IconError):
    """The workers of an executor cannot be had, or all were lost; what is finished is kept."""


class RunError(IconError):
    """The run directory cannot be used."""


class WrongRunError(RunError):
    """The folder is not a run, has another run, or its run lacks a stage that the command needs."""

    exit_code = 2


class RunInUseError(RunError):
    """Another process writes to the run."""

    exit_code = 2


class NoChoiceError(RunError):
    """What was measured carries no choice of the kind that is asked for; an earlier selection stays."""

    exit_code = 3


class InterruptedRun(RunError):
    """Stopped by the user; what is finished is kept and the same command goes on."""

    exit_code = 130


@dataclass(frozen=True, slots=True)
class RowFault:
    """A fault of a record that is not a sample: where, what was found, and what is valid.

    Attributes:
        row: Number of the record, counted from 0, as rows are in every message and file of icon.
        where: Its lines in a text file, counted from 1 as editors do; elsewhere the row again.
        field: Name of the field, or an empty string for the record as a whole.
        found: What the field has.
        valid: What would be valid.
    """

    row: int
    where: str
    field: str
    found: str
    valid: str

    @property
    def place(self) -> str:
        """Its lines with the number of the row, or that number alone."""
        return self.where if self.where == f"row {self.row}" else f"{self.where} (row {self.row})"

    @property
    def kind(self) -> tuple[str, str, str]:
        """What faults of one kind share: field, finding and what is valid, whatever numbers they have."""
        field, found, valid = (re.sub(r"\d[\d,]*", "0", text) for text in (self.field, self.found, self.valid))
        return field, found, valid

    def __str__(self) -> str:
        at = f", field {self.field!r}" if self.field else ""
        return f"{self.place}{at}: found {self.found}; valid: {self.valid}"


PLACES = 3
"""Places of a kind of fault that a message names."""


def lines_by_kind(faults: Sequence[RowFault], shown: int, n_bad: int) -> list[str]:
    """A line for each kind of fault: how many rows have it, the first places, what was found and what is valid.

    Args:
        faults: The faults, in file order.
        shown: Most kinds.
        n_bad: How many bad rows there are in all, of which `faults` may have only the first.
    """
    kinds: dict[tuple[str, str, str], list[RowFault]] = {}
    for fault in faults:
        kinds.setdefault(fault.kind, []).append(fault)
    listed = list(kinds.values())[:shown]
    lines = [f"  {_of_one_kind(alike)}" for alike in listed]
    more = n_bad - sum(map(len, listed))
    return [*lines, f"  ... and {more:,} more"] if more > 0 else lines


def _of_one_kind(alike: Sequence[RowFault]) -> str:
    first = alike[0]
    if len(alike) == 1:
        return str(first)
    more = f" and {len(alike) - PLACES:,} more" if len(alike) > PLACES else ""
    places = ", ".join(fault.place for fault in alike[:PLACES]) + more
    others = " and the like"
    field = others if len({fault.field for fault in alike}) > 1 else ""
    found = others if len({fault.found for fault in alike}) > 1 else ""
    at = f", field {first.field!r}{field}" if first.field else ""
    return f"{len(alike):,} rows: {places}{at}: found {first.found}{found}; valid: {first.valid}"
