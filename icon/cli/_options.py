"""The options that `icon run`, `preview`, `plan` and `assess` share: the settings, and a few of their own.

A setting's type, bounds, default and description come from its field of `RunConfig`; only what a field cannot say,
such as the panel of the help and the completion of the shell, is in the tables here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import Parameter, Signature
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from icon.cli._completion import Completer, presets, strategies, templates, values
from icon.cli._defaults import default_of
from icon.cli._places import Places, places_of
from icon.cli._settings import SINGULAR, collect
from icon.config import RunConfig
from icon.errors import UserError

Start = Callable[[RunConfig, Path | None, Places, bool, bool], None]
"""Carries out a command, given its settings, --out, where it measures, --dry-run and --json."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """An option that is no setting: of one strategy, or of the command line.

    Attributes:
        help: Its description.
        kind: Its type; bool for a flag.
        names: Its names, where they do not follow from the parameter's.
        complete: Completes its values in the shell.
    """

    help: str
    kind: Any = str
    names: tuple[str, ...] = ()
    complete: Completer | None = None


PANELS: dict[str, tuple[str, ...]] = {
    "Data": (
        "assessment",
        "assessment_size",
        "hold_out",
        "format",
        "columns",
        "split",
        "turns",
        "reasoning",
        "tool_calls",
        "preference",
        "response_after",
        "ignore",
        "source_field",
        "near_duplicates",
        "group_field",
        "audit_field",
        "on_bad_row",
        "on_leak",
    ),
    "Model and prompt": (
        "backend",
        "model",
        "dtype",
        "device",
        "devices",
        "template",
        "max_prompt_tokens",
        "max_demonstration_tokens",
        "max_response_tokens",
        "on_too_long",
        "skip_tokens",
        "primed",
    ),
    "Method": (
        "scorer",
        "control",
        "equal_length",
        "baselines",
        "subset",
        "subset_draw",
        "skip_urls",
        "schedule",
        "capture",
        "confidence",
        "order",
        "selector",
        "features",
        "keep",
        "seed",
        "plugins",
    ),
    "Run": ("budget", "executor", "preset", "config", "option", "out", "dropped", "report", "dry_run", "as_json"),
}
"""Settings and own options, in the order of the help."""

OWN = {
    "model": Own(help="Model file, hub repo/file, or a name the backend knows; by default smollm2, the embedded one."),
    "dtype": Own(help="Weights of --backend torch: float32, bfloat16, float16, or by default auto."),
    "device": Own(help="Where --backend torch runs: cpu, cuda, cuda:1; by default a GPU where there is one."),
    "devices": Own(help="Devices to score on, one process per device: 0,1 for two GPUs; by default one process."),
    "executor": Own(
        help="Who measures: this process (local), one process per device (processes, with --devices), or an executor "
        "of a plugin; icon plugins lists them.",
        complete=strategies("executor"),
    ),
    "control": Own(help="Control of the scorer icon: paired, none, or by default random (a shared bank)."),
    "features": Own(help="Features of the classifier: embedding, or by default lexical."),
    "preset": Own(help="Named settings: paper, released.", complete=presets),
    "config": Own(help="Settings file (YAML, TOML or JSON), or the run.json of a run to replay."),
    "option": Own(
        help="Option of a strategy: backend.threads=2; repeatable.", kind=list[str], names=("--option", "-o")
    ),
    "out": Own(help="Run directory; by default one that depends on the settings.", kind=Path),
    "dry_run": Own(help="Print what would be done, and stop.", kind=bool, names=("--dry-run",)),
    "as_json": Own(help="Print the summary as JSON, for programs.", kind=bool, names=("--json",)),
}

COMPLETIONS: dict[str, Completer] = {
    "assessment": strategies("assessment"),
    "format": strategies("reader"),
    "backend": strategies("backend"),
    "scorer": strategies("scorer"),
    "baselines": strategies("scorer"),
    "selector": strategies("selector"),
    "template": templates,
}


def settings_command(start: Start, doc: str, below: Mapping[str, Any] | None = None) -> Callable[..., None]:
    """A command that takes every setting of a run and passes them, resolved, to `start`; `below` has its defaults."""
    parameters = list(_parameters(below or {}))

    def command(**all_given: Any) -> None:
        given = {name: value for name, value in all_given.items() if value not in (None, [])}
        if len(given.get("pool", ())) == 1:
            given["pool"] = given["pool"][0]
        with _file_named(given.get("config")):
            config = collect(given, dict(below) if below else None)
            places = places_of(given.get("devices"), given.get("executor"), given.get("option", ()))
            start(config, given.get("out"), places, given["dry_run"], given["as_json"])

    command.__doc__ = doc
    command.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


@contextmanager
def _file_named(file: str | None) -> Iterator[None]:
    """Let an error of wrong use name the settings file, where there is one and the message does not name it."""
    try:
        yield
    except UserError as error:
        if file is not None and file not in str(error):
            error.args = (f"{error}\nSettings from {file} and the command line.",)
        raise


def describe(setting: str) -> str:
    """The description of a setting, for the help."""
    return RunConfig.model_fields[setting].description or ""


def _parameters(defaults: Mapping[str, Any]) -> Iterator[Parameter]:
    """The parameters of a command, from which Typer makes its options."""
    pool = typer.Argument(None, help=describe("pool"), show_default=default_of("pool", defaults))
    yield Parameter("pool", Parameter.KEYWORD_ONLY, default=pool, annotation=list[str] | None)
    for panel, names in PANELS.items():
        for name in names:
            option, kind = _own(OWN[name], panel) if name in OWN else _setting(name, panel, defaults)
            yield Parameter(SINGULAR.get(name, name), Parameter.KEYWORD_ONLY, default=option, annotation=kind)


def _own(own: Own, panel: str) -> tuple[Any, Any]:
    """An option that is no setting, and its type."""
    flag = own.kind is bool
    default = False if flag else None
    option = typer.Option(default, *own.names, help=own.help, autocompletion=own.complete, rich_help_panel=panel)
    return option, bool if flag else own.kind | None


def _setting(name: str, panel: str, defaults: Mapping[str, Any]) -> tuple[Any, Any]:
    """The option of a setting, and its type; what is not given is None, so that presets and files can set it."""
    field = RunConfig.model_fields[name]
    kind = _kind(field)
    dashed = name.replace("_", "-")
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    option = typer.Option(
        None,
        *([f"--{dashed}/--no-{dashed}"] if kind is bool else []),
        help=describe(name),
        show_default=default_of(name, defaults),
        min=_bound(field, "ge") if kind is int else None,
        metavar=_metavar(name, field, choices),
        autocompletion=values(name) if choices else COMPLETIONS.get(name),
        rich_help_panel=panel,
    )
    return option, kind | None


def _kind(field: FieldInfo) -> Any:
    """The type of an option: that of its field, without None, where Typer has it; literals are checked by the field."""
    kind = field.annotation
    if isinstance(kind, UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
    if get_origin(kind) in (tuple, dict):
        return list[str]
    return str if get_origin(kind) is Literal else kind


def _metavar(name: str, field: FieldInfo, choices: tuple[str, ...]) -> str | None:
    """The values of an option in the help, where Typer would not print them; floats are checked by their field."""
    if choices:
        return f"<{'|'.join(choices)}>"
    if name in SINGULAR:
        return "<str>, repeatable"
    if field.annotation is not float:
        return None
    bounds = {name: _bound(field, name) for name in ("ge", "gt", "le", "lt")}
    low = "".join(f"{bounds[name]}{sign}" for name, sign in (("ge", "<="), ("gt", "<")) if bounds[name] is not None)
    high = "".join(f"{sign}{bounds[name]}" for name, sign in (("le", "<="), ("lt", "<")) if bounds[name] is not None)
    return f"<float> [{low}x{high}]" if low or high else None


def _bound(field: FieldInfo, name: str) -> Any:
    """A bound of a field (ge, gt, le or lt), or None."""
    return next((getattr(bound, name) for bound in field.metadata if hasattr(bound, name)), None)
