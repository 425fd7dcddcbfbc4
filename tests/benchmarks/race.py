"""Times the torch backend and its rivals on the same pairs, and holds their numbers against each other."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import torch
from rivals import PREFILL_TOKENS, Request, harness, one_at_a_time, prefill, request
from transformers import AutoModelForCausalLM, AutoTokenizer
from workload import Workload

from icon.types import Status, TokenLogProbs
from icon_torch.backend import TorchBackend
from icon_torch.quiet import quiet

PREFILL, SHARED, ALONE = "plain prefill", "shared context", "one at a time"
Result = TypeVar("Result")


@dataclass(frozen=True)
class Times:
    """How long a way takes; tokens as it reads them, padding left out."""

    data: str
    what: str
    tokens: int
    seconds: float
    tokens_per_second: float
    pairs_per_second: float | None


@dataclass(frozen=True)
class Figure:
    """What follows from the times, or from the log-probabilities."""

    data: str
    what: str
    value: float


class Race:
    """The backend, its rivals, and what was measured."""

    def __init__(self, backend: TorchBackend, folder: Path, batch_sizes: list[int]) -> None:
        self.backend = backend
        with quiet():
            self.model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
            tokenizer = AutoTokenizer.from_pretrained(folder)
        ready = {f"HFLM, batches of {size}": harness(self.model, tokenizer, size) for size in batch_sizes}
        self.harnesses = {name: each for name, each in ready.items() if each is not None}
        self.times: list[Times] = []
        self.figures: list[Figure] = []

    def measure(self, work: Workload, repeats: int) -> None:
        """Time every way in turn, `repeats` times, and compare."""
        requests = [request(self.backend, context, each) for context in work.contexts for each in work.targets]
        self._warm(work, requests)
        seconds: dict[str, list[float]] = {}
        sums: dict[str, list[float]] = {}
        for _ in range(repeats):
            already, before = self.backend.tokens_evaluated, prefill(self.model)
            shared = _timed(seconds, SHARED, partial(self._shared, work))
            seconds.setdefault(PREFILL, []).append((before + prefill(self.model)) / 2)
            read = self.backend.tokens_evaluated - already
            alone = _timed(seconds, ALONE, partial(one_at_a_time, self.model, requests))
            for name, run in self.harnesses.items():
                sums[name] = _timed(seconds, name, partial(run, requests))
        whole = sum(each.n_read for each in requests)
        self._add_times(work, seconds, {PREFILL: PREFILL_TOKENS, SHARED: read}, whole, len(requests))
        self._add_ratios(work, seconds, read, whole)
        self._add(work, "largest difference of a token, shared and one at a time (nats)", _apart(shared, alone))
        if sums:
            totals = [[[each] for each in found] for found in sums.values()]
            apart = max(_apart([[sum(each)] for each in shared], found) for found in totals)
            self._add(work, "largest difference of a response's sum, shared and HFLM (nats)", apart)

    def _add_times(
        self, work: Workload, seconds: dict[str, list[float]], tokens: dict[str, int], whole: int, n_pairs: int
    ) -> None:
        for what in (PREFILL, SHARED, ALONE, *self.harnesses):
            middle, n = statistics.median(seconds[what]), tokens.get(what, whole)
            pairs = None if what == PREFILL else n_pairs / middle
            self.times.append(Times(work.name, what, n, middle, n / middle, pairs))

    def _add_ratios(self, work: Workload, seconds: dict[str, list[float]], read: int, whole: int) -> None:
        ratio, by_tokens = _ratio(seconds, ALONE, SHARED), whole / read
        self._add(work, "shared against one at a time", ratio)
        if self.harnesses:
            best = min(self.harnesses, key=lambda name: statistics.median(seconds[name]))
            self._add(work, f"shared against {best} (the best)", _ratio(seconds, best, SHARED))
        self._add(work, "what the token count alone gives", by_tokens)
        self._add(work, "share of the token count's ratio that is reached", ratio / by_tokens)
        speed = _ratio(seconds, PREFILL, SHARED) * read / PREFILL_TOKENS
        self._add(work, "unique tokens/s over plain prefill's tokens/s", speed)

    def _shared(self, work: Workload) -> list[list[float]]:
        results = [each for context in work.contexts for each in self.backend.score(context, work.targets)]
        return [numbers(each) for each in results]

    def _warm(self, work: Workload, requests: list[Request]) -> None:
        prefill(self.model)
        self.backend.score(work.contexts[0], work.targets[:2])
        one_at_a_time(self.model, requests[:2])

    def _add(self, work: Workload, what: str, value: float) -> None:
        self.figures.append(Figure(work.name, what, value))


def numbers(result: TokenLogProbs) -> list[float]:
    """The log-probabilities of a result; a failure ends the benchmark."""
    if result.status is not Status.OK:
        raise SystemExit(f"a target could not be scored: {result.status}: {result.reason}")
    return list(result.logprobs)


def _timed(seconds: dict[str, list[float]], what: str, run: Callable[[], Result]) -> Result:
    started = time.perf_counter()
    result = run()
    seconds.setdefault(what, []).append(time.perf_counter() - started)
    return result


def _ratio(seconds: dict[str, list[float]], slow: str, fast: str) -> float:
    """How much longer one way takes than the other: the median of the repeats' ratios."""
    return statistics.median(x / y for x, y in zip(seconds[slow], seconds[fast], strict=True))


def _apart(one: list[list[float]], other: list[list[float]]) -> float:
    """Largest difference of two numbers at the same place."""
    pairs = zip(one, other, strict=True)
    found = [abs(x - y) for xs, ys in pairs for x, y in zip(xs, ys, strict=True)]
    if not all(map(math.isfinite, found)):
        raise SystemExit("a plain pass gave a log-probability that is not finite")
    return max(found)
