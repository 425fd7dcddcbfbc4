"""The report of a run as one self-contained page: what the run found goes in, an HTML file comes out."""

from __future__ import annotations

from icon.results.report._writing import report, write_report

__all__ = [
    "report",
    "write_report",
]
