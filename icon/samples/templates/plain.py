"""`plain`: the prompt's text, a line break, the response."""

from __future__ import annotations

from icon.samples.templates.text import TextTemplate
from icon.types import Sample


class PlainTemplate(TextTemplate):
    """No headings at all: turns and passage follow each other, a line break between two."""

    name = "plain"
    source = "{prompt}\n{response}"

    def prompt(self, sample: Sample) -> str:
        """All texts of the prompt, each with a line break behind it."""
        return sample.prompt_text + "\n"
