"""Scorer `icon`: the in-context contribution of a candidate (METHOD: stage 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from icon.errors import InputError, TemplateError
from icon.plugins import Contexts, ScoringTask
from icon.scorers import formulas
from icon.scorers._bank import BankControl
from icon.scorers._control import PairedControl
from icon.scorers.options import IconOptions
from icon.scorers.passes import Outcome, score_pairs
from icon.scorers.rendering import Rendered, TooLong, render_demonstration, render_target
from icon.types import Measurement, Sample, Status, Target

FloatArray = NDArray[np.float64]


class IconScorer:
    """Puts each candidate in front of every assessment sample and measures how much better it is predicted.

    Args:
        options: Control, how the length of a paired one is matched, and what candidates are ranked by.
    """

    needs_backend = True
    shares_passes = True
    needs_assessment = True

    def __init__(self, options: IconOptions) -> None:
        self.options = options
        self.column: Literal["c", "log_gain"] = "log_gain" if options.rank_by == "log-gain" else "c"
        self.mean_of_column = options.rank_by != "trimmed-mean"
        self._control: BankControl | PairedControl | None = None

    def prepare(self, task: ScoringTask, finished: Sequence[Measurement]) -> list[Measurement]:
        """Render the assessment set and make the baseline passes, NLL(S_i).

        Raises:
            InputError: Assessment samples that cannot be scored at all, all of them told at once.
        """
        self.task = task
        self.targets, self.notes = _render_assessment(task)
        self._control = self._make_control(task, self.targets)
        known = {each.assessment: each for each in finished}
        if known.keys() == {sample.id for sample in task.assessment}:
            baseline = [known[sample.id] for sample in task.assessment]
        else:
            baseline = self._baseline()
        self.baseline_nll = [each.nll for each in baseline]
        return baseline

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """c_ij and log-gain of each candidate on every assessment sample."""
        for candidate in candidates:
            try:
                demonstration = render_demonstration(candidate, self.task)
            except (TemplateError, TooLong) as error:
                status = Status.TOO_LONG if isinstance(error, TooLong) else Status.FAILED
                yield [Measurement(candidate.id, status=status, reason=str(error))]
                continue
            given = score_pairs(candidate.id, demonstration.text, self.task, self.targets)
            control = self._behind_random(demonstration)
            yield [
                self._pair(candidate.id, i, given[i], control[i] if control else None, demonstration.note)
                for i in range(len(self.targets))
            ]

    def compared_with(self, task: ScoringTask, candidates: Sequence[Sample]) -> Iterator[Sequence[Contexts]]:
        """The random contexts behind each demonstration's control, for each assessment sample.

        Raises:
            InputError: An assessment sample cannot be used as it is.
            TemplateError: The template cannot render a candidate.
            TooLong: A candidate is beyond the limit and the run does not truncate.
        """
        targets, _ = _render_assessment(task)
        control = self._make_control(task, targets)
        for candidate in candidates:
            demonstration = render_demonstration(candidate, task)
            if isinstance(control, PairedControl):
                yield control.contexts(demonstration.n_tokens, len(demonstration.text))
            else:
                yield control.contexts(demonstration.n_tokens) if control else [[(1.0, "")] for _ in targets]

    def score(self, c: FloatArray, log_gain: FloatArray, value: FloatArray) -> float:
        """The contribution of T_j, its mean log-gain, or its trimmed mean, as the options say."""
        if self.options.rank_by == "log-gain":
            return float(np.mean(log_gain))
        return formulas.trimmed_mean(c) if self.options.rank_by == "trimmed-mean" else float(np.mean(c))

    def _baseline(self) -> list[Measurement]:
        results = score_pairs("", "", self.task, self.targets)
        pairs = list(zip(self.task.assessment, results, strict=True))
        if faults := [f"  {sample.id}: {got.status}: {got.reason}" for sample, got in pairs if got.status != Status.OK]:
            raise InputError("\n".join(["assessment samples that the model cannot score:", *faults]))
        return [
            Measurement("", sample.id, nll=got.nll, n_tokens=got.n_tokens, reason=note)
            for (sample, got), note in zip(pairs, self.notes, strict=True)
        ]

    def _make_control(self, task: ScoringTask, targets: Sequence[Target]) -> BankControl | PairedControl | None:
        if self.options.control == "none":
            return None
        if self.options.control == "paired":
            return PairedControl(task, targets, self.options.match)
        return BankControl(task, targets)

    def _behind_random(self, demonstration: Rendered) -> list[Outcome] | None:
        """The outcomes behind random contexts that the demonstration is compared with."""
        if isinstance(self._control, PairedControl):
            return self._control.at(demonstration.n_tokens, len(demonstration.text))
        return self._control.at(demonstration.n_tokens) if self._control else None

    def _pair(self, candidate: str, i: int, given: Outcome, control: Outcome | None, note: str) -> Measurement:
        sample = self.task.assessment[i]
        for what, got in (("demonstration", given), ("random context", control)):
            if got is not None and got.status != Status.OK:
                return Measurement(candidate, sample.id, status=got.status, reason=f"behind its {what}: {got.reason}")
        baseline = self.baseline_nll[i]
        assert baseline is not None
        against = baseline if control is None else control.nll
        return Measurement(
            candidate,
            sample.id,
            nll=given.nll,
            nll_random=None if control is None else control.nll,
            n_tokens=given.n_tokens,
            c=formulas.task_contribution(given.nll, against, baseline),
            log_gain=formulas.log_gain(given.nll, against),
            reason=note,
        )


def _render_assessment(task: ScoringTask) -> tuple[list[Target], list[str]]:
    """The targets, and what was cut from each."""
    targets, notes, faults = [], [], []
    for sample in task.assessment:
        try:
            target, note = render_target(sample, task)
            targets.append(target)
            notes.append(note)
        except (TooLong, TemplateError) as error:
            faults.append(f"  {sample.id} (row {sample.row}): {error}")
    if faults:
        raise InputError("\n".join(["assessment samples that cannot be used as they are:", *faults]))
    return targets, notes
