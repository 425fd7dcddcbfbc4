"""What templates of plain text have in common: no special tokens, and the response directly behind the prompt."""

from __future__ import annotations

from abc import ABC, abstractmethod

from icon.types import Sample, Target


class TextTemplate(ABC):
    """Base of the text templates; a finished prompt (`Sample.rendered`) is used word for word."""

    name: str
    source: str
    special_tokens = False
    separator = "\n\n\n"

    @abstractmethod
    def prompt(self, sample: Sample) -> str:
        """The prompt of a sample that is no finished one."""

    def target(self, sample: Sample) -> Target:
        """The prompt as scored, and the response that follows it directly.

        Raises:
            TemplateError: The template cannot render the sample.
        """
        prompt = sample.instruction if sample.rendered else self.prompt(sample)
        return Target(prompt, sample.response)

    def demonstration(self, sample: Sample) -> str:
        """Prompt and response, separator left out.

        Raises:
            TemplateError: The template cannot render the sample.
        """
        target = self.target(sample)
        return target.prompt + target.response
