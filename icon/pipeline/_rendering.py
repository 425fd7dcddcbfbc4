"""Whether a prompt template can render the candidates, found out before anything is measured."""

from __future__ import annotations

import re
from collections.abc import Sequence

from icon.errors import TemplateError
from icon.plugins import Template
from icon.samples.templates.loading import ENDINGS
from icon.types import Sample

SHOWN = 5
"""Causes that a message names."""


def is_own(template: str) -> bool:
    """Whether the setting `template` names a file of the user's own."""
    return template.lower().endswith(ENDINGS)


def refuse_unrenderable(template: Template, candidates: Sequence[Sample]) -> None:
    """Refuse a template that can render none of the candidates, so that a typo in it costs no measurement.

    It ends at the first that it can render.

    Raises:
        TemplateError: It can render none; the message has a line for each cause, with the first sample that has it.
    """
    faults: list[TemplateError] = []
    for candidate in candidates:
        fault = _fault(template, candidate)
        if fault is None:
            return
        faults.append(fault)
    if faults:
        what = "no candidate can be rendered" if len(candidates) > 1 else "the candidate cannot be rendered"
        raise TemplateError(
            f"{_by_cause(faults)}\nTemplate {template.name}: {what}, and nothing was measured. Fix the template or "
            "choose another --template; then the same command works"
        )


def unrenderable_warning(template: Template, candidates: Sequence[Sample]) -> str:
    """The warning that a template cannot render some of the candidates; empty where it can render all."""
    faults = [fault for candidate in candidates if (fault := _fault(template, candidate)) is not None]
    if not faults:
        return ""
    return (
        f"template {template.name} cannot render {len(faults):,} of {len(candidates):,} candidates, which get no "
        f"score; the first: {faults[0]}"
    )


def _by_cause(faults: Sequence[TemplateError]) -> str:
    """A line for each cause: how many candidates have it, and the first fault."""
    causes: dict[str, list[TemplateError]] = {}
    for fault in faults:
        causes.setdefault(_SAMPLE.sub("", str(fault)), []).append(fault)
    if len(faults) == 1:
        return str(faults[0])
    lines = [f"{len(alike):,} of {len(faults):,} candidates; the first: {alike[0]}" for alike in causes.values()]
    more = [f"... and {len(lines) - SHOWN:,} more causes"] if len(lines) > SHOWN else []
    return "\n".join([*lines[:SHOWN], *more])


_SAMPLE = re.compile(r"sample \w+ \(row \d+\)")
"""Which sample a fault is of, as every template says it."""


def _fault(template: Template, candidate: Sample) -> TemplateError | None:
    try:
        template.demonstration(candidate)
    except TemplateError as error:
        return error
    return None
