"""The options of the built-in scorers, light enough to list without numpy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from icon.hooks import Options


class IconOptions(Options):
    """Options of the scorer `icon`."""

    control: Literal["random", "none"] = Field("random", description="What a demonstration is compared with.")
    match: Literal["tokens", "characters"] = Field(
        "tokens", description="Length a random context shares with its demonstration; the paper matches characters."
    )
    rank_by: Literal["contribution", "log-gain", "trimmed-mean"] = Field(
        "contribution",
        description="What the score is: the mean of c_ij, of the log-gain, or of c_ij without its tails.",
    )


class LengthOptions(Options):
    """Options of the scorer `length`."""

    unit: Literal["characters", "words"] = Field("characters", description="What the response is counted in.")


class PplOptions(Options):
    """Options of the scorer `ppl`."""

    prefer: Literal["low", "high"] = Field("low", description="Which end of PPL(y given x) ranks first.")
