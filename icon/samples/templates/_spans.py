"""Where a chat template writes the answer: the template is rendered with a mark in the answer's place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

Render = Callable[[str], str]
"""Renders the conversation with this text as its answer."""

MARKS = ("QzAnswerOneQz", "QzAnswerTwoQz", "QzThoughtQz")
"""Two texts that stand for an answer, and one for the thinking in front of it. They are such as no data has by chance;
a sample that has one in its prompt is refused."""
OPENED, CLOSED = "<think>", "</think>"

TRIMMED = "the model's chat template leaves out white space at the ends of a response: the trimmed text is scored"
WITHOUT_THINKING = (
    "the model's chat template leaves the thinking out of a response: the text after </think> is scored, as the "
    "template renders it"
)


class NotFound(Exception):
    """The answer is not where the template writes one; the message says why, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Span:
    """A rendered conversation, cut where its answer begins and ends.

    Attributes:
        before: Everything before the answer: what the model reads.
        answer: The answer as the template renders it.
        after: What the template writes after it.
        note: A sentence on how the answer differs from the sample's response; "" where it does not.
    """

    before: str
    answer: str
    after: str
    note: str = ""

    @property
    def text(self) -> str:
        """The whole conversation."""
        return self.before + self.answer + self.after


def find_span(render: Render, response: str, asked: Callable[[], str]) -> Span:
    """Where the response is in the rendered conversation.

    The conversation is rendered once with the response and once with a mark in its place: what surrounds the mark
    surrounds the response. So it does not matter whether the template puts thinking, a channel or a blank in front of
    an answer, or how the prompt that asks for an answer ends.

    Args:
        render: Renders the conversation with a text as its answer.
        response: The sample's response.
        asked: Renders the conversation up to the place where the model is asked for the answer.

    Raises:
        NotFound: The template writes something else than the response where it writes a mark.
    """
    before, after = _around(render, MARKS[0])
    full = render(response)
    answer = _between(full, before, after)
    if answer == response:
        return Span(before, answer, after)
    if answer and answer.strip() == response.strip():
        return Span(before, answer, after, TRIMMED)
    if CLOSED in response:
        return _thinking(render, response, full, asked)
    if not response.strip():
        raise NotFound("its response is blank, and the template leaves out white space at a response's ends")
    found = full[len(before) :] if answer is None and full.startswith(before) else answer
    raise NotFound(
        "the template writes another text in the place of the response"
        + (f": {found[:60]!r}" if found is not None else ", and another text before it")
    )


def _around(render: Render, answer: str, mark: str = "") -> tuple[str, str]:
    """The texts before and after a mark that stands for the answer."""
    mark = mark or answer
    text = render(answer)
    if text.count(mark) != 1:
        times = "leaves out the assistant's answer" if mark not in text else "writes the assistant's answer twice"
        raise NotFound(f"the template {times}")
    before, _, after = text.partition(mark)
    return before, after


def _between(full: str, before: str, after: str) -> str | None:
    """The text between the two; None where the whole does not begin and end with them."""
    if len(full) < len(before) + len(after) or not (full.startswith(before) and full.endswith(after)):
        return None
    return full[len(before) : len(full) - len(after)]


def _thinking(render: Render, response: str, full: str, asked: Callable[[], str]) -> Span:
    """The span of a response that has its thinking in its text, which templates move, set apart or leave out.

    Where the template keeps the thinking, the span is everything after the prompt that asks for an answer. No part of
    it may stay in the prompt, as the first of two thoughts would where a template looks for one.
    """
    thought, _, answer = response.rpartition(CLOSED)
    opening, _, inner = thought.rpartition(OPENED)
    marked = opening + OPENED + _marked(inner, MARKS[2]) + CLOSED + _marked(answer, MARKS[1])
    before, after = _around(render, marked, MARKS[1])
    if MARKS[2] not in before:
        found = _between(full, before, after)
        if found is None or found.strip() != answer.strip() or not found.strip():
            raise NotFound("the template leaves the thinking out, and writes another text in the place of the answer")
        if _letters(before) != _letters(_around(render, MARKS[1])[0]):
            raise NotFound("the template leaves a part of the response's thinking out")
        return Span(before, found, after, WITHOUT_THINKING)
    prompt, before = asked(), before[: before.index(MARKS[2])]
    if before.startswith(prompt):
        before = prompt
    elif opening.strip():
        raise NotFound(
            "the template writes a part of the response's thinking before the place where it asks for an answer"
        )
    elif before.rstrip().endswith(OPENED):
        before = before.rstrip().removesuffix(OPENED)
    found = _between(full, before, after)
    if found is None or _letters(found) not in (_letters(response), _letters(inner + CLOSED + answer)):
        raise NotFound("the template changes the thinking of the response by more than white space")
    return Span(before, found, after)


def _marked(text: str, mark: str) -> str:
    """The mark with the white space of the text around it."""
    body = text.strip()
    return text.replace(body, mark, 1) if body else text + mark


def _letters(text: str) -> str:
    return re.sub(r"\s+", "", text)
