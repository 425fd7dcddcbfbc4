"""The model on its device, and the series of measurements made with it."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from typing import Any

import llama8b
import tiny
import torch
from measuring import Measured, MeasurementError, measure, prefill_rate
from work import product_rates
from workload import Workload, data_folder, demo, real

from icon.inference import score
from icon_torch import attention, memory
from icon_torch.engine import Engine
from icon_torch.loading import LONGEST
from icon_torch.options import Attention
from icon_torch.trial import Chosen, Loaded, choose
from icon_torch.vocabulary import Vocabulary


class Trials:
    """The model, and what is measured with it.

    Args:
        given: The arguments of the command line.

    Raises:
        UserError: The embedded model, whose tokenizer is wanted, is not installed.
    """

    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        self.device = torch.device("cpu" if given.toy else "cuda")
        tokenizer = tiny.tokenizer() if given.toy else llama8b.tokenizer(given.tokenizer)
        self.model: Any = tiny.model() if given.toy else llama8b.model(self.device)
        attention.register()
        self.model.set_attn_implementation(attention.NAME)
        self.vocabulary = Vocabulary(tokenizer, special_tokens=False)
        self.rates: list[float] = []
        self.prefills: dict[int, list[float]] = {}

    @property
    def product(self) -> float:
        """FLOP/s of a matrix product: the median of all so far."""
        return statistics.median(self.rates)

    @property
    def prefill(self) -> dict[int, float]:
        """Tokens per second of plain prefill by its length: the median of all so far."""
        return {length: statistics.median(rates) for length, rates in self.prefills.items()}

    def refer(self, lengths: Sequence[int]) -> None:
        """Time what all is compared with once more: matrix products, and plain prefill of these lengths."""
        size, repeats = (256, 20) if self.given.toy else (8192, 50)
        self.rates += product_rates(self.device, self.model.dtype, size, repeats)
        for length in lengths:
            self.prefills.setdefault(length, []).append(prefill_rate(self.model, length, 1 if self.given.toy else 5))

    def workload(self) -> Workload:
        """The paper's whole assessment set where it is there, and else the demo."""
        if not self.given.toy and (folder := data_folder()) is not None:
            return real(folder, lambda text: len(self.vocabulary.tokenize(text)), self.given.contexts, None)
        return demo(self.given.contexts, 8 if self.given.toy else 32)

    def chosen(self, form: Attention, pack_tokens: int | None, *, compiled: bool = False) -> Chosen:
        """The engine that the backend would take."""
        packs = pack_tokens or memory.pack_tokens(self.model, self.device)
        body = torch.compile(self.model.base_model, dynamic=True) if compiled else self.model.base_model
        longest = min(LONGEST, self.model.config.max_position_embeddings)
        return choose(Loaded(self.model, body, longest, packs), form)

    def by_context(self, engine: Engine, work: Workload, part: Workload) -> list[Measured]:
        """All targets behind one context after the other until the budget is spent; behind the first in any case.

        Raises:
            MeasurementError: There are no figures.
        """
        self._warm(engine, part)
        found: list[Measured] = []
        started = time.perf_counter()
        for context in work.contexts:
            found.append(self._measure(engine, Workload(work.name, [context], work.targets)))
            if time.perf_counter() - started > self.given.budget:
                break
        return found

    def variant(self, form: Attention, pack_tokens: int, compiled: bool, part: Workload) -> Measured | str:
        """Some targets behind the first context in one form and pack size, or why there is no figure."""
        try:
            engine = self.chosen(form, pack_tokens, compiled=compiled).engine
            self._warm(engine, part)
            if engine.pack_tokens != pack_tokens:
                return f"memory holds packs of {engine.pack_tokens} tokens"
            return self._measure(engine, part)
        except (MeasurementError, ValueError) as error:
            return str(error)

    def _warm(self, engine: Engine, part: Workload) -> None:
        """Compiles what is to be compiled."""
        score(self.vocabulary, engine, part.contexts[0], part.targets)

    def _measure(self, engine: Engine, work: Workload) -> Measured:
        return measure(self.model, self.vocabulary, engine, work.contexts[0], work.targets, self.given.sample)
