"""What a race says that goes on by another rule of leaving than its settings ask for."""

from __future__ import annotations

from icon.pipeline.schedule import LIKELY_UP_TO
from icon.results.advice import until_decided
from icon.runs.run import Run
from icon.scorers.racing import Rules


def warn_of_leaving(run: Run, begun: Rules, asked: Rules) -> None:
    """Warn where a capture asks for a race until all are decided, of a race that was begun with candidates at rest.

    Args:
        run: The run.
        begun: The rules that the race goes on by.
        asked: Those that its settings would give a new race.
    """
    if begun.leaving == "likely" and asked.leaving == "certain":
        run.warn(
            f"capture {run.config.capture:g}: this race was begun with a capture of at most {LIKELY_UP_TO:g}, with "
            "which candidates rest; it goes on in that way, and ends at its last assessment sample even if less is "
            "captured. "
            f"For a race until all are decided: {until_decided(run.manifest, str(run.path))}"
        )
