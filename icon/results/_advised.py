"""A piece of advice: the record of what to do with a run, and why."""

from __future__ import annotations

from typing import Literal

from icon.runs.manifest import Manifest
from icon.runs.outcome import Summary
from icon.runs.records import Record

Kind = Literal["use", "partial", "not_yet", "use_baseline", "not_better"]
"""What to do: use the selection; use it knowing that the run was stopped; measure more first; use a baseline, which is
as good here, or which the run itself used; or use a random draw, since a validation or the run found nothing better, or
nothing was left out."""


class Advice(Record):
    """What to do with a run, why, and with which command.

    Attributes:
        kind: What to do, for programs.
        sentence: The same in a sentence.
        why: Why, in a sentence.
        commands: The next commands, the first one first.
        minutes: Minutes of measuring that are still needed; None where none are, or that cannot be said.
    """

    kind: Kind
    sentence: str
    why: str
    commands: tuple[str, ...] = ()
    minutes: float | None = None


def summary_of(manifest: Manifest) -> Summary:
    """The results of a run that has been through stage 3."""
    assert manifest.results is not None
    return manifest.results
