"""What the page is drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from icon.hooks.sections import Section
from icon.runs.explained import TokenDetail
from icon.runs.manifest import Manifest
from icon.runs.scores import ScoreRow
from icon.types import Sample

CANDIDATES = ("scored", "not_scored", "failed")
"""Statuses of the rows that stand for a candidate of their own."""


@dataclass(frozen=True, slots=True)
class PageInput:
    """A run, read.

    Attributes:
        path: What the user calls the run: its folder.
        manifest: Its run.json.
        rows: Its scores.parquet.
        samples: The pool's samples by id, as far as their texts could be read.
        assessment: The assessment set; empty where it could not be read.
        details: Token by token, what some demonstrations did to some answers.
        sections: What plugins add.
        notes: What a reader should know of how this page was made.
    """

    path: str
    manifest: Manifest
    rows: Sequence[ScoreRow]
    samples: Mapping[str, Sample]
    assessment: Sequence[Sample] = ()
    details: Sequence[TokenDetail] = ()
    sections: Sequence[Section] = ()
    notes: Sequence[str] = ()

    @property
    def seed(self) -> int:
        """Seed of every draw."""
        return int(self.manifest.config["seed"])

    @property
    def candidates(self) -> list[ScoreRow]:
        """The rows that stand for a candidate: duplicates, leaks, held-out and bad rows left out."""
        return [each for each in self.rows if each.status in CANDIDATES]

    @property
    def scored(self) -> list[ScoreRow]:
        """The rows that have a score."""
        return [each for each in self.rows if each.score is not None]
