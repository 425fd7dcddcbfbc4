"""The report of a run directory: its files read, the page written beside them."""

from icon.reporting.session_report import report
from icon.reporting.write import write_report

__all__ = ["report", "write_report"]
