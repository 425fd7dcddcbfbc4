"""Templates of text without special tokens: `plain`, `paper`, and `alpaca`, which differs from it by a line break."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from icon.errors import TemplateError
from icon.samples.templates._conversation import reasoning_left_out
from icon.samples.templates._unseen import to_do
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
    may_show_tools = False
    separator = "\n\n\n"

    def __init__(self) -> None:
        self._notes: dict[str, None] = {}

    @property
    def notes(self) -> Sequence[str]:
        """One sentence for each way in which rendered samples differ from their records; see `icon.plugins.Noting`."""
        return list(self._notes)

    @abstractmethod
    def prompt(self, sample: Sample) -> str:
        """The prompt of a sample that is not a finished prompt."""

    def target(self, sample: Sample) -> Target:
        """The prompt as scored, and the response that follows it directly.

        Raises:
            TemplateError: The template cannot render the sample; only one of the user's own may have a place for tools.
        """
        if sample.uses_tools and not self.may_show_tools:
            raise TemplateError(
                f"sample {sample.id} (row {sample.row}): it has tools, calls of them or their results, which template "
                f"{self.name} has no place for; valid: {to_do(sample)}"
            )
        prompt = sample.instruction if sample.rendered else self.prompt(sample)
        if reasoning_left_out(sample, prompt):
            self._notes[f"template {self.name} leaves reasoning of earlier answers out"] = None
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


class PaperTemplate(TextTemplate):
    """The paper's form: headings with `###`, and the response directly after its heading.

    The user's turn is an Instruction or, after a system prompt, a Question. Earlier turns of a conversation come first,
    in the same form and with their responses.
    """

    name = "paper"
    digest_name = "alpaca"
    """Its name until format 3 of run.json, so that the digests of earlier runs stay valid."""
    before_response = ""
    """Text between the heading of a response and the response."""
    source = "\n".join([SYSTEM, INSTRUCTION, QUESTION, *PASSAGE.values(), RESPONSE, BETWEEN_TURNS])

    def prompt(self, sample: Sample) -> str:
        """The parts with their headings, up to the place where the response begins."""
        turn, heading = QUESTION if sample.system else INSTRUCTION, RESPONSE + self.before_response
        parts = [SYSTEM.format(sample.system)] if sample.system else []
        for message in sample.history:
            is_user = message.role == "user"
            parts.append(turn.format(message.content) if is_user else heading + message.content + BETWEEN_TURNS)
        parts.append(turn.format(sample.instruction))
        if sample.passage:
            parts.append(PASSAGE[sample.passage_label].format(sample.passage))
        return "".join([*parts, heading])


class AlpacaTemplate(PaperTemplate):
    """The same headings with a line break before the response, as trainers commonly write the form.

    A finished prompt that ends with the heading of the response gets the line break too, so that a demonstration and
    the prompt after it have one form.
    """

    name = "alpaca"
    before_response = "\n"
    source = PaperTemplate.source + before_response

    def target(self, sample: Sample) -> Target:
        """The prompt as scored, and the response that follows it directly.

        Raises:
            TemplateError: The template cannot render the sample.
        """
        target = super().target(sample)
        prompt = target.prompt.removesuffix(" ") if sample.rendered else target.prompt
        return Target(prompt + self.before_response, target.response) if prompt.endswith(RESPONSE) else target
