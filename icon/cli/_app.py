"""Builds the Typer application from its commands and those of plugins."""

from __future__ import annotations

from contextlib import nullcontext

import typer

from icon.cli._completion import is_completing, silent_plugins
from icon.cli._console import warn
from icon.cli._late import add, add_late
from icon.cli._loaded import load_plugins
from icon.errors import UnknownStrategyError

COMMANDS = {
    "run": "Select from a POOL: build the assessment set, score, select, and sum up.",
    "preview": "Preview a selection from a POOL in five minutes, with the local quantised model, and say how far to "
    "trust it.",
    "plan": "Print what a run on a POOL would do and take, from its own texts and ten seconds of measuring this "
    "machine.",
    "assess": "Begin a run: read the POOL and build its assessment set (stage 1).",
    "score": "Score the candidates of a RUN (stage 2); what is finished is not repeated.",
    "select": "Select from the scores of a RUN (stage 3), with its own settings or with new ones for this stage.",
    "compare": "Compare the scorers of one finished RUN; the scores, selections and settings of two; the scores of "
    "several.",
    "explain": "Explain one sample of a RUN: its score and place, what it helped and hurt token by token, and what "
    "is like it.",
    "export": "Write the selection of a finished RUN for a trainer: LLaMA-Factory, TRL, Axolotl, ms-swift and others.",
    "report": "Write the report of a RUN: one self-contained page that works offline; no model is needed.",
    "verify": "Measure some pairs of a RUN again, one at a time and without sharing, and say how far its numbers hold.",
    "doctor": "Say what the directory of a RUN holds, and what is missing, damaged or left over; exit code 1 where "
    "something is.",
    "show-prompt": "Print what is scored for a sample of POOL: text, tokens, BOS count, boundaries, truncation.",
    "backends": "List the backends and their options.",
    "plugins": "List the plugins: what each offers, its version, what is wrong with it and what to do.",
}
"""icon's own commands with the first paragraph of their help, in its order; a test compares both."""

ELSEWHERE = "validate"
"""The command of this project's that another distribution adds."""


def build_app(*, whole: bool = False) -> typer.Typer:
    """The application; a plugin that is broken is a warning, never a crash, and at completion not even that.

    Args:
        whole: Whether to import the modules of icon's commands now, and not when one is used.
    """
    app = build_commands(whole=whole)
    with silent_plugins() if is_completing() else nullcontext():
        loaded = load_plugins()
        added = loaded.add_commands(app)
        if not any(ELSEWHERE in names for names in added.values()):
            _say_where(app, loaded.advice("command", ELSEWHERE))
    for warning in () if is_completing() else loaded.warnings:
        warn(warning)
    return app


def build_commands(*, whole: bool = False) -> typer.Typer:
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
    for name, line in COMMANDS.items():
        if whole:
            add(app, name)
        else:
            add_late(app, name, line)
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
