"""What to do with a run, and why: the first lines of the terminal and the page, of the card and of `--json`."""

from __future__ import annotations

import math
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from icon.config import parse_keep
from icon.results import wording
from icon.results._advised import Advice as Advice
from icon.results._advised import summary_of
from icon.results._baseline_advice import NOISE, as_good, baseline, equal
from icon.results._next_commands import (
    beating_chance,
    by_scorer,
    export,
    measuring_more,
    more_samples,
    validate,
    where_from,
    without_cheap,
)
from icon.results._next_commands import until_decided as until_decided
from icon.runs.manifest import Manifest
from icon.runs.standing import Needed, Standing
from icon.runs.unfinished import going_on

if TYPE_CHECKING:
    from icon.results.validated import Validated


def advice(manifest: Manifest, found: Validated | None = None, run: str | Path = "RUN") -> Advice:
    """The advice on a run that has been through stage 3; made when it is read, since a validation may come later.

    A validation of this very selection decides; then whether what was measured carries the choice; then whether the run
    was stopped; then whether a baseline chose, or would choose the same, or all scores are equal; then whether the
    order is known at all.

    Args:
        manifest: Its run.json.
        found: What its directory says of a validation; None to leave that out.
        run: Its folder, for the commands.
    """
    for answer in (_validated, _whole, _standing, _stopped, baseline, equal, as_good, _not_known):
        if (made := answer(manifest, found, str(run))) is not None:
            return made
    return _use(manifest, found, str(run))


def _validated(manifest: Manifest, found: Validated | None, run: str) -> Advice | None:
    """By the verdict of a validation that is of the present selection."""
    if found is None or found.validation is None or not found.is_current or not manifest.has_selection:
        return None
    why = f"Validated: {wording.validated(found)}."
    outcome = found.validation.verdict.outcome
    if outcome == "better":
        sentence = "Use it: a model trained on it does better than on random draws of its size."
        return Advice(kind="use", sentence=sentence, why=why, commands=(export(run),))
    worse = "does worse than on random draws" if outcome == "worse" else "does no better than on random draws"
    sentence = f"Do not use it as it is: a model trained on it {worse} of its size."
    return Advice(kind="not_better", sentence=sentence, why=why, commands=(by_scorer(manifest, run, "random"),))


def _whole(manifest: Manifest, found: Validated | None, run: str) -> Advice | None:
    """That nothing was chosen, where the whole pool was to be kept."""
    summary = summary_of(manifest)
    wanted = parse_keep(summary.keep).of(summary.candidates)
    if not manifest.has_selection or not summary.candidates <= min(wanted, summary.selected):
        return None
    sentence = f"Nothing was chosen: --keep {summary.keep} is the whole pool of {summary.candidates:,}."
    why = "The scores are there, so that fewer can be chosen without measuring again."
    fewer = f"icon select {shlex.quote(run)} --keep 15%"
    return Advice(kind="not_better", sentence=sentence, why=why, commands=(fewer,))


def _standing(manifest: Manifest, found: Validated | None, run: str) -> Advice | None:
    """By what was measured: not yet, where that does not carry a choice."""
    summary = summary_of(manifest)
    standing = summary.standing
    if standing is None or standing.carries:
        return None
    chosen = ""
    if manifest.has_selection:
        chosen = f" The {summary.selected:,} selected are what was asked for by name."
    why = f"{wording.sentence(wording.grounds(standing))}{chosen}"
    if standing.needed is None:
        return _settled(manifest, standing, why, run)
    minutes = _minutes(standing.needed)
    sentence = f"Not usable yet: {wording.more(standing.needed, minutes)}."
    if not standing.scored and minutes is None:
        sentence = "Not usable yet: the budget ended before the first candidates were measured."
    command = measuring_more(manifest, standing, run, minutes)
    return Advice(kind="not_yet", sentence=sentence, why=why, commands=(command,), minutes=minutes)


def _settled(manifest: Manifest, standing: Standing, why: str, run: str) -> Advice:
    """What to do where the choice is not carried and more of the same measuring would not help."""
    if fell := wording.fell_short(summary_of(manifest)):
        sentence = "Not usable yet: the race rested too many candidates, and a new one until all are decided is needed."
        anew = until_decided(manifest, run)
        return Advice(kind="not_yet", sentence=sentence, why=f"{why} {fell}", commands=(anew,))
    if standing.grounds == "like_chance":
        return Advice(kind="use_baseline", sentence=NOISE, why=why, commands=(by_scorer(manifest, run, "random"),))
    if standing.grounds == "like_draw":
        sentence = (
            "Not usable yet: it is not shown that the cheap score is better than a random draw of those to measure."
        )
        return Advice(kind="not_yet", sentence=sentence, why=why, commands=without_cheap(manifest, run))
    if standing.grounds == "too_little":
        sentence = "Not usable yet: more assessment samples are needed to say how far the order is known."
        commands = more_samples(manifest, run) or (f"icon select {shlex.quote(run)} --selector top",)
        return Advice(kind="not_yet", sentence=sentence, why=why + where_from(manifest), commands=commands)
    sentence = "Not usable: every candidate is scored, and the selector is no better than chance at their scores."
    return Advice(
        kind="not_better", sentence=sentence, why=why, commands=(f"icon select {shlex.quote(run)} --selector top",)
    )


def _stopped(manifest: Manifest, found: Validated | None, run: str) -> Advice | None:
    """Partial, where the run was stopped: its selection is from what was measured until then."""
    if not manifest.is_partial:
        return None
    summary = summary_of(manifest)
    sentence = (
        f"Partial: the run was stopped, with {wording.chosen(summary)} selected from what was measured until then."
    )
    why = f"{wording.made_from(summary)}."
    commands = (going_on(run), export(run))
    return Advice(kind="partial", sentence=sentence, why=why, commands=commands)


def _not_known(manifest: Manifest, found: Validated | None, run: str) -> Advice | None:
    """Not known, where everything is measured and it is too little to tell the order of the scores from noise."""
    summary = summary_of(manifest)
    if summary.standing is None or not summary.standing.pairs or summary.standing.reliability is not None:
        return None
    sentence = (
        f"Not known whether it is usable: {wording.chosen(summary)} selected, on too little to tell the order from "
        "noise."
    )
    why = f"{wording.made_from(summary)}; with more assessment samples that can be said.{where_from(manifest)}"
    commands = (*more_samples(manifest, run), export(run))
    return Advice(kind="not_yet", sentence=sentence, why=why, commands=commands)


def _use(manifest: Manifest, found: Validated | None, run: str) -> Advice:
    """Use it, where nothing speaks against it."""
    summary = summary_of(manifest)
    sentence = f"Usable: {wording.chosen(summary)} selected."
    fell = wording.fell_short(summary)
    tied = wording.do_ids_decide(summary)
    by_measuring = tied and wording.more_samples_help(summary)
    to_add = where_from(manifest).strip() if by_measuring else ""
    why = " ".join(filter(None, [f"{wording.made_from(summary)}.", to_add, fell, beating_chance(manifest)]))
    more = until_decided(manifest, run) if fell else ""
    fewer_ties = more_samples(manifest, run) if by_measuring else ()
    commands = tuple(filter(None, [export(run), more, *fewer_ties, validate(manifest, run)]))
    return Advice(kind="use", sentence=sentence, why=why, commands=commands)


def _minutes(needed: Needed) -> float | None:
    return None if needed.seconds is None else float(max(1, math.ceil(needed.seconds / 60)))
