"""Sections that plugins add to the report, and the view of the run that they get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from icon.types import ScoreRow

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the report. All of it is plain text: markup is shown literally.

    Attributes:
        title: Its heading.
        paragraphs: Text below the heading.
        columns: Headings of a table; empty for no table.
        rows: The table's rows, each as long as `columns`; None is an empty cell.
    """

    title: str
    paragraphs: Sequence[str] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()


@dataclass(frozen=True, slots=True)
class RunView:
    """A finished run, as the hook `icon_report_sections` gets it; not to be changed.

    Attributes:
        path: The run directory.
        config: The settings, as in run.json.
        results: The closing summary.
        rows: The rows of scores.parquet, one per candidate of the pool.
    """

    path: Path
    config: Mapping[str, Any]
    results: Mapping[str, Any]
    rows: Sequence[ScoreRow]


def plain(section: Any) -> Section:
    """The section of a plugin with all of its content converted to plain text.

    Raises:
        TypeError: It is not a `Section`.
        ValueError: A row of its table is not as long as its columns.
    """
    if not isinstance(section, Section):
        raise TypeError(f"found {type(section).__name__}; valid: a list of icon.plugins.Section")
    columns = tuple(map(str, section.columns))
    rows = tuple(tuple(map(_cell, row)) for row in section.rows)
    for number, row in enumerate(rows):
        if len(row) != len(columns):
            raise ValueError(
                f"section {section.title!r}, row {number}: {len(row)} cells; valid: {len(columns)}, one per column"
            )
    return Section(str(section.title), tuple(map(str, section.paragraphs)), columns, rows)


def _cell(value: Any) -> Cell:
    return value if value is None or type(value) in (int, float) else str(value)
