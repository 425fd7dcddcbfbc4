"""Descriptions of the groups: a table, a phrase for each reason, and warnings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from icon_balanced.quotas import REST, SHOWN, Quotas

WIDTH = 60
"""Longest name of a group in a sentence, in characters."""


@dataclass(frozen=True, slots=True)
class Places:
    """The groups of a selection and their numbers.

    Attributes:
        by: The field of the groups: group or source.
        quotas: Places of each group.
        candidates: Number of candidates of each group.
        scored: Number of scored candidates of each group.
        selected: Number of selected candidates of each group.
    """

    by: str
    quotas: Quotas
    candidates: Counter[str]
    scored: Counter[str]
    selected: Counter[str]

    def table(self) -> dict[str, Any]:
        """One entry per group, by name, and the quota that groups without their own share."""
        lines = {
            group: {
                "candidates": self.candidates[group],
                "available": self.scored[group],
                "quota": self.quotas.places.get(group),
                "selected": self.selected[group],
            }
            for group in sorted(self.candidates)
        }
        return {"groups": lines, "quota_of_the_rest": self.quotas.places.get(REST)}

    def standing(self, group: str, place: int, *, beyond: bool) -> str:
        """A phrase with the group, the place in it and its quota."""
        holder = self.quotas.holder(group)
        quota = f"{'beyond its ' if beyond else ''}quota of {self.quotas.places[holder]}"
        shared = "" if holder else f" shared by the other {self.by}s"
        return f"place {place} of {self.scored[group]} in {self.by} {_one_line(group)}, {quota}{shared}"

    def short(self) -> dict[str, tuple[int, int]]:
        """The holders with fewer scored candidates than places, with both numbers."""
        available: Counter[str] = Counter()
        for group, n in self.scored.items():
            available[self.quotas.holder(group)] += n
        return {
            holder: (available[holder], places)
            for holder, places in self.quotas.places.items()
            if available[holder] < places
        }


def warnings_of(places: Places, kept: int, n_filled: int) -> list[str]:
    """Warnings of what differs from the quotas, with numbers."""
    warnings = []
    if list(places.candidates) == [f"(no {places.by})"]:
        field = "; in a new run, --group-field sets the field of the group" if places.by == "group" else ""
        warnings.append(f"no candidate has a {places.by}, so balanced selects the same as top{field}")
    without = sum(not n for group, n in places.quotas.places.items() if group != REST)
    if without and REST not in places.quotas.places:
        n = len(places.candidates)
        warnings.append(f"{without} of the {n} {places.by}s have no place: too many for the {kept} to keep")
    if short := places.short():
        most = sorted(short, key=lambda holder: (short[holder][0] - short[holder][1], holder))
        groups = ", ".join(
            f"{_name(holder, places)} {short[holder][0]} of {short[holder][1]}" for holder in most[:SHOWN]
        )
        more = f" and {len(short) - SHOWN} more" if len(short) > SHOWN else ""
        warnings.append(
            f"fewer scored candidates than their quota: {groups}{more}; places that go to the best of the others: "
            f"{n_filled}"
        )
    return warnings


def _name(holder: str, places: Places) -> str:
    return _one_line(holder) if holder else f"the other {places.by}s"


def _one_line(name: str) -> str:
    flat = " ".join(name.split())
    return flat if len(flat) <= WIDTH else flat[: WIDTH - 1] + "…"
