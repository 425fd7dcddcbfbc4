"""What plugins offer of one kind, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from icon.hooks.faults import Fault, raised
from icon.hooks.loaded import roots_of_plugin
from icon.hooks.strategies import Strategy

Offers = dict[str, list[Strategy]]
"""Strategies by name: more than one under a name is a clash, refused when it is asked for."""


def collect(kind: str, hook: str, implementations: Iterable[Any]) -> tuple[Offers, list[tuple[str, Fault]]]:
    """Ask every plugin for its strategies of a kind.

    Args:
        kind: The kind, in words.
        hook: The hook that gives them.
        implementations: pluggy's records of who implements it.

    Returns:
        What is offered, and faults with the distribution that each is of.
    """
    found: Offers = {}
    faults: list[tuple[str, Fault]] = []
    for implementation in implementations:
        distribution = implementation.plugin_name
        try:
            offered = list(implementation.function())
        except Exception as error:  # noqa: BLE001  a plugin may raise anything: it is named, and left out
            roots = roots_of_plugin(implementation.plugin)
            faults.append((distribution, raised(error, roots, distribution, hook)))
            continue
        for each in offered:
            if isinstance(each, Strategy):
                found.setdefault(each.name, []).append(replace(each, distribution=distribution))
            else:
                what = f"{hook} gave a {type(each).__name__}; valid: a list of icon.hooks.Strategy"
                faults.append((distribution, Fault(what)))
    for name, several in found.items():
        if len(several) > 1:
            faults += _clashing(kind, name, several)
    return found, faults


def clash(kind: str, name: str, several: Sequence[Strategy]) -> str:
    """Who offers one name."""
    return f"{kind} {name!r} is offered by {' and '.join(each.distribution for each in several)}"


def _clashing(kind: str, name: str, several: Sequence[Strategy]) -> list[tuple[str, Fault]]:
    others = " or ".join(dict.fromkeys(each.distribution for each in several if each.distribution != "icon-select"))
    fault = Fault(clash(kind, name, several), advice=f"Rename it in {others}, or do without that")
    return [(each.distribution, fault) for each in several]
