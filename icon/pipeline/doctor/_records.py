"""What the doctor finds in a run directory, as frozen records: what `icon doctor --json` prints."""

from __future__ import annotations

from typing import Literal

from icon.runs.records import Record

State = Literal[
    "ok",
    "unchecked",
    "unfinished",
    "missing",
    "damaged",
    "other settings",
    "left over",
    "earlier selection",
    "foreign",
]
"""Of a file, in this order: as run.json names it; there, and no digest of it is known; published, and not yet under its
name; not there; with other bytes; measured under other settings than its neighbours; of a process that was killed; of a
selection before the present one; none of icon's."""

WRONG: frozenset[State] = frozenset(("unfinished", "missing", "damaged", "other settings", "left over"))


class Finding(Record):
    """A file of a run directory, or several of one kind.

    Attributes:
        file: Its path in the run directory.
        what: Its content.
        state: Its state.
        found: Details, in words; empty for none.
        how: In what way it comes back, in words; empty where nothing is to be made.
        command: The command that does it; empty where nothing is to be done.
    """

    file: str
    what: str
    state: State
    found: str = ""
    how: str = ""
    command: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether something is to be done about it."""
        return self.state in WRONG


class Examined(Record):
    """The state of a run directory, and what was repaired.

    Attributes:
        run: The run directory.
        sound: Whether nothing is wrong.
        findings: Every file, those of a kind together.
        notes: What else a user should know.
        repaired: What --repair did, a sentence each.
        not_repaired: What it could not do, with the reason and the command that can.
    """

    run: str
    sound: bool
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    not_repaired: tuple[str, ...] = ()
