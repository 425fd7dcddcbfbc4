"""The authors' released pipeline where it differs from the paper: their random contexts and their two-token mask."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from dataclasses import replace

from icon.plugins import ScoringTask
from icon.samples.text import cut_to_tokens
from icon.scorers.passes import Outcome, outcomes_given
from icon.scorers.rendering import backend_of
from icon.types import Sample, Status, Target

MASKED_TOKENS = 2
"""Response tokens that the released in-context passes leave out: they count one BOS too many for the separator and one
for the prompt."""

CHARACTERS = string.ascii_letters + string.punctuation + string.digits + " "
"""The 95 characters that the released random contexts are drawn from, each with the same probability."""


def masked(outcome: Outcome) -> Outcome:
    """The outcome of a pass without its first two response tokens: (N NLL - first - second) / (N - 2).

    A response of two tokens or fewer has no number: the released code averages over nothing, gets NaN, and leaves the
    pair out of the candidate's mean.
    """
    if outcome.status != Status.OK:
        return outcome
    n_left = outcome.n_tokens - MASKED_TOKENS
    if n_left <= 0:
        reason = "no token counts: the answer has at most two, which the released pipeline leaves out (mask=released)"
        return replace(outcome, status=Status.MASKED, reason=reason)
    if outcome.first is None or outcome.second is None:
        reason = "the NLLs of its first two tokens are not known, so they cannot be left out (mask=released)"
        return replace(outcome, status=Status.FAILED, reason=reason)
    nll = (outcome.nll * outcome.n_tokens - outcome.first - outcome.second) / n_left
    return replace(outcome, nll=nll, n_tokens=n_left)


def released_noise(n_characters: int, *, seed: int, candidate: str, assessment: str) -> str:
    """`n_characters` characters, each drawn from `CHARACTERS`; the authors draw without a seed, so here by the pair."""
    letters = random.Random(f"{seed}/{candidate}/{assessment}")
    return "".join(letters.choices(CHARACTERS, k=n_characters))


class ReleasedControl:
    """NLL(S_i given R_ij), where R_ij has as many characters as the demonstration and is drawn anew for every pair.

    Beyond the token limit of a demonstration its end is cut, which with these characters is so from a demonstration of
    about a quarter of that limit on. Every pair has a pass of its own.

    Args:
        task: Backend, assessment set, separator, limit, seed and primer.
        targets: The assessment set as scored, n of them.
    """

    def __init__(self, task: ScoringTask, targets: Sequence[Target]) -> None:
        self._task, self._targets = task, targets

    def at(self, candidate: str, n_characters: int) -> list[Outcome]:
        """One outcome per target, in order.

        Args:
            candidate: Id of the candidate.
            n_characters: Length of its demonstration in characters, separator included.
        """
        pairs = zip(self._targets, self._task.assessment, strict=True)
        return [
            outcomes_given(self._text(candidate, sample, n_characters), [target], self._task)[0]
            for target, sample in pairs
        ]

    def contexts(self, candidate: str, n_characters: int) -> list[list[tuple[float, str]]]:
        """For each target the random context of that pair, with weight 1; nothing is scored."""
        return [[(1.0, self._text(candidate, sample, n_characters))] for sample in self._task.assessment]

    def _text(self, candidate: str, sample: Sample, n_characters: int) -> str:
        ending, limit = self._task.template.separator, self._task.max_demonstration_tokens
        noise = released_noise(
            n_characters - len(ending), seed=self._task.seed, candidate=candidate, assessment=sample.id
        )
        if len(noise) > limit:
            backend = backend_of(self._task)
            noise, _ = cut_to_tokens(noise, limit, lambda part: len(backend.tokenize(part)), keep="start")
        return noise + ending
