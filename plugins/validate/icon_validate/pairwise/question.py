"""The question that a judge is asked about two answers, and how its answer is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from icon_validate.pairwise.score import Choice

QUESTION = """Which of two answers to a request is better: more helpful, more correct, and closer to what is asked?

[Request]
{request}

[Answer A]
{first}

[Answer B]
{second}

[Verdict]
Say A if answer A is better, B if answer B is better, and C if neither is. Say this one letter and nothing else."""

LETTERS = {"A": Choice.FIRST, "B": Choice.SECOND, "C": Choice.TIE}

ANSWER = re.compile(r"[\s\[(*\"'`]*(?:(?:the )?verdict|answer)?[\s:*]*(?P<letter>[ABC])[\s\])*.\"'`]*", re.IGNORECASE)
"""One letter, perhaps in brackets or quotes, or behind "Verdict:"."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one request, in the order in which a judge reads them."""

    request: str
    first: str
    second: str

    @property
    def question(self) -> str:
        """The whole question, as text."""
        return QUESTION.format(request=self.request, first=self.first, second=self.second)

    def swapped(self) -> Pair:
        """The same with the answers in the other order."""
        return Pair(self.request, self.second, self.first)


def read(answer: str) -> Choice:
    """The choice that a judge's answer states; `NONSENSE` for anything but one of the three letters."""
    match = ANSWER.fullmatch(answer)
    return Choice.NONSENSE if match is None else LETTERS[match["letter"].upper()]


def both_orders(pairs: Sequence[Pair]) -> list[Pair]:
    """Every pair in its order and in the other one, next to each other."""
    return [ordered for pair in pairs for ordered in (pair, pair.swapped())]
