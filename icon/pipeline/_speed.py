"""Speed of scoring on this machine with this model: a short measurement on the run's own texts."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from icon.errors import BackendError, TemplateError
from icon.plugins import ScoringTask
from icon.scorers.cost import Costs
from icon.scorers.passes import score_given
from icon.scorers.rendering import TooLong, render_demonstration, render_target
from icon.types import Sample, Status, Target, TokenLogProbs

SECONDS = 10.0
"""About how long to measure."""
SMALL = 8
"""A call that takes less than 1/SMALL of the time is followed by one with twice the targets."""
TRIES = 16
"""Calls in a row without a single score after which measuring is given up."""
ALONE = 8
"""Number of responses, conditioned on their own prompts alone, that are measured at once."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens and the seconds they took.

    Attributes:
        tokens: Tokens evaluated, counted as `Costs` counts them.
        seconds: How long they took.
    """

    tokens: int
    seconds: float

    @property
    def tokens_per_second(self) -> float:
        """Tokens per second."""
        return self.tokens / self.seconds


def measure_speed(
    task: ScoringTask,
    costs: Costs,
    candidates: Sequence[Sample],
    most: int,
    *,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.perf_counter,
    note: Callable[[Sample, Sample, TokenLogProbs], None] = lambda candidate, sample, result: None,
) -> Speed:
    """Measure the speed of pairs: score assessment samples conditioned on candidates for about so many seconds.

    Few targets per context cost more time per token than many. So it begins with one sample per candidate, and doubles
    the number while the calls are short. Only calls of the last size count, and the first call only if it is the only
    one.

    Args:
        task: Backend, template, assessment set and limits.
        costs: Counts the tokens.
        candidates: The candidates in scoring order; repeated where they are few.
        most: The largest number of samples per candidate that the run scores at once.
        seconds: About how long to measure.
        clock: The current time in seconds.
        note: Called with each pair that is scored and its log-probabilities.

    Raises:
        BackendError: Nothing could be scored.
    """
    demonstrations = itertools.cycle(_readable(candidates, task))
    pairs = [(sample, target) for sample in task.assessment if (target := _target(sample, task)) is not None]
    size, spent, counted, place, calls, failed = 1, 0.0, Speed(0, 0.0), 0, 0, 0
    for candidate, text in demonstrations if pairs else ():
        chosen = [pairs[(place + step) % len(pairs)] for step in range(size)]
        place += size
        start = clock()
        results = score_given(text, [target for _, target in chosen], task)
        took = clock() - start
        spent += took
        scored = [sample for (sample, _), got in zip(chosen, results, strict=True) if got.status == Status.OK]
        for (sample, _), got in zip(chosen, results, strict=True):
            if got.status == Status.OK:
                note(candidate, sample, got)
        failed = 0 if scored else failed + 1
        if failed:
            if failed == TRIES or (spent >= seconds and not counted.tokens):
                raise _unscored(results)
            continue
        tokens = costs.pairs([candidate], scored).tokens
        counted = Speed(counted.tokens + tokens, counted.seconds + took) if calls else Speed(tokens, took)
        if spent >= seconds:
            return counted
        if calls == 0 or (took < seconds / SMALL and size < min(most, len(pairs))):
            size = min(2 * size, most, len(pairs)) if took < seconds / SMALL else size
            counted = Speed(0, 0.0)
        calls += 1
    raise BackendError("no pair of this run can be rendered within its limits, so no speed can be measured")


def measure_alone(
    task: ScoringTask, costs: Costs, candidates: Sequence[Sample], clock: Callable[[], float] = time.perf_counter
) -> Speed:
    """Measure the speed of responses conditioned on their own prompts alone, for scorers without an assessment set."""
    readable = ((sample, target) for sample in candidates if (target := _target(sample, task)) is not None)
    own = list(itertools.islice(readable, ALONE))
    if not own:
        raise BackendError("no candidate of this run can be rendered within its limits, so no speed can be measured")
    targets = [target for _, target in own]
    score_given("", targets[:1], task)  # the first call is slower
    start = clock()
    results = score_given("", targets, task)
    took = clock() - start
    scored = [sample for (sample, _), got in zip(own, results, strict=True) if got.status == Status.OK]
    if not scored:
        raise _unscored(results)
    return Speed(costs.alone(scored).tokens, took)


def _unscored(results: Sequence[TokenLogProbs]) -> BackendError:
    return BackendError(f"the model could not score a pair of this run: {results[0].reason}")


def _readable(candidates: Sequence[Sample], task: ScoringTask) -> Iterator[tuple[Sample, str]]:
    """The candidates that can be rendered, lazily: a few of a large pool are enough."""
    for candidate in candidates:
        with suppress(TemplateError, TooLong):
            yield candidate, render_demonstration(candidate, task).text


def _target(sample: Sample, task: ScoringTask) -> Target | None:
    try:
        return render_target(sample, task)[0]
    except (TemplateError, TooLong):
        return None
