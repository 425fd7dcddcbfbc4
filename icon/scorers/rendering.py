"""Renders samples as the text that is scored, within the token limits of the run."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache

from icon.errors import BackendError, TemplateError
from icon.inference.packing import common_prefix
from icon.plugins import Backend, ScoringTask, Template
from icon.samples.text import KEPT_SIDE, cut_to_tokens, with_blank
from icon.types import Message, Sample, Target

PRIMER = Sample(
    "primer",
    0,
    (Message("user", "Which day of the week comes after Monday?"),),
    "The day after Monday is Tuesday.",
)
"""The neutral demonstration of a primed run: it shows the form of prompt and response, and no task."""


QUESTIONS = ("Is it warm?", "Do you know?")
"""Two turns that begin differently."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered text, its length and a note of what was cut from it.

    Attributes:
        text: The text that is scored.
        n_tokens: Its length in tokens.
        note: A sentence on what was truncated; empty where nothing was.
        beginning: What it begins with whatever the user says; "" where that is not known.
    """

    text: str
    n_tokens: int
    note: str = ""
    beginning: str = ""


class TooLong(Exception):
    """A text is beyond a limit and the run does not truncate."""


def backend_of(task: ScoringTask) -> Backend:
    """The task's backend.

    Raises:
        BackendError: There is none; the scorer's class must set `needs_backend = True`.
    """
    if task.backend is None:
        raise BackendError("this scorer needs a backend; its class must set needs_backend = True")
    return task.backend


def render_primer(template: Template) -> str:
    """The primer's demonstration as the template renders it, separator included.

    Raises:
        TemplateError: The template cannot render it.
    """
    return template.demonstration(PRIMER) + template.separator


def render_demonstration(sample: Sample, task: ScoringTask) -> Rendered:
    """The candidate rendered as demonstration, separator included; beyond the limit its end is cut.

    Raises:
        TooLong: It is beyond the limit and the run does not truncate.
        TemplateError: The template cannot render the sample, or its response has no token under the model's tokenizer.
    """
    backend = backend_of(task)
    if not backend.tokenize(sample.response):
        raise TemplateError(f"its response has no token under the model's tokenizer: {sample.response[:20]!r}")
    body = task.template.demonstration(sample)
    text, note = _cut(body, task.max_demonstration_tokens, "demonstration", task)
    text += task.template.separator
    template = task.template
    first = _beginning(template, sample.system, sample.tools) if isinstance(template, Hashable) else ""
    return Rendered(text, len(backend.tokenize(text)), note, first if text.startswith(first) else "")


@lru_cache(maxsize=64)
def _beginning(template: Template, system: str, tools: str) -> str:
    """What the template writes in front of the first turn of every sample with this system prompt and these tools."""
    front = (Message("system", system),) if system else ()
    asking = [Sample("", 0, (*front, Message("user", text)), "Yes.", tools=tools) for text in QUESTIONS]
    try:
        one, other = (template.demonstration(sample) for sample in asking)
    except TemplateError:
        return ""
    return one[: common_prefix(one, other)]


def render_target(sample: Sample, task: ScoringTask) -> tuple[Target, str]:
    """Prompt and response as scored, with a note of what was cut.

    Beyond its limit a prompt is cut at its beginning, so that the part before the response stays; a response at its
    end.

    Raises:
        TooLong: Prompt or response is beyond its limit and the run does not truncate.
        TemplateError: The template cannot render the sample.
    """
    target = task.template.target(sample)
    text, answer = with_blank(target.prompt, target.response, backend_of(task).tokenize)
    prompt, prompt_note = _cut(text, task.max_prompt_tokens, "prompt", task)
    response, response_note = _cut(answer, task.max_response_tokens, "response", task)
    return Target(prompt, response), "; ".join(note for note in (prompt_note, response_note) if note)


def _cut(text: str, limit: int, what: str, task: ScoringTask) -> tuple[str, str]:
    backend = backend_of(task)
    n_tokens = len(backend.tokenize(text))
    if n_tokens <= limit:
        return text, ""
    if not task.truncate:
        raise TooLong(f"{what} of {n_tokens} tokens, limit {limit}")
    shorter, _ = cut_to_tokens(text, limit, lambda part: len(backend.tokenize(part)), keep=KEPT_SIDE[what])
    if not shorter:
        raise TooLong(f"{what}: not even its first character fits the limit of {limit} tokens")
    return shorter, f"{what} truncated from {n_tokens} to {limit} tokens"
