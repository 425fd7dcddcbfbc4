"""The options of the selector `balanced`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from icon.config import parse_keep
from icon.plugins import Options
from icon.types import Keep

UNIT = 10**9
"""Shares are added as whole numbers of 1/UNIT, so that 0.1 and 0.2 make 0.3."""


class BalancedOptions(Options):
    """Options of the selector `balanced`."""

    by: Literal["group", "source"] = Field(
        "group", description="Field that groups the candidates: their task group or their source."
    )
    quotas: Literal["equal", "proportional"] | dict[str, str] = Field(
        "equal",
        description="How many to keep of each group: equal, proportional to the pool, or by name a count or a share of "
        "what is kept; the other groups share the rest.",
    )

    @field_validator("quotas", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {str(name): str(quota) for name, quota in value.items()}

    @field_validator("quotas")
    @classmethod
    def _add_up(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        if isinstance(value, str):
            return value
        if not value:
            raise ValueError("no group is named; valid: at least one group, or equal, or proportional")
        quotas = [parse_quota(name, quota) for name, quota in value.items()]
        total = sum(round(quota.share * UNIT) for quota in quotas if quota.share is not None)
        if total > UNIT + len(quotas):  # each may be rounded up by half a unit
            raise ValueError(f"the shares add up to {total / UNIT:.0%}; valid: at most 100%")
        return value


def parse_quota(name: str, text: str) -> Keep:
    """The quota in a text: a share such as '15%' or '0.15', or a count such as '500', as in `--keep`.

    Raises:
        ValueError: The text is neither.
    """
    try:
        return parse_keep(text)
    except ValueError as error:
        raise ValueError(f"quota of {name!r}: {error}") from None
