"""A result in one line, and as a notebook shows it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from icon.errors import IconError
from icon.visible import visible_line

if TYPE_CHECKING:
    from icon.api._result import RunResult


def line(result: RunResult) -> str:
    """The result as `repr` gives it: the folder, and what to do with it."""
    try:
        said = result.advice.sentence
    except IconError:  # its folder is gone, for instance
        said = f"{result.summary['selected']:,} of {result.summary['candidates']:,} candidates selected."
    return f"RunResult({str(result.path)!r}): {visible_line(said)}"


def html(result: RunResult) -> str:
    """The result as a notebook shows it: what to do, why, the next command, and the figures; every text is escaped."""
    from icon.results import wording
    from icon.results.validated import validated
    from icon.runs.ledger import opened

    try:
        _, manifest = opened(result.path)
        advice = result.advice
        facts = list(wording.figures(manifest, validated(result.path, manifest)))
    except IconError as error:
        return f"<p>{_text(line(result))}</p><p>{_text(str(error))}</p>"
    rows = "".join(
        f'<tr><td style="text-align: left">{_text(name)}</td><td style="text-align: left">{_text(fact)}</td></tr>'
        for name, fact in facts
    )
    commands = "".join(f"<pre>{_text(command)}</pre>" for command in advice.commands[:1])
    return (
        f"<p><strong>{_text(advice.sentence)}</strong></p><p>{_text(advice.why)}</p>{commands}"
        f"<details><summary>{_text(str(result.path))}</summary><table>{rows}</table></details>"
    )


def _text(text: str) -> str:
    return escape(visible_line(text))
