"""Choosing from what was measured: which selector decides, and whether anything is chosen at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from icon.errors import ConfigError, RunError
from icon.pipeline._alone import scores_of
from icon.pipeline.planned import Choice, ChosenSelector, Planned
from icon.plugins import SelectionTask, StageProgressed
from icon.plugins.strategies import blamed
from icon.results.standing import Measured, best_carry, order_of, standing
from icon.runs.standing import Standing
from icon.samples.ids import ids_of
from icon.samples.places import Places
from icon.scorers.contributed import ids_without_score, scores_at
from icon.selection.decided import Decided
from icon.selection.received import selection_of
from icon.types import Contribution, Selection

NOT_DECIDED = "not decided: what was measured carries no choice"
"""The decision on every candidate in that case."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What became of the third stage.

    Attributes:
        selector: The selector that decided; None where nothing is chosen.
        selection: Its decisions; none is selected where nothing is chosen.
        standing: Whether what was measured carries a choice.
    """

    selector: ChosenSelector | None
    selection: Selection
    standing: Standing


@dataclass(frozen=True, slots=True)
class Choosing:
    """Lets the selector decide, or nothing where what was measured carries no choice.

    Attributes:
        plan: What the run measured.
        choice: The settings of the selection.
        main: Contributions of the run's scorer, by candidate.
        found: What was measured, in numbers.
    """

    plan: Planned
    choice: Choice
    main: Mapping[str, Contribution]
    found: Measured

    def chosen(self) -> Chosen:
        """What is chosen.

        A selector that the user named is obeyed. `auto` takes the best where every candidate is scored, or enough are
        to capture enough by the best of them. Else it lets the classifier rank the pool and uses that where it is
        better than chance, whatever little that captures; else nothing is chosen.

        Raises:
            PluginError: The selector fails, or does not decide on every candidate.
            RunError: No candidate could be scored.
        """
        if not self.main:
            return self._nothing({})
        if not len(self._scores):
            first = next(iter(self.main.values()))  # in a race, something is always measured
            path = self.plan.main.run.path
            raise RunError(f"{path}: no candidate could be scored; the first failure: {first.reason}")
        if self.choice.config.selector != "auto":
            usable = len(self._scores) if self.found.race is not None else None
            return self._decided(self._selector(self.choice, usable), named=True)
        return self._decided(self._selector(self.choice)) if self.found.is_whole else self._automatic()

    def _automatic(self) -> Chosen:
        """What `auto` chooses where not every candidate is measured to the end."""
        if self.found.is_cut_short and order_of(self.found).fault:
            return self._nothing({})
        if best_carry(self.found):
            config = self.choice.config.model_copy(update={"selector": "top", "selector_options": {}})
            return self._decided(self._selector(Choice(config)))
        predicted = self._predicted() if self.found.tried < self.found.candidates else None
        if predicted is not None and predicted.standing.carries:
            return predicted
        return self._nothing({} if predicted is None else predicted.selection.quality)

    def _predicted(self) -> Chosen | None:
        """What the classifier chooses; None where too few candidates are scored for it to learn from."""
        chosen = self._selector(Choice(self.choice.config.model_copy(update={"selector": "classifier"})))
        if len(self._scores) < chosen.selector.fewest_scored:
            return None
        try:
            return self._decided(chosen)
        except ConfigError:  # too few of them are above or below its cut
            return None

    def _selector(self, choice: Choice, usable: int | None = None) -> ChosenSelector:
        plugins, every = self.plan.main.run.plugins, len(self.plan.candidates)
        return choice.selector(plugins, len(self.main), every, usable=usable)

    def _decided(self, chosen: ChosenSelector, *, named: bool = False) -> Chosen:
        """The decisions of a selector, and whether they are carried."""
        run = self.plan.main.run
        with blamed(run.plugins.get("selector", chosen.name), "selector", "raised"):
            selection: object = chosen.selector.select(self._task(chosen))
        checked = selection_of(chosen.selector, self.plan.candidates, selection)
        decided = Decided.of(checked.decisions)
        scores = scores_at(self.main, Places(decided.ids), len(decided))
        outside = bool((decided.selected & np.isnan(scores)).any())
        return Chosen(chosen, checked, standing(self.found, checked.quality, named=named, outside=outside))

    def _nothing(self, quality: Mapping[str, object]) -> Chosen:
        """Nothing is chosen: every candidate has a decision that says so, and the figures of a prediction are kept."""
        ids = ids_of(self.plan.candidates)
        none = np.zeros(len(ids), dtype=np.int64)
        decisions = Decided(ids, none > 0, none, lambda places: [NOT_DECIDED] * len(places))
        return Chosen(None, Selection(decisions, quality), standing(self.found, quality))

    def _task(self, chosen: ChosenSelector) -> SelectionTask:
        run, config = self.plan.main.run, self.choice.config
        return SelectionTask(
            self.plan.candidates,
            self._scores,
            config.keep_amount,
            config.seed,
            self.plan.main.model.backend if chosen.selector.needs_backend else None,
            lambda *progress: run.emit(StageProgressed(*progress)),
            len(self.main),
            ids_without_score(self.main),
            self.plan.narrowed,
        )

    @property
    def _scores(self) -> Mapping[str, float]:
        """The score of each candidate that has one, by id."""
        return scores_of(self.main)
