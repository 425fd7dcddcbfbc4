"""Stage 2 on the run directory: parts that are there, parts still to measure, and what they come to."""

from icon.scoring.schedule import schedule_of
from icon.scoring.stage import Found, contributions, is_raced, measure, selection_warnings

__all__ = ["Found", "contributions", "is_raced", "measure", "schedule_of", "selection_warnings"]
