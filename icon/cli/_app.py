"""Builds the Typer application from its commands and those of plugins."""

from __future__ import annotations

from contextlib import nullcontext

import typer

from icon.cli import (
    assess,
    backends,
    compare,
    doctor,
    explain,
    export,
    plan,
    plugins,
    preview,
    report,
    run,
    score,
    select,
    show_prompt,
    verify,
)
from icon.cli._access import add_access
from icon.cli._completion import is_completing, silent_plugins
from icon.cli._console import warn
from icon.cli._settings import load_plugins
from icon.errors import UnknownStrategyError

ELSEWHERE = "validate"
"""The command of this project's that another distribution adds."""


def build_app() -> typer.Typer:
    """The application; a plugin that is broken is a warning, never a crash, and at completion not even that."""
    app = build_commands()
    with silent_plugins() if is_completing() else nullcontext():
        loaded = load_plugins()
        added = loaded.add_commands(app)
        if not any(ELSEWHERE in names for names in added.values()):
            _say_where(app, loaded.advice("command", ELSEWHERE))
    for warning in () if is_completing() else loaded.warnings:
        warn(warning)
    return app


def build_commands() -> typer.Typer:
    """The application with icon's own commands."""
    app = typer.Typer(
        name="icon",
        help="Select instruction-tuning samples by their in-context contribution, without a gradient.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        # without colour: of texts that are printed past icon's consoles Typer takes the styles out
        context_settings={"help_option_names": ["-h", "--help"], "color": False},
    )
    app.callback()(_root)
    for module in (
        run,
        preview,
        plan,
        assess,
        score,
        select,
        compare,
        explain,
        export,
        report,
        verify,
        doctor,
        show_prompt,
        backends,
        plugins,
    ):
        module.register(app)
    add_access(app)
    return app


def _say_where(app: typer.Typer, advice: str) -> None:
    """Add a hidden command that says how to install the one of that name."""

    def missing() -> None:
        raise UnknownStrategyError(
            f"icon {ELSEWHERE} is a command of icon-{ELSEWHERE}, which is not installed.{advice}"
        )

    anything = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
    app.command(ELSEWHERE, hidden=True, context_settings=anything)(missing)


def _version(value: bool) -> None:
    if value:
        from icon import __version__

        typer.echo(__version__)
        raise typer.Exit


def _root(
    context: typer.Context,
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version and exit."
    ),
) -> None:
    context.obj = build_commands
