"""Options of the scorer `selectit`."""

from __future__ import annotations

from pydantic import Field

from icon.plugins import Options


class SelectitOptions(Options):
    """Options of the scorer `selectit`."""

    alpha: float = Field(0.2, ge=0, description="How much disagreement between the rating prompts lowers a score.")
    prompts: str | None = Field(
        None,
        min_length=1,
        description="A text file of rating prompts with {prompt} and {response} in each, separated by lines ---; by "
        "default five of this plugin.",
    )
