"""Where a baseline is as good as the scores, or chose in their place: a random draw, or the longest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icon.results import wording
from icon.results._advised import Advice, summary_of
from icon.results._next_commands import beating_chance, by_scorer, export, more_samples, validate, where_from
from icon.runs.manifest import Manifest
from icon.runs.outcome import Summary
from icon.types import RowStatus

if TYPE_CHECKING:
    from icon.results.validated import Validated

SAME = 0.8
"""Share of the choice from which on it is taken for that of the length: four of five records are the same."""

NOISE = "No better than a random draw here: the order of the scores cannot be distinguished from chance."
"""The first line where the order is noise and more of the same measuring would not help."""


def as_good(manifest: Manifest, found: Validated | None, run: str) -> Advice | None:
    """Use a baseline, where the order is noise or the choice is nearly that of the length."""
    summary = summary_of(manifest)
    if noise := _noise(summary):
        return Advice(kind="use_baseline", sentence=NOISE, why=noise, commands=(by_scorer(manifest, run, "random"),))
    length = summary.against.get("length")
    if length is None or length.overlap is None or length.overlap < SAME or length.top >= length.candidates:
        return None
    sentence = "No better than length here, use that: it chooses nearly the same and costs nothing."
    why = f"{length.overlap:.0%} of the best {length.top:,} are also the longest {length.top:,}."
    return Advice(kind="use_baseline", sentence=sentence, why=why, commands=(by_scorer(manifest, run, "length"),))


def _noise(summary: Summary) -> str:
    """Why the order is noise although everything is measured; empty where it is not, or that cannot be said."""
    found, halves = summary.standing, summary.reliability
    if found is None or found.chance is None:  # a run of an older version
        return f"Reliability: {wording.reliability(summary)}." if halves is not None and halves.half <= 0 else ""
    if (found.reliability or 0.0) > found.chance:
        return ""
    return (
        f"Reliability of the scores: {found.reliability or 0.0:.2f}; noise alone reaches {found.chance:.2f}. More "
        "assessment samples, or others, may distinguish the candidates."
    )


def baseline(manifest: Manifest, found: Validated | None, run: str) -> Advice | None:
    """What was chosen, where it is a baseline that looks at nothing: a random draw, or the longest."""
    summary = summary_of(manifest)
    more: tuple[str, ...] = (export(run),)
    if summary.scorer == "random":
        sentence = f"A random draw of {wording.chosen(summary)}: what every other choice is to be compared with."
        return Advice(
            kind="use_baseline", sentence=sentence, why="The scorer is random: no text counts.", commands=more
        )
    if summary.scorer != "length":
        return None
    sentence = f"By length alone: {wording.chosen(summary)} selected, those with the longest responses."
    if (stage := manifest.stages.select) is not None and stage.selector != "top":
        sentence = f"By length alone: {wording.chosen(summary)} selected, by the selector {stage.selector}."
    more += tuple(filter(None, [validate(manifest, run)]))
    return Advice(kind="use_baseline", sentence=sentence, why=beating_chance(manifest), commands=more)


def equal(manifest: Manifest, found: Validated | None, run: str) -> Advice | None:
    """A random draw, where all candidates have the same score."""
    summary = summary_of(manifest)
    if not wording.are_equal(summary) or summary.rows.get(RowStatus.SCORED, 0) < summary.candidates:
        return None
    sentence = "No better than a random draw here: all candidates have the same score, which chooses none of them."
    more = f"More assessment samples, or another score, may distinguish them.{where_from(manifest)}"
    why = f"Measured: {wording.measured(summary)}. {more}"
    commands = (*more_samples(manifest, run), by_scorer(manifest, run, "random"))
    return Advice(kind="use_baseline", sentence=sentence, why=why, commands=commands)
