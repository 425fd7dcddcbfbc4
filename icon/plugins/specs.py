"""The hook specifications: every hook that a plugin can implement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from icon.plugins.events import Event
    from icon.plugins.sections import RunView, Section
    from icon.plugins.strategies import Strategy

hookspec = pluggy.HookspecMarker("icon")
hookimpl = pluggy.HookimplMarker("icon")


@hookspec
def icon_assessment_builders() -> list[Strategy]:  # type: ignore[empty-body]
    """Strategies of stage 1: each builds an `AssessmentBuilder`."""


@hookspec
def icon_contribution_scorers() -> list[Strategy]:  # type: ignore[empty-body]
    """Strategies of stage 2: each builds a `ContributionScorer`."""


@hookspec
def icon_selectors() -> list[Strategy]:  # type: ignore[empty-body]
    """Strategies of stage 3: each builds a `Selector`."""


@hookspec
def icon_backends() -> list[Strategy]:  # type: ignore[empty-body]
    """Backends, which supply log-likelihoods of a model: each builds a `Backend`."""


@hookspec
def icon_executors() -> list[Strategy]:  # type: ignore[empty-body]
    """Executors, which measure a run in several processes or on several machines: each builds an `Executor`."""


@hookspec
def icon_readers() -> list[Strategy]:  # type: ignore[empty-body]
    """Readers of record formats: each builds a `Reader`."""


@hookspec
def icon_report_sections(run: RunView) -> list[Section]:  # type: ignore[empty-body]
    """Add sections of text and tables to the report of a finished run."""


@hookspec
def icon_commands(app: Any) -> None:
    """Add commands and named groups of commands to this Typer application.

    The application is the plugin's own. Its commands join icon's commands where their names are free, and their help
    texts are shown literally.
    """


@hookspec
def icon_event(event: Event) -> None:
    """Observe what a run does; an observer never changes a result."""
