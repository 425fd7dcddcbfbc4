"""`icon select`: stage 3 alone, as often as wanted, on existing scores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from icon.cli._completion import runs, strategies
from icon.cli._conflicts import refuse_two_values
from icon.cli._defaults import choices_of
from icon.cli._options import OWN, describe
from icon.cli._settings import parse_options
from icon.cli._working import working
from icon.cli.run import end_without_selection
from icon.errors import ConfigError

OF_RUN = "the run's"
"""The default of a setting of this stage."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("select")(select)


def select(
    run: Annotated[Path, typer.Argument(help="Run directory that is scored.", autocompletion=runs)],
    keep: Annotated[str | None, typer.Option(help=describe("keep"), show_default=OF_RUN)] = None,
    selector: Annotated[
        str | None,
        typer.Option(help=describe("selector"), show_default=OF_RUN, autocompletion=strategies("selector")),
    ] = None,
    plugin: Annotated[
        list[str] | None, typer.Option(help="Python file with a selector of your own, beside the run's; repeatable.")
    ] = None,
    equal_length: Annotated[
        str | None, typer.Option(help=describe("equal_length"), show_default=OF_RUN, metavar=choices_of("equal_length"))
    ] = None,
    dropped: Annotated[
        str | None, typer.Option(help=describe("dropped"), show_default=OF_RUN, metavar=choices_of("dropped"))
    ] = None,
    features: Annotated[str | None, typer.Option(help=OWN["features"].help, show_default=OF_RUN)] = None,
    option: Annotated[
        list[str] | None, typer.Option("--option", "-o", help="Option of the selector: selector.epochs=3; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Select from the scores of a RUN (stage 3), with its own settings or with new ones for this stage."""
    from icon.cli._closing import show
    from icon.config import merge, validate
    from icon.pipeline import stages

    asked = (("keep", keep), ("selector", selector), ("equal_length", equal_length), ("dropped", dropped))
    given: dict[str, Any] = {k: v for k, v in asked if v is not None}
    options = parse_options(option or [])
    if wrong := {stage for stage, _ in options} - {"selector"}:
        raise ConfigError(f"-o {min(wrong)}.NAME=VALUE: this command takes options of the selector only")
    if features is not None:
        refuse_two_values(
            "--features and -o selector.features", features, options.setdefault(("selector", "features"), features)
        )
    if options:
        given["selector_options"] = {name: value for (_, name), value in options.items()}
    with working(None, run, files=plugin or ()) as opened:
        own, model, pool = opened.run, opened.model, opened.pool
        if features is not None and selector is None and own.config.selector == "auto":
            given["selector"] = "classifier"
        choice = stages.Choice(validate(merge(own.config.model_dump(mode="json"), given)))
        stages.perform(own, "select", lambda: stages.select(own, model, pool, choice))
        stages.perform(own, "report", lambda: stages.report(own, model, pool))
    show(own.manifest, own.path, as_json=as_json)
    end_without_selection(own.manifest)
