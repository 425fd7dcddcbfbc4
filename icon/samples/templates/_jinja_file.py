"""A user's own template, a Jinja file that renders the prompt, and the sandbox in which templates run."""

from __future__ import annotations

import json
import traceback
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from icon._small_files import MAX_TEMPLATE, read_small
from icon.errors import InputError, TemplateError
from icon.samples.templates._conversation import conversation, tools
from icon.samples.templates._text_templates import TextTemplate
from icon.samples.templates._unseen import unseen_part
from icon.types import Sample

TODAY = date(2024, 7, 26)
"""The date that `strftime_now` always formats, so that a run resumed on another day scores the same text: the default
date of the templates that use it (Llama 3)."""

RENDER_FAULTS = (
    jinja2.TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""Exceptions that a template's own expressions can raise."""


def make_environment(undefined: type[jinja2.Undefined] = jinja2.Undefined) -> ImmutableSandboxedEnvironment:
    """A sandboxed environment with the settings, filters and functions that `transformers` gives chat templates."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=undefined,
        extensions=["jinja2.ext.loopcontrols", _Generation],
    )
    environment.filters["tojson"] = _tojson
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = TODAY.strftime
    return environment


class _Generation(Extension):
    """The block {% generation %}, which marks assistant text for training and changes nothing here."""

    tags = {"generation"}  # noqa: RUF012 (the base class declares it so)

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _tojson(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """JSON without the HTML escapes of Jinja's own filter."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _raise_exception(message: str) -> None:
    raise jinja2.TemplateError(message)


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
        environment = make_environment(jinja2.StrictUndefined)
        try:
            code = environment.compile(self.source, name=path.name, filename=str(path))
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"{path}, line {error.lineno}: {error.message}; valid: a Jinja template") from None
        self._template = jinja2.Template.from_code(environment, code, environment.make_globals(None))

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
            raise TemplateError(f"{place}: {str(error).rstrip('.')}; {valid}") from None
        if unseen := unseen_part(sample, self._rendered, RENDER_FAULTS):
            raise TemplateError(f"{self._path}: sample {sample.id} (row {sample.row}): the file leaves {unseen} out")
        if not prompt.strip():
            raise TemplateError(f"{self._path}: sample {sample.id} (row {sample.row}): the prompt it renders is blank")
        return prompt

    def _rendered(self, sample: Sample) -> str:
        turns = conversation(replace(sample, passage=""))
        start = len(sample.messages) - 1 - len(sample.history)
        return self._template.render(
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
