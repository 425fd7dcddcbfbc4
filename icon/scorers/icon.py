"""Scorer `icon`: the in-context contribution of a candidate (METHOD: stage 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from icon.errors import ConfigError, InputError, TemplateError
from icon.plugins import Contexts, ScoringTask
from icon.scorers import formulas
from icon.scorers._bank import BankControl
from icon.scorers._control import PairedControl
from icon.scorers._released import MASKED_TOKENS, ReleasedControl, masked
from icon.scorers.assessed import render_assessment
from icon.scorers.options import IconOptions
from icon.scorers.passes import Outcome, score_pairs
from icon.scorers.rendering import Rendered, TooLong, render_demonstration
from icon.types import Measurement, Sample, Status, Target

FloatArray = NDArray[np.float64]


Control = BankControl | PairedControl | ReleasedControl


class IconScorer:
    """Uses each candidate as demonstration for every assessment sample and measures how much better that is predicted.

    Args:
        options: The control, the unit in which a paired control is matched, whether the first response tokens are
            masked as the authors do, and what candidates are ranked by.
    """

    needs_backend = True
    shares_passes = True
    needs_assessment = True

    def __init__(self, options: IconOptions) -> None:
        self.options = options
        self.column: Literal["c", "log_gain"] = "log_gain" if options.rank_by == "log-gain" else "c"
        self.mean_of_column = options.rank_by != "trimmed-mean" and options.mask == "none"
        self._control: Control | None = None

    def prepare(self, task: ScoringTask, finished: Sequence[Measurement]) -> list[Measurement]:
        """Render the assessment set and make the baseline passes, NLL(S_i).

        Raises:
            InputError: Assessment samples cannot be scored; the message lists all of them.
            ConfigError: Tokens are skipped in all passes and masked in some.
        """
        if self.options.mask == "released" and task.skip_tokens:
            raise ConfigError(
                f"mask=released leaves {MASKED_TOKENS} tokens out of the in-context passes alone, and skip_tokens="
                f"{task.skip_tokens} out of every pass; valid: one of the two"
            )
        self.task = task
        self.targets, self.notes = render_assessment(task)
        self._control = self._make_control(task, self.targets)
        known = {row.assessment: row for row in finished}
        if known.keys() == {sample.id for sample in task.assessment}:
            baseline = [known[sample.id] for sample in task.assessment]
        else:
            baseline = self._baseline()
        self.baseline_nll = [row.nll for row in baseline]
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
            given = score_pairs(candidate.id, demonstration.text, self.task, self.targets, demonstration.beginning)
            control = self._control_outcomes(candidate.id, demonstration)
            rows = [
                self._pair(candidate.id, i, given[i], control[i] if control else None, demonstration.note)
                for i in range(len(self.targets))
            ]
            yield _with_tokens(rows, given, control) if control else rows

    def compared_with(self, task: ScoringTask, candidates: Sequence[Sample]) -> Iterator[Sequence[Contexts]]:
        """The random contexts that each demonstration is compared with, for each assessment sample.

        Raises:
            InputError: An assessment sample cannot be used as it is.
            TemplateError: The template cannot render a candidate.
            TooLong: A candidate is beyond the limit and the run does not truncate.
        """
        targets, _ = render_assessment(task)
        control = self._make_control(task, targets)
        for candidate in candidates:
            demonstration = render_demonstration(candidate, task)
            if isinstance(control, ReleasedControl):
                yield control.contexts(candidate.id, len(demonstration.text))
            elif isinstance(control, PairedControl):
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
        if faults := [f"  {sample.id}: {own.status}: {own.reason}" for sample, own in pairs if own.status != Status.OK]:
            raise InputError("\n".join(["assessment samples that the model cannot score:", *faults]))
        return [
            Measurement(
                "", sample.id, nll=own.nll, n_tokens=own.n_tokens, first=own.first, second=own.second, reason=note
            )
            for (sample, own), note in zip(pairs, self.notes, strict=True)
        ]

    def _make_control(self, task: ScoringTask, targets: Sequence[Target]) -> Control | None:
        if self.options.control == "none":
            return None
        if self.options.match == "released":
            return ReleasedControl(task, targets)
        if self.options.control == "paired":
            return PairedControl(task, targets, self.options.match)
        return BankControl(task, targets)

    def _control_outcomes(self, candidate: str, demonstration: Rendered) -> list[Outcome] | None:
        """The outcomes conditioned on random contexts, which the demonstration is compared with."""
        if isinstance(self._control, ReleasedControl):
            return self._control.at(candidate, len(demonstration.text))
        if isinstance(self._control, PairedControl):
            return self._control.at(demonstration.n_tokens, len(demonstration.text))
        return self._control.at(demonstration.n_tokens) if self._control else None

    def _pair(self, candidate: str, i: int, given: Outcome, control: Outcome | None, note: str) -> Measurement:
        sample = self.task.assessment[i]
        for what, outcome in (("demonstration", given), ("random context", control)):
            if outcome is not None and outcome.status != Status.OK:
                reason = f"conditioned on its {what}: {outcome.reason}"
                return Measurement(candidate, sample.id, status=outcome.status, reason=reason)
        baseline = self.baseline_nll[i]
        assert baseline is not None
        compared, reference = given.nll, baseline if control is None else control.nll
        if self.options.mask == "released" and control is not None:
            left, right = masked(given), masked(control)
            if fault := next((one for one in (left, right) if one.status != Status.OK), None):
                return Measurement(candidate, sample.id, status=fault.status, reason=fault.reason)
            compared, reference = left.nll, right.nll
        return Measurement(
            candidate,
            sample.id,
            nll=given.nll,
            nll_random=None if control is None else control.nll,
            n_tokens=given.n_tokens,
            c=formulas.task_contribution(compared, reference, baseline),
            log_gain=formulas.log_gain(compared, reference),
            first=given.first,
            second=given.second,
            first_random=None if control is None else control.first,
            second_random=None if control is None else control.second,
            reason=note,
        )


def _with_tokens(rows: list[Measurement], given: Sequence[Outcome], control: Sequence[Outcome]) -> list[Measurement]:
    """The rows of a candidate; those that it helped and hurt most have their tokens, which are what a report shows.

    Not where a pass is one that another scorer has measured, or one of a control that keeps no tokens.
    """
    sound = [place for place, row in enumerate(rows) if row.status == Status.OK]
    order = sorted(sound, key=lambda place: (-(rows[place].c or 0.0), rows[place].assessment or ""))
    for place in {*order[:1], *order[-1:]}:
        of_given, of_control = given[place].logprobs, control[place].logprobs
        if of_given is not None and of_control is not None:
            rows[place] = replace(rows[place], given=of_given, control=of_control)
    return rows
