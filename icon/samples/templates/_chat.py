"""Template `chat`: the model's own chat template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from icon._setting_faults import shortened
from icon.errors import TemplateError
from icon.samples.templates._conversation import (
    Turn,
    content,
    conversation,
    readings,
    reasoning_left_out,
    tools,
)
from icon.samples.templates._sandbox import RENDER_FAULTS, TODAY, compiled, make_environment
from icon.samples.templates._spans import MARKS, NotFound, Span, find_span
from icon.samples.templates._unseen import to_do, unseen_part
from icon.types import ChatTemplate, Sample, Target

_SPECIAL = re.compile(r"<[|｜][^<>|｜\s]+[|｜]>|<(?:start|end)_of_\w+>|\[/?[A-Z_]{3,}\]|<</?SYS>>")
"""Pattern of the special tokens that a template spells out."""

PROBE = "Hello"


class ModelChatTemplate:
    """Renders conversations with the model's chat template.

    A passage joins the user's turn after a blank line; a finished prompt (`Sample.rendered`) is the user's turn. The
    answer is scored as the template renders it where it renders a whole conversation, so the prompt has all that the
    template puts in front of an answer: an empty thinking block, a channel, a blank. The demonstration ends as the
    template ends an answer, so nothing separates it from the prompt after it. Text that would change where a turn ends
    is refused.

    The BOS that the template writes at the very beginning opens a sequence, not a conversation, and is left out of the
    texts: the backend puts one in front, or else it is this template's `opening`. Where the BOS also opens later turns
    (SmolLM2's is <|im_start|>) it is part of the format and stays.

    Args:
        chat: Jinja source, BOS and EOS.
        adds_bos: Whether the backend puts a BOS in front of every sequence by itself.

    Attributes:
        opening: What comes once at the beginning of a sequence: the BOS where only the template writes one, else "".

    Raises:
        TemplateError: The source is not a valid Jinja template, or fails on a single user turn.
    """

    name = "chat"
    special_tokens = True
    separator = ""

    def __init__(self, chat: ChatTemplate, *, adds_bos: bool = True) -> None:
        self._chat = chat
        special = [chat.bos_token, chat.eos_token, *_SPECIAL.findall(chat.source)]
        self._special = tuple(dict.fromkeys(token for token in special if token.strip()))
        self._template = compiled(make_environment(), chat.source, "the model's chat template")
        self._parts, probe = self._read()
        only = chat.bos_token and probe.startswith(chat.bos_token) and probe.count(chat.bos_token) == 1
        self._bos = chat.bos_token if only else ""
        self.opening = "" if adds_bos else self._bos
        opened = ["opening", self.opening] if self.opening else []
        self.source = "\n".join([chat.source, chat.bos_token, chat.eos_token, TODAY.isoformat(), *opened])
        self._notes: dict[str, None] = {}

    @property
    def notes(self) -> Sequence[str]:
        """One sentence for each way in which rendered samples differ from their records; see `icon.plugins.Noting`."""
        return list(self._notes)

    def target(self, sample: Sample) -> Target:
        """The conversation up to the beginning of the assistant's answer, and the answer as the template renders it.

        Raises:
            TemplateError: The template refuses the sample, or its response is not where the template writes an answer.
        """
        span = self._span(sample)
        return Target(span.before, span.answer)

    def demonstration(self, sample: Sample) -> str:
        """The whole conversation with the answer and what the template writes after it.

        Raises:
            TemplateError: As `target`.
        """
        return self._span(sample).text

    def _span(self, sample: Sample) -> Span:
        turns = conversation(sample, parts=self._parts)
        self._refuse_special(sample)

        def rendered(answer: str) -> str:
            turn: Turn = {"role": "assistant", "content": content(answer, parts=self._parts)}
            return self._render([*turns, turn], sample, asking=False)

        try:
            span = find_span(rendered, sample.response, lambda: self._render(turns, sample, asking=True))
        except NotFound as reason:
            raise _refusal(sample, str(reason)) from None
        except RENDER_FAULTS as error:
            raise _refusal(sample, shortened(str(error))) from None
        self._refuse_unseen(sample)
        self._notes.update(dict.fromkeys([*([span.note] if span.note else []), *_left_out(sample, span.before)]))
        return span

    def _refuse_unseen(self, sample: Sample) -> None:
        """Refuse a sample with tools, calls or results of which the template shows nothing."""

        def rendered(shown: Sample) -> str:
            return self._render(conversation(shown, parts=self._parts), shown, asking=True)

        if unseen := unseen_part(sample, rendered, RENDER_FAULTS):
            raise TemplateError(
                f"sample {sample.id} (row {sample.row}): the model's chat template leaves {unseen} out; valid: "
                f"{to_do(sample)}"
            )

    def _refuse_special(self, sample: Sample) -> None:
        texts = [(turn.role, text) for turn in sample.messages for text in (turn.content, turn.beside, turn.reasoning)]
        beside = [("tools", sample.tools), ("user", sample.passage), ("assistant", sample.response)]
        for role, text in [*texts, *beside]:
            for token in self._special:
                if token in text:
                    raise _refusal(
                        sample, f"its {role} text contains {token!r}, a special token of the model", of_template=False
                    )

    def _read(self) -> tuple[bool, str]:
        """Whether contents are read as parts, and a rendered user's turn."""
        try:
            text: str | TemplateError = self._rendered(_probe(parts=False), asking=True)
            if MARKS[0] in self._rendered([*_probe(parts=False), _answer(parts=False)], asking=False):
                return False, str(text)
        except RENDER_FAULTS as error:
            text = TemplateError(f"the model's chat template fails on a single user turn: {error}")
        try:
            if MARKS[0] in self._rendered([*_probe(parts=True), _answer(parts=True)], asking=False):
                return True, self._rendered(_probe(parts=True), asking=True)
        except RENDER_FAULTS:
            pass
        if isinstance(text, TemplateError):
            raise text
        return False, text

    def _render(self, turns: list[Turn], sample: Sample, *, asking: bool) -> str:
        """The rendered turns without the BOS that opens the sequence."""
        return self._rendered(turns, asking=asking, tools=tools(sample)).removeprefix(self._bos)

    def _rendered(self, turns: list[Turn], *, asking: bool, tools: list[object] | None = None) -> str:
        first: TypeError | None = None
        for reading in readings(turns):
            try:
                return self._plain(reading, asking, tools)
            except TypeError as error:
                first = first or error
        assert first is not None
        raise first

    def _plain(self, turns: list[Turn], asking: bool, tools: list[object] | None) -> str:
        return self._template(
            messages=turns,
            add_generation_prompt=asking,
            tools=tools,
            documents=None,
            bos_token=self._chat.bos_token,
            eos_token=self._chat.eos_token,
        )


def _probe(*, parts: bool) -> list[Turn]:
    return [{"role": "user", "content": content(PROBE, parts=parts)}]


def _answer(*, parts: bool) -> Turn:
    return {"role": "assistant", "content": content(MARKS[0], parts=parts)}


def _left_out(sample: Sample, prompt: str) -> Iterator[str]:
    """A sentence on each part of the conversation that the template leaves out without a word."""
    if sample.system.strip() not in prompt:
        yield "the model's chat template leaves system prompts out"
    if reasoning_left_out(sample, prompt):
        yield "the model's chat template leaves reasoning of earlier answers out"


def _refusal(sample: Sample, reason: str, *, of_template: bool = True) -> TemplateError:
    cause = (
        "The cause is the template, not the sample: use --template alpaca or plain, or a .jinja file that renders the "
        "prompt as the model was trained."
        if of_template
        else "Fix or leave out the sample, or use --template alpaca or plain."
    )
    return TemplateError(
        f"sample {sample.id} (row {sample.row}): the model's chat template cannot render it: {reason.rstrip('.')}. "
        f"{cause}"
    )
