"""Templates of text without special tokens: `plain`, and `alpaca`, the paper's."""

from __future__ import annotations

from abc import ABC, abstractmethod

from icon.types import Sample, Target

SYSTEM = "### System Prompt:\n{}\n\n"

INSTRUCTION = "### Instruction:\n{}\n\n"

QUESTION = "### Question:\n{}\n\n"

PASSAGE = {"Input": "### Input: {}\n\n", "Context": "### Context:\n{}\n\n"}

RESPONSE = "### Response:"

BETWEEN_TURNS = "\n\n"


class TextTemplate(ABC):
    """Base of the text templates; a finished prompt (`Sample.rendered`) is used verbatim."""

    name: str
    source: str
    special_tokens = False
    separator = "\n\n\n"

    @abstractmethod
    def prompt(self, sample: Sample) -> str:
        """The prompt of a sample that is not a finished prompt."""

    def target(self, sample: Sample) -> Target:
        """The prompt as scored, and the response that follows it directly.

        Raises:
            TemplateError: The template cannot render the sample.
        """
        prompt = sample.instruction if sample.rendered else self.prompt(sample)
        return Target(prompt, sample.response)

    def demonstration(self, sample: Sample) -> str:
        """Prompt and response, without the separator.

        Raises:
            TemplateError: The template cannot render the sample.
        """
        target = self.target(sample)
        return target.prompt + target.response


class PlainTemplate(TextTemplate):
    """Turns and passage without headings, a line break between two."""

    name = "plain"
    source = "{prompt}\n{response}"

    def prompt(self, sample: Sample) -> str:
        """All texts of the prompt, each followed by a line break."""
        return sample.prompt_text + "\n"


class AlpacaTemplate(TextTemplate):
    """Headings with `###`; the user's turn is an Instruction or, after a system prompt, a Question.

    Earlier turns of a conversation come first, in the same form and with their responses.
    """

    name = "alpaca"
    source = "\n".join([SYSTEM, INSTRUCTION, QUESTION, *PASSAGE.values(), RESPONSE, BETWEEN_TURNS])

    def prompt(self, sample: Sample) -> str:
        """The parts with their headings, up to and including the heading of the response."""
        turn = QUESTION if sample.system else INSTRUCTION
        parts = [SYSTEM.format(sample.system)] if sample.system else []
        for message in sample.history:
            is_user = message.role == "user"
            parts.append(turn.format(message.content) if is_user else RESPONSE + message.content + BETWEEN_TURNS)
        parts.append(turn.format(sample.instruction))
        if sample.passage:
            parts.append(PASSAGE[sample.passage_label].format(sample.passage))
        return "".join([*parts, RESPONSE])
