"""The hook specs: the whole surface that a plugin can fill."""

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
    """Stage 1: ways to build the assessment set; each builds a `protocols.AssessmentBuilder`."""


@hookspec
def icon_contribution_scorers() -> list[Strategy]:  # type: ignore[empty-body]
    """Stage 2: ways to score a candidate; each builds a `protocols.ContributionScorer`."""


@hookspec
def icon_selectors() -> list[Strategy]:  # type: ignore[empty-body]
    """Stage 3: ways to choose from the pool; each builds a `protocols.Selector`."""


@hookspec
def icon_backends() -> list[Strategy]:  # type: ignore[empty-body]
    """Models that supply log-likelihoods; each builds a `protocols.Backend`."""


@hookspec
def icon_readers() -> list[Strategy]:  # type: ignore[empty-body]
    """Record formats that pools come in; each builds a `protocols.Reader`."""


@hookspec
def icon_report_sections(run: RunView) -> list[Section]:  # type: ignore[empty-body]
    """Add sections of text and tables to the report of a finished run."""


@hookspec
def icon_commands(app: Any) -> None:
    """Add commands and named groups of commands to this Typer application.

    It is the plugin's own: they come to stand beside icon's commands, under names that are free, and their help texts
    are shown as they are written.
    """


@hookspec
def icon_event(event: Event) -> None:
    """Observe what a run does; an observer never changes a result."""
