"""What of a sample counts when it is looked for elsewhere: its question, and its words whatever their dress."""

from __future__ import annotations

import re
import unicodedata

from icon.types import Sample

_APOSTROPHES = re.compile("['’‘`´]")
# Signs of arithmetic and code carry meaning (8*2 is not 8/2) and stay; a hyphen between letters does not.
_HYPHENS = re.compile(r"(?<=[^\W\d])-(?=[^\W\d])")
_SEPARATORS = re.compile(r"[^\w+*/%=<>^&|~$#@\\-]+")
_HEADING = re.compile(r"^### ([A-Z][A-Za-z ]*):", re.MULTILINE)
_FINISHED = re.compile(r"^### Response:\s*\Z", re.MULTILINE)
_NOT_THE_QUESTION = {"System Prompt", "Response"}


def normalise(text: str) -> str:
    """NFKC, casefolded, apostrophes gone, every run of whitespace and punctuation one space.

    A text of nothing but punctuation keeps it: "?" and "!" stay two questions.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    bare = _HYPHENS.sub(" ", _APOSTROPHES.sub("", folded))
    return _SEPARATORS.sub(" ", bare).strip() or " ".join(folded.split())


def question(sample: Sample) -> str:
    """Everything asked, passage and earlier turns included, without system prompts and template headings.

    Two samples that ask the same under two system prompts, or one of them as a finished prompt, have one question.
    """
    turns = [message.content for message in sample.messages if message.role != "system"]
    # Judged by its ending: pools of prompt and completion hold finished prompts too.
    if _FINISHED.search(turns[-1]):
        turns[-1] = _without_headings(turns[-1])
    return "\n".join([*turns, sample.passage] if sample.passage else turns)


def _without_headings(prompt: str) -> str:
    """The sections of a finished prompt (`### Question:`) that hold the question; all of it where there are none."""
    _, *sections = _HEADING.split(prompt)
    named = zip(sections[::2], sections[1::2], strict=True)
    kept = [text.strip() for heading, text in named if heading not in _NOT_THE_QUESTION]
    return "\n".join(kept) if kept else prompt
