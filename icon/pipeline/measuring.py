"""Which candidates are measured, in which order and parts, and the loop that measures them part by part."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from traceback import extract_tb
from typing import Protocol

from icon.errors import IconError, PluginError
from icon.plugins import ContributionScorer, ScoringTask
from icon.types import Measurement, Sample

URL = re.compile(r"https?://|www\.", re.IGNORECASE)

TOKENS_A_PART = 5_000
"""About how much a killed run has to do again: some ten seconds on a laptop with a small model."""

LARGEST_PART = 64
"""Most candidates of a part, however short the assessment set."""

SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Plan:
    """What stage 2 does: the candidates in scoring order, cut into parts.

    Attributes:
        parts: Candidates of each part; the same settings always give the same parts.
    """

    parts: tuple[tuple[Sample, ...], ...]


def draw_subset(candidates: Sequence[Sample], *, subset: int | None, seed: int, skip_urls: bool) -> list[Sample]:
    """The candidates to score, in a random order that depends on the seed and their ids, not on the pool's order.

    So any beginning of it is a random sample, and a larger subset of the same seed contains the smaller one.
    """
    usable = [each for each in candidates if not (skip_urls and URL.search(each.prompt_text))]
    order = sorted(usable, key=lambda each: each.id)
    random.Random(seed).shuffle(order)
    return order if subset is None else order[:subset]


def make_plan(candidates: Sequence[Sample], assessment: Sequence[Sample], tokens_a_part: int | None = None) -> Plan:
    """Cut the candidates into parts of about so many tokens, `TOKENS_A_PART` unless told; four characters count as one.

    A candidate is read itself, and in front of the assessment set twice, its control included.
    """
    own = sum(len(each.text) for each in candidates) / max(1, len(candidates))
    tokens = (own + 2 * sum(len(each.text) for each in assessment)) / 4
    size = min(LARGEST_PART, max(1, int((tokens_a_part or TOKENS_A_PART) / max(1.0, tokens))))
    return Plan(tuple(tuple(candidates[start : start + size]) for start in range(0, len(candidates), size)))


@dataclass(frozen=True, slots=True)
class Share:
    """The parts that one of several processes measures: those whose number is `index` modulo `count`."""

    index: int = 0
    count: int = 1

    def holds(self, number: int) -> bool:
        """Whether the part of that number belongs to it."""
        return number % self.count == self.index

    def __str__(self) -> str:
        return f"{self.index + 1}/{self.count}"


WHOLE = Share()


def _nothing(*_: object) -> None:
    """Nobody watches."""


def _always(_: Sequence[Sample]) -> bool:
    """There is no budget to keep."""
    return True


@dataclass(frozen=True, slots=True)
class Watch:
    """What is told while a plan is measured, and who may stop it.

    Attributes:
        on_candidate: Called after each candidate.
        on_shared: Called once the measurements that all candidates share are kept.
        on_part: Called with the candidates of a part that is kept.
        allows: Whether the part with these candidates may be begun; after the first that may not, none is.
    """

    on_candidate: Callable[[Sample], None] = _nothing
    on_shared: Callable[[], None] = _nothing
    on_part: Callable[[Sequence[Sample]], None] = _nothing
    allows: Callable[[Sequence[Sample]], bool] = _always


class Store(Protocol):
    """Keeps finished parts by label."""

    def write(self, label: str, measurements: Sequence[Measurement]) -> object:
        """Keep a part for good."""
        ...


def label_of(number: int) -> str:
    """Label of a plan's part."""
    return f"{number:06d}"


def is_finished(plan: Plan, finished: Mapping[str, Sequence[Measurement]], share: Share = WHOLE) -> bool:
    """Whether every part of the plan's share is there."""
    return all(label_of(number) in finished for number in range(len(plan.parts)) if share.holds(number))


def measure_plan(
    plan: Plan,
    scorer: ContributionScorer,
    task: ScoringTask,
    store: Store,
    finished: dict[str, list[Measurement]],
    watch: Watch,
    share: Share = WHOLE,
) -> dict[str, list[Measurement]]:
    """Measure the parts that are not finished yet and keep each as it comes.

    Args:
        plan: The candidates, in parts.
        scorer: Measures them.
        task: What it measures them with.
        store: Keeps the parts.
        finished: Parts an earlier start of this run kept, by label.
        watch: What is told, and who may stop it.
        share: Which parts are this process's to measure.

    Returns:
        The parts that were there and those measured now by label, the shared one included.
    """
    parts = dict(finished)
    pending = [(label_of(n), part) for n, part in enumerate(plan.parts) if share.holds(n) and label_of(n) not in parts]
    if not pending or not watch.allows(pending[0][1]):
        return parts
    shared = scorer.prepare(task, parts.get(SHARED, []))
    if shared and SHARED not in parts:
        store.write(SHARED, shared)
        parts[SHARED] = shared
    watch.on_shared()
    for label, part in takewhile(lambda labelled: watch.allows(labelled[1]), pending):
        measurements = _measure_part(part, scorer, watch.on_candidate)
        store.write(label, measurements)
        parts[label] = measurements
        watch.on_part(part)
    return parts


def _place_of(error: Exception, scorer: ContributionScorer) -> str:
    """What a scorer raised, and the file and line that raised it."""
    last = extract_tb(error.__traceback__)[-1]
    return f"scorer {type(scorer).__name__}: {last.filename}, line {last.lineno}: {type(error).__name__}: {error}"


def _measure_part(
    candidates: Sequence[Sample], scorer: ContributionScorer, on_candidate: Callable[[Sample], None]
) -> list[Measurement]:
    found: list[Measurement] = []
    measured = scorer.measure(candidates)
    for candidate in candidates:
        try:
            rows = next(measured, [])
        except IconError:
            raise
        except Exception as error:  # a plugin may raise anything: it is told with its place, and the run goes on later
            if type(scorer).__module__.startswith("icon."):
                raise
            raise PluginError(f"{_place_of(error, scorer)} on candidate {candidate.id}") from error
        if not rows or any(each.candidate != candidate.id for each in rows):
            name = type(scorer).__name__
            raise PluginError(
                f"scorer {name} did not measure candidate {candidate.id}; it must yield one list each, in order"
            )
        found.extend(rows)
        on_candidate(candidate)
    return found
