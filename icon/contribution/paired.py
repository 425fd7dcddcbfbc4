"""Control `paired`: behind random contexts of exactly each demonstration's length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from icon.contribution.control import random_characters, random_context
from icon.contribution.outcome import Outcome
from icon.contribution.rendering import backend_of
from icon.protocols import ScoringTask
from icon.types import Target


class PairedControl:
    """NLL(S_i given R_j), where R_j is as long as the demonstration; made once a length, however many have it.

    Args:
        task: Backend, separator and seed.
        targets: The assessment set as scored, n of them.
        match: What a random context has as many of as the demonstration.
    """

    def __init__(self, task: ScoringTask, targets: Sequence[Target], match: Literal["tokens", "characters"]) -> None:
        self._task, self._targets, self._match = task, targets, match
        self._made: dict[tuple[int, int], list[Outcome]] = {}

    def at(self, n_tokens: int, n_characters: int, draw: int = 0) -> list[Outcome]:
        """One outcome a target, in order.

        Args:
            n_tokens: Length of the demonstration, in tokens, separator included.
            n_characters: The same in characters.
            draw: Which of several random contexts of that length.

        Raises:
            BackendError: The tokenizer allows no random context of that many tokens.
        """
        length = self._length(n_tokens, n_characters)
        if (length, draw) not in self._made:
            scored = backend_of(self._task).score(self._text(length, draw), self._targets)
            self._made[length, draw] = [Outcome.of(got) for got in scored]
        return self._made[length, draw]

    def contexts(self, n_tokens: int, n_characters: int) -> list[list[tuple[float, str]]]:
        """For each target the random context of a demonstration of that length, with weight 1; nothing is scored."""
        context = (1.0, self._text(self._length(n_tokens, n_characters), draw=0))
        return [[context] for _ in self._targets]

    def _length(self, n_tokens: int, n_characters: int) -> int:
        return n_tokens if self._match == "tokens" else n_characters

    def _text(self, length: int, draw: int) -> str:
        backend, ending, seed = backend_of(self._task), self._task.template.separator, self._task.seed
        if self._match == "characters":
            return random_characters(length - len(ending), ending=ending, seed=seed, draw=draw)
        return random_context(length, lambda part: len(backend.tokenize(part)), ending=ending, seed=seed, draw=draw)
