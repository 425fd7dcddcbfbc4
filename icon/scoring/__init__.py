"""Stage 2 on the run directory: parts that are there, parts still to measure, and what they come to."""

from icon.scoring.rounds import schedule_of
from icon.scoring.stage import Found, contributions, measure

__all__ = ["Found", "contributions", "measure", "schedule_of"]
