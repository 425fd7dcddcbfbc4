"""The engines of the one table: each way of scoring a context's pairs, for torch and for llama.cpp, in one process."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rivals import PREFILL_TOKENS, Request, harness, one_at_a_time, prefill, request
from transformers import AutoModelForCausalLM, AutoTokenizer

from icon.types import Status, Target
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.evaluator import Evaluator
from icon_torch.backend import TorchBackend
from icon_torch.quiet import quiet

PREFILL, SHARED = "plain prefill", "shared context"
ALONE, AUTHORS = "one at a time, demonstration alone", "as the authors, demonstration and noise"
HARNESS = "lm-evaluation-harness, demonstration alone, batches of "

Numbers = list[list[float]]
"""Log-probabilities of the response tokens, or their sum, by target; conditioned on the demonstration."""


@dataclass(frozen=True)
class Way:
    """One way to the numbers of a context's pairs.

    Attributes:
        engine: torch or llama.cpp.
        what: The way's name.
        run: Scores the targets conditioned on the context; returns the numbers and how many tokens were read.
    """

    engine: str
    what: str
    run: Callable[[str, list[Target]], tuple[Numbers, int]]


def noise(text: str) -> str:
    """The authors' random context: as many characters as the demonstration, and hence about 3.8 times the tokens."""
    return "".join(random.Random(text).choices(string.ascii_letters + string.digits, k=len(text)))


def _ways(engine: Torch | LlamaCpp) -> list[Way]:
    """The ways that both engines have; plain prefill stands on both sides of what it is compared with."""
    return [
        Way(engine.name, PREFILL, engine._prefill),
        Way(engine.name, SHARED, lambda context, targets: shared(engine.backend, context, targets)),
        Way(engine.name, PREFILL, engine._prefill),
        Way(engine.name, ALONE, engine._alone),
        Way(engine.name, AUTHORS, engine._authors),
    ]


class Torch:
    """The torch backend, and the plain ways on the same weights, loaded a second time as transformers loads them."""

    name = "torch"

    def __init__(self, backend: TorchBackend, folder: Path, batch_sizes: Sequence[int]) -> None:
        self.backend = backend
        with quiet():
            self.model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
            tokenizer = AutoTokenizer.from_pretrained(folder)
        ready = {size: harness(self.model, tokenizer, size) for size in batch_sizes}
        self.harnesses = {size: sums for size, sums in ready.items() if sums is not None}

    @property
    def ways(self) -> list[Way]:
        """All ways: those of both engines, and lm-evaluation-harness at every batch size."""
        batches = [Way(self.name, f"{HARNESS}{size}", self._batched(size)) for size in self.harnesses]
        return [*_ways(self), *batches]

    def _prefill(self, context: str, targets: list[Target]) -> tuple[Numbers, int]:
        prefill(self.model)
        return [], PREFILL_TOKENS

    def _alone(self, context: str, targets: list[Target]) -> tuple[Numbers, int]:
        requests = self._requests(context, targets)
        return one_at_a_time(self.model, requests), sum(each.n_read for each in requests)

    def _authors(self, context: str, targets: list[Target]) -> tuple[Numbers, int]:
        """Both passes of each pair through the model's own loss, which makes logits of every position."""
        totals, read = [], 0
        for each, other in zip(self._requests(context, targets), self._requests(noise(context), targets), strict=True):
            totals.append([-loss(self.model, each) * len(each.response)])
            loss(self.model, other)
            read += each.n_read + other.n_read + 2
        return totals, read

    def _batched(self, size: int) -> Callable[[str, list[Target]], tuple[Numbers, int]]:
        def run(context: str, targets: list[Target]) -> tuple[Numbers, int]:
            requests = self._requests(context, targets)
            return [[total] for total in self.harnesses[size](requests)], sum(each.n_read for each in requests)

        return run

    def _requests(self, context: str, targets: list[Target]) -> list[Request]:
        return [request(self.backend, context, each) for each in targets]


def loss(model: Any, wanted: Request) -> float:
    """Mean negative log-likelihood of the response by the model's own loss, as training scripts call it."""
    ids = torch.tensor([[*wanted.before, *wanted.response]])
    labels = ids.clone()
    labels[:, : len(wanted.before)] = -100
    with torch.inference_mode():
        return float(model(input_ids=ids, labels=labels).loss)


class LlamaCpp:
    """The llama.cpp backend; the plain ways are its own passes, one pair at a time."""

    name = "llama.cpp"

    def __init__(self, backend: LlamaCppBackend) -> None:
        self.backend = backend

    @property
    def ways(self) -> list[Way]:
        """All ways."""
        return _ways(self)

    def _prefill(self, context: str, targets: list[Target]) -> tuple[Numbers, int]:
        model = self.backend._model
        Evaluator(model).start([(17 + 37 * place) % model.n_vocab for place in range(PREFILL_TOKENS)])
        model.api.llama_synchronize(model.context)
        return [], PREFILL_TOKENS

    def _alone(self, context: str, targets: list[Target]) -> tuple[Numbers, int]:
        found = [shared(self.backend, context, [target]) for target in targets]
        return [numbers[0] for numbers, _ in found], sum(read for _, read in found)

    def _authors(self, context: str, targets: list[Target]) -> tuple[Numbers, int]:
        """Both passes of each pair by themselves; llama.cpp makes logits of the response alone."""
        numbers, read = self._alone(context, targets)
        _, more = self._alone(noise(context), targets)
        return numbers, read + more


def shared(backend: TorchBackend | LlamaCppBackend, context: str, targets: list[Target]) -> tuple[Numbers, int]:
    """The backend as users have it, tokenising included.

    Raises:
        SystemExit: A target could not be scored.
    """
    before = backend.tokens_evaluated
    results = backend.score(context, targets)
    if bad := next((each for each in results if each.status is not Status.OK), None):
        raise SystemExit(f"a target could not be scored: {bad.status}: {bad.reason}")
    return [list(each.logprobs) for each in results], backend.tokens_evaluated - before
