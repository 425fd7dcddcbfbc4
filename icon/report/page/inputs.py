"""What the page is drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from icon.hooks.sections import Section
from icon.runs.explained import TokenDetail
from icon.runs.manifest import Manifest
from icon.runs.records import SelectStage
from icon.runs.scores import ScoreRow
from icon.runs.summary import Summary
from icon.types import Sample


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
        return self.manifest.config.seed

    @property
    def summary(self) -> Summary:
        """The closing summary."""
        assert self.manifest.results is not None
        return self.manifest.results

    @property
    def chosen(self) -> SelectStage:
        """How the run chose."""
        assert self.manifest.stages.select is not None
        return self.manifest.stages.select

    @property
    def candidates(self) -> list[ScoreRow]:
        """The rows that stand for a candidate: duplicates, leaks, held-out and bad rows left out."""
        return [each for each in self.rows if each.status.is_candidate]

    @property
    def scored(self) -> list[ScoreRow]:
        """The rows that have a score."""
        return [each for each in self.rows if each.score is not None]
