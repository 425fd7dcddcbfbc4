"""Control `random`: NLL conditioned on a small bank of random contexts, a few lengths shared by all candidates.

A random context multiplies the perplexity of a target by nearly the same factor whatever its text and length. So the
NLL need not be measured at the length of each demonstration: between two lengths of the bank it is interpolated,
linearly in the logarithm of the length (docs/method.md has the formula and the measured error).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from icon.plugins import ScoringTask
from icon.scorers._control import random_context
from icon.scorers.passes import Outcome, outcomes_given, weighted_mean
from icon.scorers.rendering import backend_of
from icon.types import Target

SHORTEST = 8
"""Tokens of the bank's shortest contexts; a shorter demonstration is compared with these."""
STEP = 4
"""Each length of the bank is this many times the one before: 8, 32, 128, 512, 2048 tokens."""
DRAWS = 2
"""Random contexts per length, whose NLLs are averaged, so that no single text decides."""


def ends(n_tokens: int, top: int) -> tuple[int, int, float]:
    """The two lengths of the bank around a demonstration's length, and the weight of the upper one.

    With lengths a and b the control is (1 - w) NLL(a) + w NLL(b), w = log(n/a) / log(b/a). The bank ends at the top,
    which replaces the lengths beyond it. Where one length is enough, it is both ends and the weight is 0: on a length
    of the bank, below the shortest, and beyond the top, where the demonstration's own length is measured.

    Args:
        n_tokens: n, the demonstration's length in tokens.
        top: The longest context that the bank may hold, in tokens.

    Returns:
        Lower length a, upper length b, and w, from 0 up to but not including 1.
    """
    if n_tokens >= top:
        return n_tokens, n_tokens, 0.0
    lower = min(SHORTEST, top)
    while lower * STEP <= n_tokens:
        lower *= STEP
    if n_tokens <= lower:
        return lower, lower, 0.0
    upper = min(lower * STEP, top)
    return lower, upper, math.log(n_tokens / lower) / math.log(upper / lower)


def control_lengths(control: str, lengths: Iterable[int], top: int) -> list[int]:
    """Lengths of the random contexts that the model reads for demonstrations of these lengths, for forecasts.

    Args:
        control: The option `control`: random, paired or none.
        lengths: Lengths of the demonstrations, in tokens.
        top: The longest demonstration of the run, in tokens; longer ones are cut to it.

    Returns:
        Tokens of each random context, ascending; a length occurs once for each of its draws.
    """
    cut = {min(length, top) for length in lengths}
    if control == "none":
        return []
    if control == "paired":
        return sorted(cut)
    return sorted(DRAWS * list({end for length in cut for end in ends(length, top)[:2]}))


class BankControl:
    """NLL(S_i given R) for R of any length, from the lengths of the bank; each length is measured once, on first use.

    What a pair is compared with depends on the run's settings, the demonstration's length and that one target, not
    on the other targets or the order of the candidates: a pair measured by itself has the same control.

    Args:
        task: Backend, separator, seed and the limit of demonstrations.
        targets: The assessment set as scored, n of them.
    """

    def __init__(self, task: ScoringTask, targets: Sequence[Target]) -> None:
        self._task, self._targets = task, targets
        self._groups: dict[int, list[int]] = {}
        for index, top in enumerate(_tops(task, targets)):
            self._groups.setdefault(top, []).append(index)
        self._bank: dict[tuple[int, int], list[Outcome]] = {}
        self._texts: dict[tuple[int, int], str] = {}

    def at(self, n_tokens: int) -> list[Outcome]:
        """One outcome per target, in order, for a demonstration of that many tokens, separator included.

        Raises:
            BackendError: The tokenizer allows no random context of a length of the bank.
        """
        outcomes: dict[int, Outcome] = {}
        for top, group in self._groups.items():
            lower, upper, weight = ends(n_tokens, top)
            pairs = zip(self._measured(lower, top), self._measured(upper, top), strict=True)
            means = (weighted_mean([(1 - weight, a), (weight, b)]) for a, b in pairs)
            outcomes.update(zip(group, means, strict=True))
        return [outcomes[index] for index in range(len(self._targets))]

    def contexts(self, n_tokens: int) -> list[list[tuple[float, str]]]:
        """The random contexts that `at` averages over and their weights, for each target; nothing is scored.

        A target has the same token ids under every context, so the same weights hold token by token.
        """
        contexts: dict[int, list[tuple[float, str]]] = {}
        for top, group in self._groups.items():
            lower, upper, weight = ends(n_tokens, top)
            used = [(part, length) for part, length in ((1 - weight, lower), (weight, upper)) if part]
            weighted = [(part / DRAWS, self._text(length, draw)) for part, length in used for draw in range(DRAWS)]
            contexts.update((index, weighted) for index in group)
        return [contexts[index] for index in range(len(self._targets))]

    def _measured(self, length: int, top: int) -> list[Outcome]:
        """Means over the draws of one length, for the targets of one top, which are always measured together."""
        if (length, top) not in self._bank:
            targets = [self._targets[index] for index in self._groups[top]]
            draws = [outcomes_given(self._text(length, draw), targets, self._task) for draw in range(DRAWS)]
            self._bank[length, top] = [
                weighted_mean([(1 / DRAWS, outcome) for outcome in outcomes]) for outcomes in zip(*draws, strict=True)
            ]
        return self._bank[length, top]

    def _text(self, length: int, draw: int) -> str:
        if (length, draw) not in self._texts:
            backend, ending, seed = backend_of(self._task), self._task.template.separator, self._task.seed
            self._texts[length, draw] = random_context(
                length, lambda part: len(backend.tokenize(part)), ending=ending, seed=seed, draw=draw
            )
        return self._texts[length, draw]


def _tops(task: ScoringTask, targets: Sequence[Target]) -> list[int]:
    """The bank's top for each target: the longest demonstration of the run, or less where that does not fit.

    In a model's context that is too short for both, it is the largest power of two that fits in front of the target:
    a few tops, and so a few contexts, for all targets together.
    """
    backend = backend_of(task)
    longest = task.max_demonstration_tokens + len(backend.tokenize(task.template.separator))
    primer = len(backend.tokenize(task.primer))
    info = backend.describe()
    tops = []
    for target in targets:
        own = len(backend.tokenize(target.prompt)) + len(backend.tokenize(target.response))
        room = info.context_length - info.bos - primer - own
        tops.append(longest if longest <= room else 2 ** (max(room, 1).bit_length() - 1))
    return tops
