"""Whether a prompt template can render the candidates, found out before anything is measured."""

from __future__ import annotations

from collections.abc import Sequence

from icon.errors import TemplateError
from icon.plugins import Template
from icon.samples.templates.loading import ENDINGS
from icon.types import Sample


def is_own(template: str) -> bool:
    """Whether the setting `template` names a file of the user's own."""
    return template.lower().endswith(ENDINGS)


def refuse_unrenderable(template: Template, candidates: Sequence[Sample]) -> None:
    """Refuse a template that can render none of the candidates, so that a typo in it costs no measurement.

    It ends at the first that it can render.

    Raises:
        TemplateError: It can render none; the message has the first failure.
    """
    first = None
    for candidate in candidates:
        fault = _fault(template, candidate)
        if fault is None:
            return
        first = first or fault
    if first is not None:
        what = "no candidate can be rendered" if len(candidates) > 1 else "the candidate cannot be rendered"
        raise TemplateError(
            f"{first}\nTemplate {template.name}: {what}, and nothing was measured. Fix the template or choose another "
            "--template; then the same command works"
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


def _fault(template: Template, candidate: Sample) -> TemplateError | None:
    try:
        template.demonstration(candidate)
    except TemplateError as error:
        return error
    return None
