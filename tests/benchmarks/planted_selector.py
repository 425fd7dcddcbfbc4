"""A plugin file with a selector that knows which candidates were spoilt: their group says so."""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal

from icon.plugins import Options, SelectionTask, Strategy, hookimpl
from icon.types import Decision, Sample, Selection

SOUND, SPOILT = "sound", "spoilt"
"""Groups of candidates."""


class PlantedOptions(Options):
    """Options of the selector `planted`."""

    first: Literal["sound", "spoilt", "any"] = SOUND


class PlantedSelector:
    """Keeps candidates of one group before the others, in a seeded order that says nothing of them."""

    needs_backend = False
    fewest_scored = 1

    def __init__(self, options: PlantedOptions) -> None:
        self.options = options

    def select(self, task: SelectionTask) -> Selection:
        """One decision per candidate, in the order given."""
        ranked = sorted(task.candidates, key=lambda one: (one.group != self.options.first, _draw(one, task.seed)))
        places = {one.id: place for place, one in enumerate(ranked, start=1)}
        kept = task.to_keep(len(ranked))
        decisions = [Decision(one.id, places[one.id] <= kept, places[one.id], "") for one in task.candidates]
        return Selection(decisions, {"n_selected": kept})


def _draw(sample: Sample, seed: int) -> bytes:
    return blake2b(f"planted/{seed}/{sample.id}".encode(), digest_size=16).digest()


@hookimpl
def icon_selectors() -> list[Strategy]:
    """The selector `planted`."""
    return [Strategy("planted", "knows which candidates were spoilt", PlantedSelector, PlantedOptions)]
