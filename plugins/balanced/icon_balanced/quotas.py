"""Quotas: the number of places of each group."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from icon.assessment.draw import allocate
from icon.errors import ConfigError
from icon_balanced.options import UNIT, BalancedOptions, parse_quota

REST = ""
"""Key of all groups without a quota of their own; no group has an empty name."""

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Quotas:
    """Places by group; groups without an entry share the places of `REST`. All places add up to what is kept."""

    places: Mapping[str, int]

    def holder(self, group: str) -> str:
        """The key of the places that a group takes: its own name, or `REST`."""
        return group if group in self.places else REST


def quotas_of(options: BalancedOptions, candidates: Counter[str], scored: Counter[str], kept: int) -> Quotas:
    """The quotas that the options set.

    Args:
        options: The selector's options.
        candidates: Number of candidates of each group.
        scored: Number of scored candidates of each group.
        kept: Number of candidates to select in all.

    Raises:
        ConfigError: A named group does not exist, or the quotas add up to more than is kept.
    """
    if options.quotas == "proportional":
        return Quotas(allocate(kept, candidates))
    if options.quotas == "equal":
        return Quotas(_equal(candidates, scored, kept))
    assert isinstance(options.quotas, dict)
    for name in options.quotas:
        if name not in candidates:
            raise ConfigError(_no_such_group(name, options.by, candidates))
    return Quotas(_named(options.quotas, kept))


def _equal(candidates: Counter[str], scored: Counter[str], kept: int) -> dict[str, int]:
    """Equal places for all groups; the remaining ones go one each to the groups with most scored candidates."""
    equal, over = divmod(kept, len(candidates))
    by_size = sorted(candidates, key=lambda group: (-scored[group], group))
    return {group: equal + (place < over) for place, group in enumerate(by_size)}


def _named(quotas: Mapping[str, str], kept: int) -> dict[str, int]:
    """Counts as set; shares of all that is kept, by largest remainder; the rest for the other groups."""
    parsed = {name: parse_quota(name, text) for name, text in quotas.items()}
    counts = {name: quota.count for name, quota in parsed.items() if quota.count is not None}
    shares = {name: round(quota.share * UNIT) for name, quota in parsed.items() if quota.share is not None}
    rest = max(0, UNIT - sum(shares.values()))
    if sum(counts.values()) * UNIT > rest * kept:
        given = ", ".join(f"{name}: {text}" for name, text in quotas.items())
        raise ConfigError(
            f"selector balanced: quotas ({given}) add up to more than the {kept} to keep; valid: at most as many. "
            "Lower them, keep more (--keep), or score more candidates: no more are kept than have a score"
        )
    places = allocate(kept, {**shares, REST: rest})
    return {**counts, **places, REST: places[REST] - sum(counts.values())}


def _no_such_group(name: str, by: str, candidates: Counter[str]) -> str:
    existing = ", ".join(f"{group} ({n})" for group, n in candidates.most_common(SHOWN))
    more = f" and {len(candidates) - SHOWN} more" if len(candidates) > SHOWN else ""
    near = difflib.get_close_matches(name, candidates, n=2)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    field = " In a new run, --group-field sets the field of the group." if by == "group" else ""
    return f"selector balanced: quotas: no candidate has the {by} {name!r}; found: {existing}{more}.{hint}{field}"
