"""Marks of turns within one text, as chat templates and older trainers write them, and the turns between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from icon.samples.formats._turns import ALTERNATION, NEXT, Turn
from icon.samples.rows import FieldFault
from icon.types import Message, Role

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "model": "assistant",
    "gpt": "assistant",
    "tool": "tool",
    "ipython": "tool",
    "instruction": "user",
    "input": "user",
    "response": "assistant",
    "[inst]": "user",
    "[/inst]": "assistant",
}
_PREFACE = re.compile(r"Below is an instruction that describes a task\b[^\n]*\Z")
_SYSTEM = re.compile(r"\A\s*<<SYS>>\n?(.*?)\n?<</SYS>>\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Markup:
    """The marks of one family.

    Attributes:
        name: The family.
        head: What begins a turn; its group is the name of the role.
        ends: What ends a turn, or stands around the text, and is no part of it.
        bare: Whether texts lose white space at their ends, which the marks put there.
    """

    name: str
    head: re.Pattern[str]
    ends: re.Pattern[str]
    bare: bool = True

    def fits(self, text: str) -> bool:
        """Whether a text has a turn of the assistant with these marks."""
        return any(_role(found) == "assistant" for found in self.head.finditer(text))

    def turns(self, text: str, field: str) -> list[Turn]:
        """The turns of a text.

        Raises:
            FieldFault: They do not alternate.
        """
        turns: list[Turn] = []
        for role, said in self._said(text):
            place = f"{field}, turn {len(turns) + 1}"
            if role not in NEXT[turns[-1].role if turns else None]:
                raise FieldFault(place, f"a turn of role {role!r} there", ALTERNATION)
            turns.append(Turn(Message(role, said), place))
        return turns

    def _said(self, text: str) -> Iterator[tuple[Role, str]]:
        heads = list(self.head.finditer(text))
        before = self.ends.sub("", text[: heads[0].start()]).strip()
        if before and not _PREFACE.match(before):
            yield "system", before
        said: list[tuple[str, Role, str]] = []
        for head, end in zip(heads, [*(found.start() for found in heads[1:]), len(text)], strict=True):
            own = self._text(text[head.end() : end])
            if head[1].lower() == "input" and said and said[-1][0] == "instruction":
                said[-1] = ("instruction", "user", f"{said[-1][2]}\n\n{own}" if own else said[-1][2])
            else:
                said.append((head[1].lower(), _role(head), own))
        for number, (_, role, own) in enumerate(said):
            if (system := _SYSTEM.match(own)) and not number:
                yield "system", system[1].strip()
                own = own[system.end() :]
            if own.strip() or (role != "system" and number < len(said) - 1):
                yield role, own

    def _text(self, said: str) -> str:
        own = self.ends.sub("", said)
        return own.strip() if self.bare else own


def _role(head: re.Match[str]) -> Role:
    return _ROLES[head[1].lower()]


_NAMED = "(system|developer|user|assistant|tool|ipython)"

MARKUPS = (
    Markup(
        "ChatML", re.compile(rf"<\|im_start\|>{_NAMED}\n"), re.compile(r"<\|im_end\|>\n?|<\|endoftext\|>\Z"), bare=False
    ),
    Markup(
        "Llama 3",
        re.compile(rf"<\|start_header_id\|>{_NAMED}<\|end_header_id\|>\n\n"),
        re.compile(r"<\|eot_id\|>|<\|begin_of_text\|>|<\|end_of_text\|>"),
        bare=False,
    ),
    Markup(
        "Gemma", re.compile(r"<start_of_turn>(user|model)\n"), re.compile(r"<end_of_turn>\n?|<bos>|<eos>"), bare=False
    ),
    Markup("Phi 3 and Zephyr", re.compile(rf"<\|{_NAMED}\|>\n"), re.compile(r"<\|end\|>\n?|</s>\n?|<\|endoftext\|>\Z")),
    Markup("Llama 2 and Mistral", re.compile(r"(\[/?INST\])"), re.compile(r"</?s>")),
    Markup("Guanaco", re.compile(r"^### (Human|Assistant): ?", re.MULTILINE), re.compile(r"</?s>")),
    Markup(
        "Alpaca",
        re.compile(r"^### (Instruction|Input|Response):", re.MULTILINE),
        re.compile(r"</?s>|<\|endoftext\|>\Z"),
    ),
)
"""The known families, the more particular marks first."""
