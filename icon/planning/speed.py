"""How fast this machine scores with this model: a short measurement on the run's own texts."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from icon.contribution.cost import Costs
from icon.contribution.rendering import TooLong, backend_of, render_demonstration, render_target
from icon.errors import BackendError, TemplateError
from icon.protocols import ScoringTask
from icon.types import Sample, Status, Target, TokenLogProbs

SECONDS = 10.0
SMALL = 8
"""A call that takes less than this part of the seconds is followed by one with twice the targets."""


@dataclass(frozen=True, slots=True)
class Speed:
    """What was measured.

    Attributes:
        tokens: Tokens read, counted as `Costs` counts them.
        seconds: How long they took.
    """

    tokens: int
    seconds: float

    @property
    def tokens_per_second(self) -> float:
        """Tokens a second."""
        return self.tokens / self.seconds


def measure_speed(
    task: ScoringTask,
    costs: Costs,
    candidates: Sequence[Sample],
    most: int,
    *,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.perf_counter,
) -> Speed:
    """Score candidates of the run in front of its assessment samples for about so many seconds.

    It begins with one sample behind a candidate and takes twice as many while that goes quickly, since few targets
    behind a context are slower a token than many; only the calls of the last size count, the first call never where
    there is another.

    Args:
        task: Backend, template, assessment set and limits.
        costs: Counts the tokens.
        candidates: The candidates, in the order in which they are scored; used again where they are few.
        most: The largest number of samples behind a candidate that the run asks for at once.
        seconds: How long to measure, about.
        clock: Seconds now.

    Raises:
        BackendError: Nothing could be scored.
    """
    demonstrations = [(each, text) for each in candidates if (text := _demonstration(each, task)) is not None]
    pairs = [(each, target) for each in task.assessment if (target := _target(each, task)) is not None]
    if not demonstrations or not pairs:
        raise BackendError("no pair of this run can be rendered within its limits, so no speed can be measured")
    size, spent, counted, place = 1, 0.0, Speed(0, 0.0), 0
    for call, (candidate, text) in enumerate(itertools.cycle(demonstrations)):
        chosen = [pairs[(place + step) % len(pairs)] for step in range(size)]
        place += size
        start = clock()
        _score(task, text, [target for _, target in chosen])
        took = clock() - start
        spent += took
        tokens = costs.pairs([candidate], [sample for sample, _ in chosen]).tokens
        counted = Speed(counted.tokens + tokens, counted.seconds + took) if call else Speed(tokens, took)
        if spent >= seconds:
            return counted
        if call == 0 or (took < seconds / SMALL and size < min(most, len(pairs))):
            size = min(2 * size, most, len(pairs)) if took < seconds / SMALL else size
            counted = Speed(0, 0.0)
    raise AssertionError("a cycle of demonstrations does not end")


def measure_alone(
    task: ScoringTask, costs: Costs, candidates: Sequence[Sample], clock: Callable[[], float] = time.perf_counter
) -> Speed:
    """The same for responses behind their own prompts, for scorers without an assessment set."""
    own = [(each, target) for each in candidates[:8] if (target := _target(each, task)) is not None]
    if not own:
        raise BackendError("no candidate of this run can be rendered within its limits, so no speed can be measured")
    _score(task, "", [own[0][1]])
    start = clock()
    _score(task, "", [target for _, target in own])
    return Speed(costs.alone([each for each, _ in own]).tokens, clock() - start)


def _score(task: ScoringTask, context: str, targets: Sequence[Target]) -> Sequence[TokenLogProbs]:
    results = backend_of(task).score(context, targets)
    if all(each.status != Status.OK for each in results):
        raise BackendError(f"the model could not score a pair of this run: {results[0].reason}")
    return results


def _demonstration(candidate: Sample, task: ScoringTask) -> str | None:
    try:
        return render_demonstration(candidate, task).text
    except (TemplateError, TooLong):
        return None


def _target(sample: Sample, task: ScoringTask) -> Target | None:
    try:
        return render_target(sample, task)[0]
    except (TemplateError, TooLong):
        return None
