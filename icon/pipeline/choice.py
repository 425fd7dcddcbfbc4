"""How stage 3 is to choose: the selector with its options, and how much to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from icon.config import RunConfig
from icon.hooks.contract import built
from icon.protocols import Selector
from icon.runs.run import Run


@dataclass(frozen=True, slots=True)
class Choice:
    """How stage 3 is to choose.

    Attributes:
        config: The settings to choose by: those of the run, or others that `icon select` was given.
    """

    config: RunConfig

    def selector(
        self, run: Run, n_scored: int, n_candidates: int, *, usable: int | None = None
    ) -> tuple[str, Selector, Mapping[str, Any]]:
        """The selector by name, with its options; left open, top where every candidate is scored, else the classifier.

        Args:
            run: The run, which is told of another selector than was asked for.
            n_scored: How many candidates are measured, those that failed included.
            n_candidates: How many there are.
            usable: Of a race, how many of them have a score; top is taken where that is too few for the selector.
        """
        asked, options = self.config.selector, dict(self.config.selector_options)
        name = ("top" if n_scored >= n_candidates else "classifier") if asked == "auto" else asked
        selector: Selector = built(run.plugins.get("selector", name), options, Selector, "selector")
        if usable is not None and usable < selector.fewest_scored:
            run.warn(f"{usable} candidates are scored, too few for {name}: the best of them are selected")
            return "top", run.plugins.get("selector", "top").make({}), {}
        return name, selector, options
