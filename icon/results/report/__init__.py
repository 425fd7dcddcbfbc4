"""The report of a run as one self-contained page: its data, its sentences and the HTML file."""

from __future__ import annotations

from icon.results.report._writing import report

__all__ = ["report"]
