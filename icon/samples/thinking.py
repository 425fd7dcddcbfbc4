"""Reasoning within a response: what it begins with between marks such as `<think>` and `</think>`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from icon.samples.rows import FieldFault

INLINE = "reasoning within answers"
"""Its name among what no sample has of its record."""

_OPENED = re.compile(r"\s*(<(think|thinking|thought|reasoning)>|\[THINK\])")
"""The marks of DeepSeek-R1 and Qwen 3, of models distilled from others, and of Magistral."""


def mark_of(text: str) -> str:
    """The mark with which a text begins to reason, such as `<think>`; empty where it does not."""
    found = _OPENED.match(text)
    return found[1] if found else ""


def after_reasoning(text: str) -> str:
    """The text after the reasoning that it begins with; the whole text where it begins with none, or with no end."""
    mark = mark_of(text)
    _, end, answer = text.partition(f"{mark[0]}/{mark[1:]}") if mark else ("", "", "")
    return answer.lstrip() if end else text


def nothing_else(mark: str) -> FieldFault:
    """The fault of a response that is nothing but reasoning, which is to be left out."""
    return FieldFault(
        "response",
        f"nothing but the reasoning that {mark} begins",
        f"an answer after {mark[0]}/{mark[1:]}; --reasoning response scores the reasoning as part of the response",
    )


def notes_on(source: str, marks: Mapping[str, int], n_samples: int) -> Iterator[str]:
    """A sentence for each mark, where the user has not said what becomes of reasoning.

    Args:
        source: What was read.
        marks: By mark, how many responses begin with it.
        n_samples: Number of responses.
    """
    for mark, n in marks.items():
        begin, them = ("begins", "it") if n == 1 else ("begin", "them")
        yield (
            f"{source}: {n:,} of {n_samples:,} responses {begin} with reasoning ({mark}), which is scored as part of "
            f"{them}; --reasoning ignore leaves it out, --reasoning response scores it and says nothing"
        )
