"""The plan of stage 2, candidates in parts, and the loop that measures them part by part."""

from __future__ import annotations

import random
import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Protocol

import numpy as np

from icon.pipeline.executors.driving import Hands
from icon.plugins import Block, PartTask
from icon.runs.parts import rows_of
from icon.samples.places import Places
from icon.samples.pool_samples import PoolSamples
from icon.types import Measurement, Sample

URL = re.compile(r"https?://|www\.", re.IGNORECASE)

TOKENS_PER_PART = 5_000
"""Size of a part, and so about how much a killed run does again: some ten seconds on a laptop with a small model."""

LARGEST_PART = 64
"""Most candidates of a part, however short the assessment set."""

SHARED = "shared"
"""Label of the part with what all candidates share; see `icon.runs.parts.SHARED`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The work of stage 2: the candidates in scoring order, cut into parts.

    Attributes:
        parts: Candidates of each part; the same settings always give the same parts.
    """

    parts: tuple[Sequence[Sample], ...]


def draw_subset(candidates: Sequence[Sample], *, subset: int | None, seed: int, skip_urls: bool) -> PoolSamples:
    """The candidates to score, in a random order that depends on the seed and their ids, not on the pool's order.

    So every prefix of it is a random sample, and a larger subset with the same seed contains a smaller one.
    """
    usable = PoolSamples.of(candidates)
    if skip_urls:
        kept = [number for number, sample in enumerate(usable) if not URL.search(sample.prompt_text)]
        usable = usable.take(np.array(kept, np.int64))
    order = array("q", Places(usable.ids).in_order.tobytes())
    random.Random(seed).shuffle(order)
    return usable.take(np.frombuffer(order, np.int64)[:subset] if order else np.empty(0, np.int64))


def make_plan(
    candidates: Sequence[Sample],
    assessment: Sequence[Sample],
    tokens_per_part: int | None = None,
    *,
    as_contexts: bool = False,
    growing: bool = False,
) -> Plan:
    """Cut the candidates into parts of about `tokens_per_part` tokens, by default `TOKENS_PER_PART`.

    A token counts as four characters. A candidate costs its own tokens and, with its control, twice those of the
    assessment set.

    Args:
        candidates: The candidates, in scoring order.
        assessment: The assessment samples that they are measured on.
        tokens_per_part: Tokens of a part.
        as_contexts: Whether the assessment samples are the contexts: then a candidate costs its own tokens once
            for each of them, and once more. Each part reads the contexts anew, so by default it is large enough for
            them to be about a tenth of it.
        growing: Whether the first part is one candidate, and the next ones at most a quarter of all before them: then
            little is lost where time is up within a part, however slow the machine is.
    """
    own = int(PoolSamples.of(candidates).chars.sum(dtype=np.int64)) / max(1, len(candidates))
    of_assessment = sum(len(sample.text) for sample in assessment)
    tokens = (own * (1 + len(assessment)) if as_contexts else own + 2 * of_assessment) / 4
    usual = max(TOKENS_PER_PART, 10 * of_assessment / 4) if as_contexts else TOKENS_PER_PART
    size = min(LARGEST_PART, max(1, int((tokens_per_part or usual) / max(1.0, tokens))))
    parts: list[Sequence[Sample]] = []
    start = 0
    while start < len(candidates):
        end = start + (min(size, max(1, start // 4)) if growing else size)
        parts.append(cut(candidates, start, end))
        start = end
    return Plan(tuple(parts))


def cut(candidates: Sequence[Sample], start: int, end: int) -> Sequence[Sample]:
    """A part: its candidates, or where their texts are not in memory, a view that reads them when it is measured."""
    part = candidates[start:end]
    return part if isinstance(part, PoolSamples) and not part.is_held else tuple(part)


@dataclass(frozen=True, slots=True)
class Share:
    """The parts that one of several processes measures: those with number % count == index."""

    index: int = 0
    count: int = 1

    def holds(self, number: int) -> bool:
        """Whether the part with that number belongs to the share."""
        return number % self.count == self.index

    def __str__(self) -> str:
        return f"{self.index + 1}/{self.count}"


WHOLE = Share()
"""Every part: the share of a single process."""


def _nothing(*_: object) -> None:
    """No-op callback."""


def _always(_: Sequence[Sample]) -> bool:
    """Allows every part: there is no budget."""
    return True


@dataclass(frozen=True, slots=True)
class Watch:
    """Callbacks while a plan is measured, one of which may stop it.

    Attributes:
        on_candidate: Called after each candidate.
        on_part: Called with the candidates of a part that is stored.
        allows: Whether the part with these candidates may be begun; the first False ends the measuring.
        before_part: Called before a part is stored; raises where that is not possible any more.
    """

    on_candidate: Callable[[Sample], None] = _nothing
    on_part: Callable[[Sequence[Sample]], None] = _nothing
    allows: Callable[[Sequence[Sample]], bool] = _always
    before_part: Callable[[], None] = _nothing


class Store(Protocol):
    """Stores finished parts by label."""

    def put(self, label: str, data: bytes) -> object:
        """Store the bytes of a part."""
        ...


def label_of(number: int) -> str:
    """Label of the part with that number."""
    return f"{number:06d}"


def is_finished(plan: Plan, finished: Mapping[str, Sequence[Measurement]], share: Share = WHOLE) -> bool:
    """Whether every part of the share is finished."""
    return all(label_of(number) in finished for number in range(len(plan.parts)) if share.holds(number))


def measure_plan(
    plan: Plan,
    block: Block,
    hands: Hands,
    store: Store,
    finished: Mapping[str, Sequence[Measurement]],
    watch: Watch,
    share: Share = WHOLE,
) -> Sequence[Measurement]:
    """Measure the unfinished parts of a share, and store each when it is finished.

    Args:
        plan: The candidates, in parts.
        block: The scorer and its assessment samples.
        hands: Who measures.
        store: Stores the parts.
        finished: Parts that an earlier start of this run stored, by label.
        watch: Callbacks.
        share: The parts that this process measures.

    Returns:
        The measurements that all candidates share, where they were needed or are stored.
    """
    pending = [(label_of(n), part) for n, part in enumerate(plan.parts) if share.holds(n)]
    pending = [(label, part) for label, part in pending if label not in finished]
    shared = finished.get(SHARED, ())
    if not pending or not watch.allows(pending[0][1]):
        return shared
    if SHARED not in finished:
        shared = _share(block, hands, store, watch)
    block, by_label = replace(block, shared=tuple(shared)), dict(pending)
    allowed = takewhile(lambda labelled: watch.allows(labelled[1]), pending)
    tasks = (PartTask(label, tuple(part)) for label, part in allowed)
    for result in hands.measure(block, tasks, watch.on_candidate):
        watch.before_part()
        store.put(result.label, result.data)
        watch.on_part(by_label.pop(result.label))
    return shared


def _share(block: Block, hands: Hands, store: Store, watch: Watch) -> Sequence[Measurement]:
    """Make the measurements that all candidates share, and store them where there are any."""
    shared: Sequence[Measurement] = ()
    for result in hands.measure(block, [PartTask(SHARED, kind="shared")], watch.on_candidate):
        if result.data:
            watch.before_part()
            store.put(SHARED, result.data)
            shared = rows_of(result.data)
    return shared
