"""The sandbox in which templates run: Jinja's own, which keeps them from files and code, with bounds."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from types import BuiltinFunctionType
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from icon._setting_faults import shortened
from icon._small_files import MAX_TEMPLATE
from icon.errors import TemplateError
from icon.samples.templates._bounded_calls import bounded_list, check_filter, check_method, check_operation
from icon.samples.templates._render_bounds import MAX_TEXT, Budget, check_format, check_text, weighed

TODAY = date(2024, 7, 26)
"""The date that `strftime_now` always formats, so that a run resumed on another day scores the same text: the default
date of the templates that use it (Llama 3)."""

RENDER_FAULTS = (
    jinja2.TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)
"""Exceptions that a template's own expressions can raise."""

COMPILE_FAULTS = (*RENDER_FAULTS, SyntaxError)
"""Exceptions that the compilation of a template can raise: Python compiles what Jinja makes of it."""

_EACH, _JOINED, _WEIGHED = "icon each", "icon joined", "icon weighed"
"""Names of filters that no template can name."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox with bounds on time and memory (`_render_bounds`).

    Every item of a loop, every call and every filter is a step, after some of which time and memory are checked. What
    makes large values of small ones (`*`, `~`, `center`, `format` and the like) is checked before it makes them.
    """

    intercepted_binops = frozenset(("+", "*", "**", "%"))

    def __init__(self, **options: Any) -> None:
        super().__init__(finalize=weighed, **options)
        self.budget = Budget()
        for offered in (self.filters, self.tests):
            bounded: dict[str, Any] = {name: self._bounded(name, made) for name, made in offered.items()}
            offered.update(bounded)
        self.filters |= {_EACH: self._each, _JOINED: self._joined, _WEIGHED: weighed}
        del self.globals["lipsum"]  # random text

    def concat(self, pieces: Iterable[str]) -> str:
        """The pieces of a block or of the whole, joined."""
        kept, length = [], 0
        for piece in pieces:
            length += len(piece)
            check_text(length, MAX_TEXT)
            kept.append(piece)
        return "".join(kept)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """The result of an operator."""
        self.budget.step()
        check_operation(operator, left, right)
        return self.budget.made(super().call_binop(context, operator, left, right))

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """The result of a function, method or macro."""
        __self.budget.step()
        if isinstance(__obj, BuiltinFunctionType):
            args = tuple(check_method(__obj.__self__, __obj.__name__, args))
        return __self.budget.made(super().call(__context, __obj, *args, **kwargs))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """The methods `format` and `format_map` of texts, with their bound."""
        wrapped = super().wrap_str_format(value)
        if wrapped is None:
            return None

        def bounded(*args: Any, **kwargs: Any) -> str:
            given = [*args, *kwargs.values()]
            inner = [one for value in given if isinstance(value, dict) for one in value.values()]
            check_format(value.__self__, [*given, *inner])
            return wrapped(*args, **kwargs)

        return bounded

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        for loop in source.find_all(nodes.For):
            loop.iter = _filtered(loop.iter, _EACH)
        compared: list[Any] = list(source.find_all((nodes.Compare, nodes.Operand)))
        for side in compared:
            if not isinstance(side.expr, nodes.Const):
                side.expr = _filtered(side.expr, _WEIGHED)
        _replace_concat(source)
        source.set_environment(self)
        return super()._generate(source, *args, **kwargs)

    def _each(self, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            self.budget.step()
            yield value

    def _joined(self, values: list[Any]) -> str:
        texts = [value if isinstance(value, str) else str(weighed(value)) for value in values]
        self.budget.step()
        return str(self.budget.made("".join(bounded_list(texts))))

    def _bounded(self, name: str, made: Any) -> Callable[..., Any]:
        first = int(hasattr(made, "jinja_pass_arg"))

        @functools.wraps(made)
        def bounded(*args: Any, **kwargs: Any) -> Any:
            self.budget.step()
            checked = check_filter(name, args[first:], kwargs) if len(args) > first else args[first:]
            return self.budget.made(made(*args[:first], *checked, **kwargs))

        return bounded


def _filtered(node: nodes.Node, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _replace_concat(node: nodes.Node) -> None:
    """Put a filter in the place of every `a ~ b` below the node."""
    for field, value in node.iter_fields():
        if isinstance(value, list):
            setattr(node, field, [_without_concat(one) for one in value])
        else:
            setattr(node, field, _without_concat(value))


def _without_concat(value: Any) -> Any:
    if not isinstance(value, nodes.Node):
        return value
    _replace_concat(value)
    if isinstance(value, nodes.Concat):
        return _filtered(nodes.List(value.nodes, lineno=value.lineno), _JOINED)
    return value


def make_environment(undefined: type[jinja2.Undefined] = jinja2.Undefined) -> Sandbox:
    """A sandbox with the settings, filters and functions that `transformers` gives chat templates."""
    environment = Sandbox(
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=undefined,
        extensions=["jinja2.ext.loopcontrols", _Generation],
    )
    environment.filters["tojson"] = environment._bounded("tojson", _tojson)
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = TODAY.strftime
    return environment


def compiled(environment: Sandbox, source: str, what: str, filename: str = "<template>") -> Callable[..., str]:
    """Compile a template; returns the function that renders it within the bounds.

    Args:
        environment: The sandbox.
        source: The template.
        what: What it is, for messages: its path, or words.
        filename: The file that the places of its errors have.

    Raises:
        TemplateError: It is not a valid template, is too long, or takes too much to compile.
    """
    if len(source) > MAX_TEMPLATE:
        raise TemplateError(f"{what}: found {len(source):,} characters; valid: a Jinja template of at most 262,144")
    if found := _lone_surrogate(source):
        raise TemplateError(f"{what}: found {found}; valid: a Jinja template")
    environment.budget.begin()
    try:
        code = environment.compile(source, name=what, filename=filename)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(
            f"{what}, line {error.lineno}: {shortened(str(error.message))}; valid: a Jinja template"
        ) from None
    except COMPILE_FAULTS as error:
        raise TemplateError(f"{what}: {_why(error)}; valid: a Jinja template") from None
    template = jinja2.Template.from_code(environment, code, environment.make_globals(None))

    def rendered(**values: Any) -> str:
        environment.budget.begin()
        text = template.render(values)
        if found := _lone_surrogate(text):
            raise jinja2.TemplateError(f"it makes text with {found}; valid: surrogates in pairs only")
        return text

    return rendered


def _lone_surrogate(text: str) -> str:
    """What no encoding has, in words; empty where there is none."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"a lone surrogate (U+{ord(text[error.start]):04X}) at character {error.start + 1}"
    return ""


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError | MemoryError):
        return "blocks or expressions are nested too deeply"
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"cannot be compiled: {shortened(text.rstrip('.'))}"


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
