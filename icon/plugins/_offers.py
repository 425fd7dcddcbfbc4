"""What plugins offer of one kind, and what is wrong with that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from icon.plugins._distributions import roots_of_plugin
from icon.plugins._faults import Fault, raised
from icon.plugins.strategies import Strategy

Offers = dict[str, list[Strategy]]
"""Strategies by name: more than one under a name is a clash, refused when it is asked for."""

NAME = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9_.+-]*")
"""A strategy's name is typed, and names files and folders of a run."""

SLICE = re.compile(r"slice-\d+")
"""Folders of a race, which lie beside those of scorers."""


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
            offered = [_of(distribution, each) for each in implementation.function()]
        except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin may raise anything: it is named, and left out
            roots = roots_of_plugin(implementation.plugin)
            faults.append((distribution, raised(error, roots, distribution, hook)))
            continue
        for each in offered:
            if fault := _refused(hook, each):
                faults.append((distribution, fault))
            else:
                found.setdefault(each.name, []).append(each)
    for name, several in found.items():
        if len(several) > 1:
            faults += _clashing(kind, name, several)
    return found, faults


def clash(kind: str, name: str, several: Sequence[Strategy]) -> str:
    """Who offers one name."""
    return f"{kind} {name!r} is offered by {' and '.join(each.distribution for each in several)}"


def _of(distribution: str, offered: Any) -> Any:
    """What was offered, with the distribution where it is a strategy."""
    return replace(offered, distribution=distribution) if isinstance(offered, Strategy) else offered


def _refused(hook: str, offered: Any) -> Fault | None:
    """Why something offered is no usable strategy."""
    if not isinstance(offered, Strategy):
        return Fault(f"{hook} gave a {type(offered).__name__}; valid: a list of icon.plugins.Strategy")
    if not isinstance(offered.name, str) or not NAME.fullmatch(offered.name) or SLICE.fullmatch(offered.name):
        valid = "letters, digits, '-', '_', '.' and '+', with no dot in front, and not slice-NUMBER"
        return Fault(f"{hook} gave a strategy named {offered.name!r}; valid: {valid}", advice="Give it another name")
    if not isinstance(offered.summary, str) or not offered.summary.strip():
        what = f"{hook} gave {offered.name!r} the summary {offered.summary!r}; valid: a line of text"
        return Fault(what, advice="Say in a line what it does")
    if not callable(offered.build):
        what = f"{hook} gave {offered.name!r} a build of type {type(offered.build).__name__}; valid: a function"
        return Fault(what, advice="Give it a function that takes the options and makes the thing")
    if not isinstance(offered.options, type) or not issubclass(offered.options, BaseModel):
        what = (
            f"{hook} gave {offered.name!r} the options {offered.options!r}; valid: a subclass of icon.plugins.Options"
        )
        return Fault(what, advice="Give it the class, with a field for each option, or leave options out for none")
    return None


def _clashing(kind: str, name: str, several: Sequence[Strategy]) -> list[tuple[str, Fault]]:
    others = " or ".join(dict.fromkeys(each.distribution for each in several if each.distribution != "icon-select"))
    fault = Fault(clash(kind, name, several), advice=f"Rename it in {others}, or do without that")
    return [(each.distribution, fault) for each in several]
