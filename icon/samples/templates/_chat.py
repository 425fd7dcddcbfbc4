"""Template `chat`: the model's own chat template."""

from __future__ import annotations

import re

import jinja2

from icon.errors import TemplateError
from icon.samples.templates._jinja_file import RENDER_FAULTS, TODAY, make_environment
from icon.types import ChatTemplate, Sample, Target

_SPECIAL = re.compile(r"<[|｜][^<>|｜\s]+[|｜]>|<(?:start|end)_of_\w+>|\[/?[A-Z_]{3,}\]|<</?SYS>>")
"""Pattern of the special tokens that a template spells out."""

PROBE = [{"role": "user", "content": "Hello"}]


class ModelChatTemplate:
    """Renders conversations with the model's chat template.

    A passage joins the user's turn after a blank line; a finished prompt (`Sample.rendered`) is the user's turn. The
    demonstration ends as the template ends an answer, so nothing separates it from the prompt after it. Text that
    would change where a turn ends is refused, never repaired: the scored response is exactly the sample's.

    The backend prepends one BOS to every sequence, so a BOS that the template writes at the very beginning is removed.
    Where the BOS also opens later turns (SmolLM2's is <|im_start|>) it is part of the format and stays.

    Args:
        chat: Jinja source, BOS and EOS.

    Raises:
        TemplateError: The source is not a valid Jinja template, or fails on a single user turn.
    """

    name = "chat"
    special_tokens = True
    separator = ""

    def __init__(self, chat: ChatTemplate) -> None:
        self.source = "\n".join([chat.source, chat.bos_token, chat.eos_token, TODAY.isoformat()])
        self._chat = chat
        special = [chat.bos_token, chat.eos_token, *_SPECIAL.findall(chat.source)]
        self._special = tuple(dict.fromkeys(token for token in special if token.strip()))
        try:
            self._template = make_environment().from_string(chat.source)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"the model's chat template, line {error.lineno}: {error.message}") from None
        probe = self._render(PROBE, add_generation_prompt=True, sample=None)
        self._opening = chat.bos_token if chat.bos_token and probe.count(chat.bos_token) == 1 else ""

    def target(self, sample: Sample) -> Target:
        """The conversation up to the beginning of the assistant's answer, and the answer.

        Raises:
            TemplateError: The template refuses the sample, or does not render its response unchanged after the prompt.
        """
        prompt, _ = self._parts(sample)
        return Target(prompt, sample.response)

    def demonstration(self, sample: Sample) -> str:
        """The whole conversation with the answer and what the template writes after it.

        Raises:
            TemplateError: As `target`.
        """
        _, full = self._parts(sample)
        return full

    def _parts(self, sample: Sample) -> tuple[str, str]:
        """The prompt, and the whole text, which starts with the prompt and continues with the response."""
        messages = [{"role": message.role, "content": message.content} for message in sample.messages]
        if sample.passage:
            messages[-1]["content"] += f"\n\n{sample.passage}"
        answer = {"role": "assistant", "content": sample.response}
        for message in [*messages, answer]:
            self._refuse_special(message["content"], message["role"], sample)
        prompt = self._render(messages, add_generation_prompt=True, sample=sample).removeprefix(self._opening)
        full = self._render([*messages, answer], add_generation_prompt=False, sample=sample)
        full = full.removeprefix(self._opening)
        if not full.startswith(prompt):
            raise _refusal(sample, "the text with the response does not begin with the prompt that asks for it")
        if not full.startswith(sample.response, len(prompt)):
            raise _refusal(sample, _changed(sample.response, full[len(prompt) :]))
        return prompt, full

    def _refuse_special(self, text: str, role: str, sample: Sample) -> None:
        for token in self._special:
            if token in text:
                raise _refusal(sample, f"its {role} text contains {token!r}, a special token of the model")

    def _render(self, messages: list[dict[str, str]], *, add_generation_prompt: bool, sample: Sample | None) -> str:
        try:
            return self._template.render(
                messages=messages,
                add_generation_prompt=add_generation_prompt,
                tools=None,
                documents=None,
                bos_token=self._chat.bos_token,
                eos_token=self._chat.eos_token,
            )
        except RENDER_FAULTS as error:
            if sample is None:
                raise TemplateError(f"the model's chat template fails on a single user turn: {error}") from None
            raise _refusal(sample, str(error)) from None


def _changed(response: str, rendered: str) -> str:
    if rendered.startswith(response.strip()):
        return "the template drops white space at the response's ends"
    return f"the prompt is followed by {rendered[:40]!r} instead of the response"


def _refusal(sample: Sample, reason: str) -> TemplateError:
    return TemplateError(
        f"sample {sample.id} (row {sample.row}): the model's chat template cannot render it: {reason}. "
        "Fix or leave out the sample, or use --template alpaca or plain."
    )
