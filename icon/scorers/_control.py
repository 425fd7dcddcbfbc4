"""Random contexts R_j, meaningless text as long as a demonstration, and the control `paired` that uses them."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from icon.errors import BackendError
from icon.plugins import ScoringTask
from icon.scorers.passes import Outcome, outcomes_given
from icon.scorers.rendering import backend_of
from icon.types import Target

TRIES = 400


def random_context(n_tokens: int, count: Callable[[str], int], *, ending: str, seed: int, draw: int = 0) -> str:
    """Meaningless text of exactly `n_tokens` tokens, its ending included.

    Words of random letters are added while they fit, and every length is counted by the tokenizer, so it is exact
    whatever the tokenizer. The text depends on the seed, the length and the draw alone: all candidates of one length
    share it, and its passes are made once.

    Args:
        n_tokens: Length to reach, in tokens, ending included.
        count: Number of tokens of a text, as the backend reads it.
        ending: The separator between a context and the prompt after it.
        seed: Seed of the run.
        draw: Which of several texts of that length, from 0.

    Raises:
        BackendError: No text of that length was found with this tokenizer.
    """
    letters = random.Random(f"{seed}/{n_tokens}" + (f"/{draw}" if draw else ""))
    text, best = "", count(ending)
    if best > n_tokens:  # shorter than the ending itself: a prefix of it is all that fits
        return _shorten(ending, n_tokens, count)
    for _ in range(TRIES + n_tokens):
        if best == n_tokens:
            return text + ending
        near = n_tokens - best <= 8  # close to the end, single letters, with and without a space, fill what is left
        word = "".join(letters.choices(string.ascii_lowercase, k=1 if near else letters.randint(1, 7)))
        longer = text + (letters.choice(("", " ")) if near else " ") + word if text else word
        reached = count(longer + ending)
        if best < reached <= n_tokens:
            text, best = longer, reached
    raise BackendError(f"found no random context of exactly {n_tokens} tokens (reached {best}); use --control none")


def random_characters(n_characters: int, *, ending: str, seed: int, draw: int = 0) -> str:
    """`n_characters` random letters and digits, then the ending: the published control, about 3.8 times the tokens."""
    letters = random.Random(f"{seed}/{n_characters} characters" + (f"/{draw}" if draw else ""))
    return "".join(letters.choices(string.ascii_letters + string.digits, k=n_characters)) + ending


def _shorten(ending: str, n_tokens: int, count: Callable[[str], int]) -> str:
    for end in range(len(ending), -1, -1):
        if count(ending[:end]) == n_tokens:
            return ending[:end]
    raise BackendError(f"found no random context of exactly {n_tokens} tokens; use --control none")


class PairedControl:
    """NLL(S_i given R_j), where R_j is as long as the demonstration; measured once per length.

    Args:
        task: Backend, separator, seed and primer, which is in front of every random context and not part of its length.
        targets: The assessment set as scored, n of them.
        match: The unit in which a random context is as long as the demonstration.
    """

    def __init__(self, task: ScoringTask, targets: Sequence[Target], match: Literal["tokens", "characters"]) -> None:
        self._task, self._targets, self._match = task, targets, match
        self._measured: dict[tuple[int, int], list[Outcome]] = {}

    def at(self, n_tokens: int, n_characters: int, draw: int = 0) -> list[Outcome]:
        """One outcome per target, in order.

        Args:
            n_tokens: Length of the demonstration, in tokens, separator included.
            n_characters: The same in characters.
            draw: Which of several random contexts of that length, from 0.

        Raises:
            BackendError: The tokenizer allows no random context of that many tokens.
        """
        length = self._length(n_tokens, n_characters)
        if (length, draw) not in self._measured:
            measured = outcomes_given(self._text(length, draw), self._targets, self._task)
            self._measured[length, draw] = [replace(outcome, tokens=None) for outcome in measured]  # there may be many
        return self._measured[length, draw]

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
