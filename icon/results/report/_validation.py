"""The section on validation: the verdict, the arms with their intervals, and the data of its chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from icon.results import wording
from icon.results.report._assets import Block
from icon.results.validated import Validated
from icon.runs.validation import Validation
from icon.validation.losses import Position
from icon.validation.records import Comparison, Verdict

KINDS = {"selection": "the selection", "rule": "another rule", "pool": "the whole pool", "random": "a random draw"}
POSITIONS: dict[Position, str] = {
    "rest": "later tokens",
    "all": "all tokens",
    "first": "first token",
    "second": "second token",
}
"""Position classes in words."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: a name, and a comparison with the random draws in words."""

    name: str
    what: str
    loss: str
    difference: str
    beaten: str
    p: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Lines:
    """A table of comparisons under a title."""

    title: str
    first: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class SectionText:
    """What the section says.

    Attributes:
        sentence: Whether the selection was validated, and the verdict.
        paragraphs: What was done, what training gains, and what it takes to see more.
        tables: The tables; empty without a verdict on this selection.
        notes: What the user should know.
    """

    sentence: str
    paragraphs: list[str]
    tables: list[Lines]
    notes: list[str]


def section_text(found: Validated) -> SectionText:
    """The section's text; without a verdict on this selection its first sentence alone."""
    sentence = wording.validated(found)
    if found.validation is None or not found.is_current:
        return SectionText(f"Validated: {sentence}.", [], [], [])
    known = found.validation
    failed = [f"{name} could not be trained: {why}" for name, why in known.verdict.failed.items()]
    return SectionText(
        f"Validated: {sentence}.", list(_paragraphs(known)), list(_tables(known)), [*known.notes, *failed]
    )


def chart(found: Validated) -> Block | None:
    """Data of the chart: how much better than the mean random draw each arm is, nats per token, with its interval.

    Returns:
        name, difference, low, high, is_selection: of the arms, the selection first; draws: the same difference of each
        random draw; n_draws. None without a verdict on this selection.
    """
    if found.validation is None or not found.is_current:
        return None
    verdict = found.validation.verdict
    arms = [verdict.positions["rest"], *verdict.arms.values()]
    mean = sum(verdict.draws.values()) / max(1, len(verdict.draws))
    return {
        "name": [arm.name[:30] for arm in arms],
        "difference": [arm.difference for arm in arms],
        "low": [arm.low for arm in arms],
        "high": [arm.high for arm in arms],
        "is_selection": [int(arm.kind == "selection") for arm in arms],
        "draws": [mean - loss for loss in verdict.draws.values()],
        "n_draws": verdict.n_draws,
    }


def _paragraphs(known: Validation) -> Iterator[str]:
    verdict = known.verdict
    yield (
        f"A model was trained on the {known.selected:,} selected candidates and on {verdict.n_draws} random draws of "
        f"the same size, always from the same weights, and judged on {known.judge.samples:,} samples that no score saw "
        f"({known.judge.source}). A difference is in nats per token of the answers, positive where an arm is better "
        "than the mean random draw. Its interval is a prediction, over draws and judge samples together: a selection "
        f"that is no better than a random draw has 0 in it in {verdict.confidence:.0%} of cases."
    )
    if gain := verdict.gain:
        moved = "lowers" if gain.gain > 0 else "raises"
        yield (
            f"Training on a random draw {moved} the loss behind the second token from {gain.bare:.3f} by "
            f"{wording.nats(abs(gain.gain), gain.sd)} nats per token; draws differ by a standard deviation of "
            f"{wording.nats(gain.sd, gain.sd)}."
        )
    yield f"What it takes to see more: {wording.power(verdict)}."


def _tables(known: Validation) -> Iterator[Lines]:
    for table, verdict in known.tables.items():
        arms = [verdict.positions["rest"], *verdict.arms.values()]
        yield Lines(f"Arms at {wording.EQUAL[table]}, tokens behind the second", "Arm", _lines(arms))
        positions = {POSITIONS[name]: one for name, one in verdict.positions.items()}
        yield Lines(f"The selection by response tokens, {wording.EQUAL[table]}", "Tokens", _named(positions))
    if groups := known.verdict.groups:
        yield Lines("The selection by task group", "Group", _named(groups))
    for title, several in (("Benchmark tasks", known.tasks), ("Pairwise answers", known.answers)):
        if several:
            yield Lines(title, "Arm", _lines(several.values()))


def _lines(arms: Iterable[Comparison]) -> list[Line]:
    return [_line(arm.name, KINDS.get(arm.kind, ""), arm) for arm in arms]


def _named(several: dict[str, Comparison]) -> list[Line]:
    return [_line(name, wording.counted(one.n_samples, "judge sample"), one) for name, one in several.items()]


def _line(name: str, what: str, one: Comparison) -> Line:
    p = one.p if one.p_holm is None else one.p_holm
    return Line(
        name=name,
        what=what,
        loss=f"{one.loss:.3f}",
        difference=wording.interval(one.difference, one.low, one.high),
        beaten=f"{one.beaten} of {one.n_draws}",
        p="below 0.001" if p < 0.001 else f"{p:.3f}",
        outcome="chance" if one.outcome == "chance" else f"{one.outcome} than random",
    )


def figure(found: Validated) -> tuple[str, str]:
    """Value and note of the figure at the top of the page."""
    if found.validation is None or not found.is_current:
        return "no", "against random selections"
    verdict: Verdict = found.validation.verdict
    size = wording.interval(verdict.difference, verdict.low, verdict.high)
    if verdict.outcome != "chance":
        return verdict.outcome, f"than random by {size} nats per token"
    says_nothing = verdict.gain is not None and not verdict.gain.tells
    return "cannot say" if says_nothing else "chance", f"{size} nats per token better than random"
