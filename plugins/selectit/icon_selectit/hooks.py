"""The plugin's hooks; importing them is light, the scorer is imported when it is built."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from icon.plugins import Options, Strategy, hookimpl

SUMMARY = "the model's own rating from 1 to 5, weighted by its confidence and its consistency"


class SelectitOptions(Options):
    """Options of the scorer `selectit`."""

    alpha: float = Field(0.2, ge=0, description="How much disagreement between the rating prompts lowers a score.")
    prompts: str | None = Field(
        None,
        min_length=1,
        description="A text file of rating prompts with {prompt} and {response} in each, separated by lines ---; by "
        "default five of this plugin.",
    )


@hookimpl
def icon_contribution_scorers() -> list[Strategy]:
    """The scorer `selectit`."""
    return [Strategy("selectit", SUMMARY, _selectit, SelectitOptions)]


def _selectit(options: Any) -> Any:
    from icon_selectit.scorer import SelectitScorer

    return SelectitScorer(options)
