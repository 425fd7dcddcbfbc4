"""Scorer `reverse`: how much better a candidate's response is predicted with assessment samples in the context."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from icon.errors import InputError, TemplateError
from icon.plugins import ScoringTask
from icon.scorers.options import ReverseOptions
from icon.scorers.passes import Outcome, outcomes_given, response_outcomes
from icon.scorers.rendering import TooLong, render_demonstration, render_target
from icon.types import Measurement, Sample, Status

FloatArray = NDArray[np.float64]


class ReverseScorer:
    """Reverse gain and ratio (METHOD: the reverse direction), `icon` with the roles of its two sides exchanged.

        gain_ij  = NLL(T_j) - NLL(T_j given C_i), nats per token
        ratio_ij = gain_ij / NLL(T_j)

    C_i is the context of assessment sample S_i: `shots - 1` companions, drawn for it by the seed, and then S_i, each
    rendered as a demonstration. All candidates share the contexts, so many candidates are the targets of one backend
    call, which reads its context once: with k contexts a candidate costs k + 1 passes over its own text.

    A candidate has one row per assessment sample, as with `icon`, whose `value` is the score's summand, so a single row
    can be measured again by itself. By default candidates are then compared within strata of length, by ranks without a
    standard error. As measured, or at equal length by least squares, it is a mean over assessment samples, with a
    standard error, and can be raced. A race saves little as long as the contexts are as few as by default; with
    `contexts` of 32 or more it begins with two of them.

    Args:
        options: How many contexts, how many samples in each, and gain or ratio.
    """

    needs_backend = True
    needs_assessment = True
    mean_of_column = True
    column: Literal["value"] = "value"
    equal_length: Literal["strata"] = "strata"
    first_slice = 2

    def __init__(self, options: ReverseOptions) -> None:
        self.options = options
        self.most_samples = options.contexts

    def prepare(self, task: ScoringTask, finished: Sequence[Measurement]) -> list[Measurement]:
        """Render the contexts; nothing is scored.

        Returns:
            A row without numbers per context, whose reason says what was cut from its samples.

        Raises:
            InputError: Assessment samples cannot be rendered, or are fewer than the shots; the message lists them.
        """
        self.task = task
        whole = task.whole or task.assessment
        if len(whole) < self.options.shots:
            raise InputError(
                f"scorer reverse: shots {self.options.shots}: found {len(whole)} assessment samples; valid: at least "
                f"as many as shots. Lower it with -o scorer.shots={len(whole)}, or give more assessment samples"
            )
        contexts = [self._context(sample, whole) for sample in task.assessment]
        if faults := [f"  {fault}" for _, _, own in contexts for fault in own]:
            message = "assessment samples that cannot be used as they are:"
            raise InputError("\n".join([message, *dict.fromkeys(faults)]))
        self._contexts = [text for text, _, _ in contexts]
        notes = zip(task.assessment, contexts, strict=True)
        return [Measurement("", sample.id, reason=note) for sample, (_, note, _) in notes]

    def measure(self, candidates: Sequence[Sample]) -> Iterator[list[Measurement]]:
        """Gain and value of each candidate under every context, from one backend call per context for all of them."""
        bare = response_outcomes(candidates, self.task)
        readable = [place for place, own in enumerate(bare) if own.status == Status.OK]
        targets = [render_target(candidates[place], self.task)[0] for place in readable]
        given = [outcomes_given(context, targets, self.task) for context in self._contexts]
        columns = {place: [outcomes[column] for outcomes in given] for column, place in enumerate(readable)}
        for place, (candidate, own) in enumerate(zip(candidates, bare, strict=True)):
            if place not in columns:
                yield [Measurement(candidate.id, status=own.status, reason=own.reason)]
            else:
                pairs = zip(self.task.assessment, columns[place], strict=True)
                yield [self._row(candidate.id, sample.id, own, outcome) for sample, outcome in pairs]

    def score(self, c: FloatArray, log_gain: FloatArray, value: FloatArray) -> float:
        """The mean ratio or gain over the contexts."""
        return float(np.mean(value))

    def own_response(self, row: Measurement) -> Measurement:
        """NLL(y given x) of a row's candidate, as `ScoringTask.known` has it; see `icon.plugins.ContextScorer`."""
        return Measurement(
            row.candidate,
            nll=row.nll_random,
            n_tokens=row.n_tokens,
            first=row.first_random,
            second=row.second_random,
            reason=row.reason,
        )

    def _context(self, sample: Sample, whole: Sequence[Sample]) -> tuple[str, str, list[str]]:
        """The text of a sample's context, what was cut from it, and why it cannot be rendered."""
        texts, notes, faults = [], [], []
        for shot in (*companions(sample, whole, self.options.shots - 1, self.task.seed), sample):
            try:
                rendered = render_demonstration(shot, self.task)
            except (TooLong, TemplateError) as error:
                faults.append(f"{shot.id} (row {shot.row}): {error}")
                continue
            texts.append(rendered.text)
            if rendered.note:
                notes.append(rendered.note)
        return "".join(texts), "; ".join(notes), faults

    def _row(self, candidate: str, context: str, bare: Outcome, given: Outcome) -> Measurement:
        if given.status != Status.OK:
            reason = f"conditioned on assessment samples: {given.reason}"
            return Measurement(candidate, context, status=given.status, reason=reason)
        gain = bare.nll - given.nll
        if self.options.measure == "ratio" and bare.nll <= 0:
            reason = "no ratio: NLL(y given x) is 0, so nothing can make the response more likely"
            return Measurement(candidate, context, status=Status.NOT_FINITE, reason=reason)
        return Measurement(
            candidate,
            context,
            nll=given.nll,
            nll_random=bare.nll,
            n_tokens=given.n_tokens,
            log_gain=gain,
            value=gain / bare.nll if self.options.measure == "ratio" else gain,
            first=given.first,
            second=given.second,
            first_random=bare.first,
            second_random=bare.second,
            reason=bare.reason,
        )


def companions(sample: Sample, whole: Sequence[Sample], number: int, seed: int) -> list[Sample]:
    """The samples that share a context with this one: a seeded draw that depends on their ids, not on their order.

    Args:
        sample: The assessment sample that the context is for.
        whole: The whole assessment set.
        number: How many.
        seed: Seed of the run.
    """

    def place(other: Sample) -> bytes:
        return blake2b(f"{seed}/{sample.id}/{other.id}".encode(), digest_size=16).digest()

    return sorted((other for other in whole if other.id != sample.id), key=place)[:number]
