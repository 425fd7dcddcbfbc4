"""A user's own template, a Jinja file that renders the prompt."""

from __future__ import annotations

import traceback
from dataclasses import replace
from pathlib import Path

import jinja2

from icon._setting_faults import shortened
from icon._small_files import MAX_TEMPLATE, read_small
from icon.errors import InputError, TemplateError
from icon.samples.templates._conversation import conversation, tools
from icon.samples.templates._sandbox import RENDER_FAULTS, compiled, make_environment
from icon.samples.templates._text_templates import TextTemplate
from icon.samples.templates._unseen import to_do, unseen_part
from icon.types import Sample


class JinjaFileTemplate(TextTemplate):
    """Renders the prompt with a sandboxed Jinja file; the response follows it directly.

    The file may use `instruction` (the last user turn), `input` (the passage), `system`, `messages` and `history`
    (lists of {role, content}, with `tool_calls` where a turn calls tools, whose content may be none, and
    `reasoning_content` where an earlier answer has reasoning apart from its text; `history` is the turns between the
    system prompt and the last turn) and `tools` (a list, or none). Any other name is an error, and so is a sample with
    tools, calls or results that the file leaves out. One line break at the file's end is dropped, since editors add it.

    Args:
        path: The file, UTF-8.

    Raises:
        InputError: It cannot be read.
        TemplateError: It is not a valid Jinja template.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.name = path.name
        self._path = path
        try:
            self.source = read_small(path, MAX_TEMPLATE).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}; valid: a Jinja file") from None
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: found bytes that are not UTF-8 at offset {error.start}; valid: UTF-8") from None
        self._template = compiled(make_environment(jinja2.StrictUndefined), self.source, str(path), str(path))

    may_show_tools = True

    def prompt(self, sample: Sample) -> str:
        """The prompt that the file renders.

        Raises:
            TemplateError: A name is undefined, an expression fails, or the prompt is blank; says file and line. Or the
                file leaves out tools, calls of them or their results.
        """
        try:
            prompt = self._rendered(sample)
        except RENDER_FAULTS as error:
            valid = "the names are instruction, input, system, messages, history, tools"
            place = f"{self._place(error)}: sample {sample.id} (row {sample.row})"
            why = shortened((str(error) or type(error).__name__).rstrip("."))
            raise TemplateError(f"{place}: {why}; {valid}") from None
        if unseen := unseen_part(sample, self._rendered, RENDER_FAULTS):
            place = f"{self._path}: sample {sample.id} (row {sample.row})"
            raise TemplateError(f"{place}: the file leaves {unseen} out; valid: {to_do(sample)}")
        if not prompt.strip():
            raise TemplateError(f"{self._path}: sample {sample.id} (row {sample.row}): the prompt it renders is blank")
        return prompt

    def _rendered(self, sample: Sample) -> str:
        turns = conversation(replace(sample, passage=""))
        start = len(sample.messages) - 1 - len(sample.history)
        return self._template(
            instruction=sample.instruction,
            input=sample.passage,
            system=sample.system,
            messages=turns,
            history=turns[start:-1],
            tools=tools(sample),
        )

    def _place(self, error: Exception) -> str:
        """File and line of an error; Jinja writes the template's own lines into the traceback."""
        lines = [
            frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(self._path)
        ]
        return f"{self._path}, line {lines[-1]}" if lines else str(self._path)
