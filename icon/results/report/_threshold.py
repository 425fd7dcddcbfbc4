"""Input of the page, the quantity that the selection ranks by, and the command that makes a threshold real."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from icon.plugins import Section
from icon.results.compared import Compared
from icon.results.report._assets import Block
from icon.results.validated import Validated
from icon.runs.files import TokenDetail
from icon.runs.manifest import Manifest
from icon.runs.outcome import Summary
from icon.runs.records import SelectStage
from icon.runs.row_view import RowView
from icon.types import Sample, ScoreRow

MOST_VALUES = 100_000
"""Sorted values that the page carries; of more, every k-th, and counts are then right to k."""


@dataclass(frozen=True, slots=True)
class PageInput:
    """A run with everything that the page needs of it.

    Attributes:
        path: What the user calls the run: its folder.
        manifest: Its run.json.
        rows: Its scores.parquet.
        samples: The pool's samples by id, as far as their texts could be read.
        assessment: The assessment set; empty where it could not be read.
        details: Token by token, what some demonstrations did to some answers.
        validated: Whether the selection was validated.
        sections: What plugins add.
        notes: What a reader should know of how this page was made.
        measured: What the candidates around the cut were measured at, by assessment sample; empty where not known.
        compared: The texts of the candidates compared; None to compare them when they are needed.
    """

    path: str
    manifest: Manifest
    rows: Sequence[ScoreRow]
    samples: Mapping[str, Sample]
    assessment: Sequence[Sample] = ()
    details: Sequence[TokenDetail] = ()
    validated: Validated = field(default_factory=Validated)
    sections: Sequence[Section] = ()
    notes: Sequence[str] = ()
    measured: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    compared: Compared | None = None

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
        """The outcome of the selection."""
        assert self.manifest.stages.select is not None
        return self.manifest.stages.select

    @property
    def candidates(self) -> RowView:
        """The rows of candidates: duplicates, leaks, held-out and bad rows left out."""
        view = RowView.of(self.rows)
        return view.where(view.table.are_candidates[view.places])

    @property
    def scored(self) -> RowView:
        """The rows that have a score."""
        view = RowView.of(self.rows)
        return view.where(~np.isnan(view.numbers("score")))


@dataclass(frozen=True, slots=True)
class Ranking:
    """The quantity that the selector ranked by.

    Attributes:
        by: "probability" where a classifier ranked the pool, else "score".
        values: Of every ranked candidate, ascending.
        selected: Of those that were selected, ascending.
        cut: The run's own threshold: as many values are at or above it as were selected, or more where values tie.
    """

    by: Literal["score", "probability"]
    values: list[float]
    selected: list[float]
    cut: float | None

    @property
    def is_a_cut(self) -> bool:
        """Whether the selection is everything at or above the cut; not where a selector looks at more than a value."""
        return self.cut is None or not self.selected or self.selected[0] >= self.cut


def ranking(rows: Sequence[ScoreRow]) -> Ranking:
    """The ranking of a finished run."""
    view = RowView.of(rows)
    known = view.numbers("probability")
    by: Literal["score", "probability"] = "score" if np.isnan(known).all() else "probability"
    given = view.numbers(by)
    there = ~np.isnan(given)
    values = np.sort(given[there]).tolist()
    selected = np.sort(given[there & view.selected]).tolist()
    cut = values[-len(selected)] if selected else None
    return Ranking(by, values, selected, cut)


def value_of(row: ScoreRow, by: str) -> float | None:
    """The quantity of one row; None where it has none."""
    return row.probability if by == "probability" else row.score


def carried(values: Sequence[float], most: int = MOST_VALUES) -> Block:
    """Sorted values that the page counts with.

    Returns:
        values: All of them, or every `stride`-th from the top down where there are more than `most`; stride; n.
    """
    stride = -(-len(values) // most) if len(values) > most else 1
    return {"values": list(values[::-1][stride - 1 :: stride][::-1]), "stride": stride, "n": len(values)}


def selector_of(page: PageInput, rank: Ranking) -> str:
    """The selector of a threshold: the run's own, or one that looks at nothing else where that does."""
    if rank.is_a_cut:
        return page.chosen.selector
    return "top" if rank.by == "score" else "classifier"


def command(page: PageInput, rank: Ranking) -> str:
    """The command that selects anew; the page appends a count. Options go with the selector they were for."""
    selector = selector_of(page, rank)
    parts = ["icon", "select", page.path, "--selector", selector]
    for name, value in _options(page, rank, selector).items():
        parts += ["-o", f"selector.{name}={json.dumps(value, ensure_ascii=False)}"]
    return f"{shlex.join(parts)} --keep"


def _options(page: PageInput, rank: Ranking, selector: str) -> Block:
    """The selector's options, and the share of labels that the shown probabilities were learned from.

    A classifier labels the share to keep where no other is given: another count would teach it anew, and the ranking
    would be another one than the page shows.
    """
    options = dict(page.chosen.selector_options) if selector == page.chosen.selector else {}
    share = page.summary.selection_quality.get("label_share")
    if rank.by == "probability" and share is not None and options.get("label_share") is None:
        options["label_share"] = share
    return options
