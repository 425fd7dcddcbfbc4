"""The section on where the gain sits: a line for the first response token, one for the second, one for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from icon.runs.outcome import ClassGain, Positions

MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class Line:
    """A position class: mean gain, its share of the gain, and of the gain's variance between candidates, in words."""

    name: str
    gain: str
    share: str
    variance: str


@dataclass(frozen=True, slots=True)
class SectionText:
    """What the section says; `answer` in a sentence."""

    answer: str
    paragraphs: list[str]
    lines: list[Line]


def section_text(found: Positions | None, *, of_prompts: bool = False) -> SectionText | None:
    """The section's texts; None where no two passes were compared.

    Args:
        found: Where the gains sit.
        of_prompts: Whether the gains are those of each candidate's own prompt, without any demonstration.
    """
    if found is None:
        return None
    classes = {"First token": found.first, "Second token": found.second, "All later tokens": found.rest}
    skipped = min(found.skipped, 2)
    lines = [_line(name, own, counts=place >= skipped) for place, (name, own) in enumerate(classes.items())]
    counted = list(zip(classes, lines, strict=True))[skipped:]
    shares = ", ".join(f"{name.lower()} {line.share}" for name, line in counted)
    return SectionText(f"Shares of the gain: {shares}.", list(_paragraphs(found, of_prompts)), lines)


def _paragraphs(found: Positions, of_prompts: bool) -> Iterator[str]:
    if of_prompts:
        yield (
            "What its own prompt gains at each response, against the response without it: means over "
            f"{found.pairs:,} candidates, in nats per response."
        )
    else:
        yield (
            "What a demonstration teaches first is the form of an answer, and that shows in the first tokens; what it "
            "teaches beyond the form shows in the rest. Gains are means over "
            f"{found.pairs:,} pairs, in nats per response."
        )
    if found.bare_first is not None:
        yield f"With no demonstration the first token costs {found.bare_first:.1f} nats."
    if found.skipped:
        yield f"Tokens at the beginning of each response that count in no score of this run: {found.skipped}."
    elif found.rest_rank is not None:
        rank = f"{found.rest_rank:+.2f}".replace("-", MINUS)
        yield f"Ranked by the gain at the rest alone, candidates have a rank correlation of {rank} with the whole."


def _line(name: str, own: ClassGain, *, counts: bool) -> Line:
    gain = f"{own.gain:+.2f}".replace("-", MINUS)
    if not counts:
        return Line(name, gain, "does not count", "does not count")
    return Line(name, gain, _percent(own.share), _percent(own.variance_share))


def _percent(share: float | None) -> str:
    return "not defined" if share is None else f"{share:.0%}".replace("-", MINUS)
