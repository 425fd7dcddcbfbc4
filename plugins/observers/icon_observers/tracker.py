"""What a tracker of experiments does for a run of icon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Tracker(Protocol):
    """One client of a tracker; it is made when a run starts, and all its calls are in one thread, not the run's."""

    def begin(self, name: str, settings: Mapping[str, object]) -> None:
        """Begin a run of the tracker under this name, with the settings of icon's run."""
        ...

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Log figures at a step; steps count up from 0."""
        ...

    def end(self, status: str, figures: Mapping[str, float]) -> None:
        """End it: `status` is done, interrupted or failed, and the figures are those of the summary.

        After a call that raised, `begin` among them, it comes once more with `failed` and no figures.
        """
        ...


def flat(settings: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Settings with one level: those within others under names such as `scorer_options.control`."""
    found: dict[str, object] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found
