"""The options of the built-in scorers; importing them does not import numpy."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from icon.plugins import Options


class IconOptions(Options):
    """Options of the scorer `icon`."""

    control: Literal["random", "paired", "none"] = Field(
        "random",
        description="What a demonstration is compared with: random (a shared bank), paired (exactly as long) or none.",
    )
    match: Literal["tokens", "characters", "released"] = Field(
        "tokens",
        description="Unit in which a paired control is as long as its demonstration; the paper: characters; released: "
        "characters of the authors' alphabet, drawn anew for every pair.",
    )
    mask: Literal["none", "released"] = Field(
        "none",
        description="released: leave the first two response tokens out of the in-context passes, as the authors do.",
    )
    rank_by: Literal["contribution", "log-gain", "trimmed-mean"] = Field(
        "contribution",
        description="What the score is: the mean of c_ij, of the log-gain, or of c_ij without its tails.",
    )

    @model_validator(mode="after")
    def _they_fit_together(self) -> Self:
        if self.control != "paired" and self.match == "released":
            raise ValueError(
                f"match: found 'released' with control {self.control!r}; valid: control 'paired', or match 'tokens'"
            )
        if self.control == "none" and self.mask == "released":
            raise ValueError(
                "mask: found 'released' with control 'none', which compares with a pass that is not masked; "
                "valid: control 'paired' or 'random'"
            )
        if self.control == "random" and self.match == "characters":
            raise ValueError(
                "match: found 'characters' with control 'random', whose bank has lengths in tokens; valid: 'tokens'. "
                "Set match to tokens, or for random contexts of as many characters set control to paired"
            )
        return self


class LengthOptions(Options):
    """Options of the scorer `length`."""

    unit: Literal["characters", "words"] = Field("characters", description="Unit in which the response is counted.")


class PplOptions(Options):
    """Options of the scorer `ppl`."""

    prefer: Literal["low", "high"] = Field("low", description="Which end of PPL(y given x) ranks first.")


class ReverseOptions(Options):
    """Options of the scorer `reverse`."""

    contexts: int = Field(
        4, ge=1, description="How many assessment samples each candidate is measured on; all where there are fewer."
    )
    shots: int = Field(1, ge=1, le=4, description="Assessment samples in each context.")
    measure: Literal["ratio", "gain"] = Field(
        "ratio", description="What is averaged: the gain in nats per token, or its share of the response's own NLL."
    )
