"""`icon score`: stage 2 alone, on a run directory that has its assessment set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from icon.cli._completion import runs, strategies
from icon.cli._conflicts import refuse_two_places
from icon.cli._console import out, warn
from icon.cli._options import OWN
from icon.cli._places import ALONE, Places, places_of
from icon.cli._settings import parse_options
from icon.cli._working import working
from icon.cli.run import end
from icon.errors import ConfigError

if TYPE_CHECKING:
    from icon.pipeline.measuring import Share


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("score")(score)


def score(
    run: Annotated[Path, typer.Argument(help="Run directory that `icon assess` began.", autocompletion=runs)],
    scorer: Annotated[
        list[str] | None,
        typer.Option(
            help="Scorer to measure beside the run's own; repeatable: they share the passes they can.",
            autocompletion=strategies("scorer"),
        ),
    ] = None,
    plugin: Annotated[
        list[str] | None, typer.Option(help="Python file with a scorer of your own, beside the run's; repeatable.")
    ] = None,
    share: Annotated[
        str | None,
        typer.Option(
            help="One share only, beside other processes or machines: 2/4 is the second of four; by default all."
        ),
    ] = None,
    device: Annotated[str | None, typer.Option(help=OWN["device"].help)] = None,
    devices: Annotated[str | None, typer.Option(help=OWN["devices"].help)] = None,
    executor: Annotated[
        str | None, typer.Option(help=OWN["executor"].help, autocompletion=strategies("executor"))
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-o", help="Option of the executor: executor.NAME=VALUE; repeatable."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Score the candidates of a RUN (stage 2); what is finished is not repeated.

    With --share several processes, on one machine or on many with a common disk, measure the same run; when all are
    done, `icon score RUN` without it finishes the stage.

    With --scorer, given once or more, the run's candidates are measured with these scorers as well; `icon select RUN`
    then puts them into its tables, and `icon compare RUN` compares them.
    """
    from icon.cli._closing import show_stage
    from icon.pipeline import stages

    refuse_two_places(device, devices)
    places = places_of(devices if devices is not None else device, executor, _of_executor(option or []))
    if share is not None:
        part = _share_alone(share, places, as_json=as_json)
        # The first share records the model in run.json, so that the process that finishes the stage need not load it.
        recording, name = part.index == 0, f"{part.index + 1}-of-{part.count}"
        with working(None, run, places, recording=recording, files=plugin or (), share=name) as opened:
            stages.score_share(opened.run, opened.model, opened.pool, part, scorer or [])
        return
    with working(None, run, places, files=plugin or ()) as opened:
        own = opened.run
        with stages.observed(own):
            stages.perform(own, "score", lambda: stages.score(own, opened.model, opened.pool, scorer or []))
    if own.manifest.status == "done" and not as_json:
        out().print(f"score: nothing was left to measure; {own.path} is done", markup=False, soft_wrap=True)
        return
    show_stage(own.manifest, own.path, "score", "icon select", as_json=as_json)
    if own.manifest.status == "running" and own.manifest.stages.select is not None:
        warn(f"the selection of {own.path} is from before these measurements; to select again: icon select {own.path}")
    end(own.manifest)


def _of_executor(options: Sequence[str]) -> Sequence[str]:
    """The options, all of which are the executor's: the others are settings, and those of the run stay.

    Raises:
        ConfigError: One is of another stage.
    """
    for stage, name in parse_options(options):
        if stage != "executor":
            raise ConfigError(
                f"--option {stage}.{name}: it is a setting of the run, which stays as begun; valid: executor.NAME"
            )
    return options


def _share_alone(text: str, places: Places, *, as_json: bool) -> Share:
    """The share, where the other options fit a single share.

    Raises:
        ConfigError: The share is malformed, or beside options that it excludes.
    """
    share = parse_share(text)
    if as_json:
        raise ConfigError(f"--share {text} and --json: a share has no outcome of its own; valid: one of the two")
    if len(places.devices) > 1:
        raise ConfigError(
            f"--share {text}: found {len(places.devices)} devices; valid: one process and one device per share"
        )
    if places.executor != ALONE:
        raise ConfigError(
            f"--share {text} and --executor {places.executor}: one process measures a share; valid: one of the two"
        )
    return share


def parse_share(text: str) -> Share:
    """Parse a share such as 2/4.

    Raises:
        ConfigError: It is not of that form.
    """
    from icon.pipeline.measuring import Share

    match = re.fullmatch(r"(\d+)/(\d+)", text.strip())
    if match and 1 <= int(match[1]) <= int(match[2]):
        return Share(int(match[1]) - 1, int(match[2]))
    raise ConfigError(f"--share {text}: valid: K/N with K from 1 to N, such as 2/4")
