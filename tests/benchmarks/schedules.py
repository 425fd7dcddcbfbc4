"""Ways to spend measurements on the judging matrix: every pair, a uniform part, halving, and races."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from judging import FloatArray, Judging

from icon.pipeline.schedule import LIKELY_UP_TO
from icon.scorers.racing import (
    FIRST,
    FIRST_LOOK,
    Ended,
    Leaving,
    Look,
    Rules,
    Slice,
    estimate,
    fewest_samples,
    run_race,
)
from icon.types import Measurement, Message, Sample

KEEP = 0.15


@dataclass(frozen=True)
class Choice:
    """What a schedule chose, and what it read for it.

    Attributes:
        chosen: Places of the chosen candidates.
        pairs: Pairs measured.
        tokens: Tokens read, the bank included.
        reliability: Share of the scores' variance that is known, as the schedule itself estimates it.
        capture: Captured gain that the schedule expects, relative to the exact choice.
        again: Tokens of contexts that an earlier slice read, too.
        looks: For each look of a race: the look, and which candidates had been measured on all samples so far.
    """

    chosen: list[int]
    pairs: int
    tokens: int
    reliability: float
    capture: float | None = None
    looks: Sequence[Look] = ()
    again: int = 0


Schedule = Callable[[Judging, FloatArray, list[int], int], Choice]
"""From the matrix, the contributions, the tasks to choose by in their order, and a seed, to a choice."""


def keep_of(n: int) -> int:
    """How many of n candidates are kept."""
    return round(KEEP * n)


def exact(judging: Judging, c: FloatArray, tasks: list[int], seed: int) -> Choice:
    """Every candidate on every sample."""
    return uniform(len(tasks))(judging, c, tasks, seed)


def uniform(size: int) -> Schedule:
    """Every candidate on the first samples, ranked by the plain mean."""

    def run(judging: Judging, c: FloatArray, tasks: list[int], seed: int) -> Choice:
        everyone = list(range(len(c)))
        part = c[:, tasks[:size]]
        chosen = np.argsort(-part.mean(axis=1), kind="stable")[: keep_of(len(c))]
        known = estimate(part, len(tasks)).reliability
        return Choice(chosen.tolist(), part.size, judging.tokens(everyone, tasks[:size]), known)

    return run


def halving(first: int) -> Schedule:
    """Successive halving: the better half goes on to twice as many samples, until as many are left as are kept."""

    def run(judging: Judging, c: FloatArray, tasks: list[int], seed: int) -> Choice:
        active, start, end, pairs, tokens = list(range(len(c))), 0, first, 0, 0
        keep = keep_of(len(c))
        while True:
            part = tasks[start:end]
            pairs += len(active) * len(part)
            tokens += judging.tokens(active, part)
            means = c[np.ix_(active, tasks[:end])].mean(axis=1)
            order = [active[each] for each in np.argsort(-means, kind="stable")]
            if end >= len(tasks) or len(active) <= keep:
                return Choice(order[:keep], pairs, tokens, float("nan"))
            active, start, end = order[: max(keep, len(active) // 2)], end, min(len(tasks), 2 * end)

    return run


def race(
    capture: float,
    *,
    informative: bool = False,
    stops: bool = True,
    leaving: Leaving | None = None,
    fewest: int | None = None,
) -> Schedule:
    """As `icon run --schedule race` goes: the library's own race on stored measurements; `fewest` as a run has it."""
    leaving = leaving or ("likely" if stops and capture <= LIKELY_UP_TO else "certain")
    first = FIRST_LOOK if leaving == "likely" else FIRST

    def run(judging: Judging, c: FloatArray, tasks: list[int], seed: int) -> Choice:
        candidates = [_named(place, "") for place in range(len(c))]
        samples = [_named(place, "x" * int(judging.task_tokens[place])) for place in tasks]
        least = fewest or (fewest_in(judging, tasks) if leaving == "certain" and stops else 1)
        rules = Rules(keep_of(len(c)), first, capture, 0.95, stops, seed, informative, leaving, least)
        tokens = again = 0

        def take(part: Slice) -> tuple[list[Measurement], None]:
            nonlocal tokens, again
            active = [each.row for each in part.candidates]
            tokens += judging.tokens(active, [each.row for each in part.samples])
            again += judging.contexts(active) if part.number else 0
            return [
                Measurement(each.id, task.id, c=float(c[each.row, task.row]))
                for each in part.candidates
                for task in part.samples
            ], None

        looks: list[Look] = []
        outcome = run_race(candidates, samples, rules, take, on_look=looks.append)
        chosen = [int(id_) for id_, is_chosen in zip(outcome.candidates, outcome.look.chosen, strict=True) if is_chosen]
        known = outcome.look.estimates.reliability
        return Choice(chosen, int(outcome.path[-1].pairs), tokens, known, outcome.look.capture, looks, again)

    return run


def fewest_in(judging: Judging, tasks: list[int]) -> int:
    """Fewest samples of a slice, in tokens where a run takes characters."""
    return fewest_samples(judging.lengths, judging.task_tokens[tasks].tolist())


def budgeted(budget: int, capture: float = 0.99) -> Schedule:
    """A race that ends where the next candidate would read more than so many tokens: `icon run --budget`."""

    def run(judging: Judging, c: FloatArray, tasks: list[int], seed: int) -> Choice:
        candidates = [_named(int(place), "") for place in np.random.default_rng(seed).permutation(len(c))]
        samples = [_named(place, "") for place in tasks]
        leaving: Leaving = "likely" if capture <= LIKELY_UP_TO else "certain"
        rules = Rules(keep_of(len(c)), 1, capture, 0.95, stops=True, seed=seed, leaving=leaving)
        tokens = 0

        def take(part: Slice) -> tuple[list[Measurement], Ended | None]:
            nonlocal tokens
            places = [each.row for each in part.samples]
            everyone = [each.row for each in part.candidates]
            tokens += judging.tokens(everyone, places) - judging.tokens(everyone, places, bank=False)
            found: list[Measurement] = []
            for each in part.candidates:
                cost = judging.lengths[each.row] + int(judging.task_tokens[places].sum())
                if tokens + cost > budget:
                    return found, "budget"
                tokens += cost
                found += [Measurement(each.id, str(place), c=float(c[each.row, place])) for place in places]
            return found, None

        outcome = run_race(candidates, samples, rules, take)
        chosen = [int(id_) for id_, is_chosen in zip(outcome.candidates, outcome.look.chosen, strict=True) if is_chosen]
        known = outcome.look.estimates.reliability
        return Choice(chosen, int(outcome.path[-1].pairs), tokens, known, outcome.look.capture)

    return run


def _named(place: int, text: str) -> Sample:
    return Sample(str(place), place, (Message("user", text),), "")
