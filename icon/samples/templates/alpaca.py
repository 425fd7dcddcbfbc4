"""`alpaca`: the paper's prompt text (METHOD, stages 1 and 2)."""

from __future__ import annotations

from icon.samples.templates.text import TextTemplate
from icon.types import Sample

SYSTEM = "### System Prompt:\n{}\n\n"
INSTRUCTION = "### Instruction:\n{}\n\n"
QUESTION = "### Question:\n{}\n\n"
PASSAGE = {"Input": "### Input: {}\n\n", "Context": "### Context:\n{}\n\n"}
RESPONSE = "### Response:"
BETWEEN_TURNS = "\n\n"


class AlpacaTemplate(TextTemplate):
    """Headings with `###`; the user's turn is an Instruction or, behind a system prompt, a Question.

    Earlier turns of a conversation stand in front in the same form, each with its response.
    """

    name = "alpaca"
    source = "\n".join([SYSTEM, INSTRUCTION, QUESTION, *PASSAGE.values(), RESPONSE, BETWEEN_TURNS])

    def prompt(self, sample: Sample) -> str:
        """The headed parts, up to and with the heading of the response."""
        turn = QUESTION if sample.system else INSTRUCTION
        parts = [SYSTEM.format(sample.system)] if sample.system else []
        for message in sample.history:
            is_user = message.role == "user"
            parts.append(turn.format(message.content) if is_user else RESPONSE + message.content + BETWEEN_TURNS)
        parts.append(turn.format(sample.instruction))
        if sample.passage:
            parts.append(PASSAGE[sample.passage_label].format(sample.passage))
        return "".join([*parts, RESPONSE])
