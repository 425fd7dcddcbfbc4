"""The strategies of one kind that plugins offer, and the faults of these offers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from icon.plugins._distributions import roots_of_plugin
from icon.plugins._faults import Fault, raised
from icon.plugins.containing import contained
from icon.plugins.strategies import Strategy

Offers = dict[str, list[Strategy]]
"""Strategies by name: more than one under a name is a clash, refused when it is asked for."""

NAME = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9_.+-]*")
"""A valid name of a strategy: it is typed, and used for files and folders of a run."""

SLICE = re.compile(r"slice-\d+")
"""Names of a race's folders, which share their parent with those of scorers."""

RENAME = "Give it another name"


def collect(kind: str, hook: str, implementations: Iterable[Any]) -> tuple[Offers, list[tuple[str, Fault]]]:
    """Ask every plugin for its strategies of a kind.

    Args:
        kind: The kind, in words.
        hook: The hook that returns them.
        implementations: pluggy's records of the hook's implementations.

    Returns:
        The valid offers, and the faults, each with its distribution.
    """
    offers: Offers = {}
    faults: list[tuple[str, Fault]] = []
    for implementation in implementations:
        distribution = implementation.plugin_name
        try:
            with contained():
                offered = [_of(distribution, offer) for offer in implementation.function()]
        except Exception as error:  # noqa: BLE001  a plugin may raise anything
            roots = roots_of_plugin(implementation.plugin)
            faults.append((distribution, raised(error, roots, distribution, hook)))
            continue
        for offer in offered:
            if fault := _refused(hook, offer):
                faults.append((distribution, fault))
            else:
                offers.setdefault(offer.name, []).append(offer)
    for name, several in offers.items():
        if len(several) > 1:
            faults += _clashing(kind, name, several)
    return offers, faults


def clash(kind: str, name: str, several: Sequence[Strategy]) -> str:
    """A sentence about several distributions that offer the same name."""
    return f"{kind} {name!r} is offered by {' and '.join(strategy.distribution for strategy in several)}"


def _of(distribution: str, offered: Any) -> Any:
    """An offer, with its distribution filled in where it is a strategy."""
    return replace(offered, distribution=distribution) if isinstance(offered, Strategy) else offered


def _refused(hook: str, offered: Any) -> Fault | None:
    """The fault of an offer that is not a usable strategy; None where it is one."""
    if not isinstance(offered, Strategy):
        return Fault(f"{hook} returned a {type(offered).__name__}; valid: a list of icon.plugins.Strategy")
    if not isinstance(offered.name, str) or not NAME.fullmatch(offered.name) or SLICE.fullmatch(offered.name):
        valid = "letters, digits, '-', '_', '.' and '+', with no dot in front, and not slice-NUMBER"
        return Fault(f"{hook} returned a strategy named {offered.name!r}; valid: {valid}", advice=RENAME)
    if not isinstance(offered.summary, str) or not offered.summary.strip():
        what = f"{hook} returned {offered.name!r} with the summary {offered.summary!r}; valid: a line of text"
        return Fault(what, advice="Describe it in one line")
    if not callable(offered.build):
        what = (
            f"{hook} returned {offered.name!r} with a build of type {type(offered.build).__name__}; valid: a function"
        )
        return Fault(what, advice="Give it a function that builds the strategy from its options")
    if not isinstance(offered.options, type) or not issubclass(offered.options, BaseModel):
        what = (
            f"{hook} returned {offered.name!r} with the options {offered.options!r}; valid: a subclass of "
            "icon.plugins.Options"
        )
        return Fault(what, advice="Give it the class, with a field for each option, or leave options out for none")
    return None


def _clashing(kind: str, name: str, several: Sequence[Strategy]) -> list[tuple[str, Fault]]:
    offering = dict.fromkeys(strategy.distribution for strategy in several)
    others = " or ".join(name for name in offering if name != "icon-select")
    fault = Fault(clash(kind, name, several), advice=f"Rename it in {others}, or uninstall that")
    return [(strategy.distribution, fault) for strategy in several]
