"""What was measured, and whether it carries a choice, in words; other packages find them in `icon.results.wording`."""

from __future__ import annotations

from icon.runs.manifest import Manifest
from icon.runs.outcome import RaceFacts, Summary
from icon.runs.standing import Needed, Standing
from icon.types import RowStatus

ENDED = {
    "capture": "ended: the choice is good enough",
    "decided": "ended: no two candidates are left to compare",
    "measured": "ended: every assessment sample is reached",
    "samples": "ended at the last assessment sample, before the choice was as good as asked for",
    "budget": "ended with the budget",
    "interrupted": "stopped; the same command goes on",
}
"""Why a race ended."""

TOO_LITTLE = "too little is measured to say"

LONGEST_IN_MINUTES = 180
"""Minutes up to which a time is said in minutes; beyond, in hours."""


def counted(n: int, noun: str) -> str:
    """A number of things in words: "no task groups", "1 sample", "1,200 samples"."""
    return f"{f'{n:,}' if n else 'no'} {noun}{'' if n == 1 else 's'}"


def partial(manifest: Manifest) -> str:
    """That a run was stopped, for whatever is made of it; empty where it was not."""
    summary = manifest.results
    if summary is None or not manifest.is_partial:
        return ""
    return f"partial: the run was stopped, and this is from what was measured until then ({measured(summary)})"


def measured(summary: Summary) -> str:
    """What was measured: how many candidates, and on how many assessment samples."""
    scored, samples = summary.rows.get(RowStatus.SCORED, 0), summary.assessment.samples
    whole = f"{'all ' if scored == summary.candidates else ''}{scored:,}"
    of = "" if scored == summary.candidates else f" of {summary.candidates:,}"
    text = f"{whole}{of} candidate{'' if summary.candidates == 1 else 's'}"
    mean = summary.standing.samples if summary.standing else None
    if mean is None and summary.race is not None:
        mean = summary.race.pairs / max(1, summary.race.candidates)
    if not mean:
        return text
    return f"{text}, each on {counted_of(mean, samples)}"


def made_from(summary: Summary) -> str:
    """What a selection is made from: that ids decide half of it or more, where they do, and what was measured."""
    text = f"Measured: {measured(summary)}"
    tied, by_ids = tied_at_cut(summary)
    if not do_ids_decide(summary):
        return text
    more = "more assessment samples, or another score, distinguish more of them"
    why = f"the same score ({more})" if more_samples_help(summary) else "the same rank, each among its own lengths"
    return f"Ids decide {by_ids:,} of these {summary.selected:,}, as {tied:,} candidates have {why}. {text}"


def more_samples_help(summary: Summary) -> bool:
    """Whether candidates tie because too little is measured, and not since ranks within strata of length repeat."""
    return summary.equal_length is None or summary.equal_length.how != "strata"


def tied_at_cut(summary: Summary) -> tuple[int, int]:
    """How many candidates have the score of the last one kept, and how many of them are kept; 0 and 0 for no ties."""
    tied, kept = (summary.selection_quality.get(name) for name in ("n_tied", "n_selected_tied"))
    return (tied, kept) if isinstance(tied, int) and isinstance(kept, int) else (0, 0)


def in_no_order(summary: Summary) -> str:
    """That those who tie at the cut are in no order, which a figure of reliability does not say; empty for no ties."""
    tied, _ = tied_at_cut(summary)
    return f"the {tied:,} that tie at the cut are in no order" if tied else ""


def do_ids_decide(summary: Summary) -> bool:
    """Whether ids decide half of the selection or more."""
    tied, by_ids = tied_at_cut(summary)
    return tied > 0 and 2 * by_ids >= summary.selected


def counted_of(mean: float, samples: int) -> str:
    """On how many of the assessment samples: "all 40 assessment samples", "3.4 of 40 assessment samples on average"."""
    noun = "assessment sample" if samples == 1 else "assessment samples"
    if abs(mean - round(mean)) >= 0.05:
        return f"{mean:.1f} of {samples:,} {noun} on average"
    return f"all {samples:,} {noun}" if round(mean) >= samples > 1 else f"{mean:.0f} of {samples:,} {noun}"


def is_order_known(summary: Summary) -> bool:
    """Whether the order of the scored candidates is known well enough to name the best and the worst."""
    if are_equal(summary):
        return False
    return summary.standing is None or not (summary.standing.grounds == "too_little" or is_noise(summary))


def are_equal(summary: Summary) -> bool:
    """Whether all scored candidates, of which there are several, have the same score."""
    ends = [one.score for one in (*summary.best, *summary.worst)]
    return len(ends) > 1 and len(set(ends)) == 1


def is_noise(summary: Summary) -> bool:
    """Whether the scores are as reliable as noise alone would be, however much of them is measured."""
    found = summary.standing
    return found is not None and found.chance is not None and (found.reliability or 0.0) <= found.chance


def grounds(found: Standing) -> str:
    """Why what was measured carries a choice, or does not."""
    scored = f"{found.scored:,} of {counted(found.candidates, 'candidate')}"
    each = "" if found.samples is None else f", each on {counted_mean(found.samples, 'assessment sample')}"
    if found.grounds == "all":
        return f"all {counted(found.candidates, 'candidate')} are measured"
    if found.grounds == "predicted":
        return f"{scored} are scored, and a classifier that is better than chance ranks the others"
    if found.grounds == "best_of_scored":
        return f"{scored} are scored{each}, and the best {found.wanted:,} of them capture {_share(found.captured)}"
    if found.grounds == "narrowed":
        return f"{scored} are scored{each}: the best by a cheap score, which alone decides the others"
    if found.grounds == "like_draw":
        return (
            f"{scored} are scored{each}: the best by a cheap score, and nothing measured of those that it rejects "
            "shows that it is better than a random draw"
        )
    if found.grounds == "too_little":
        return f"too little is measured to say how far the order is known: {scored}{each}"
    if found.grounds == "like_chance":
        return (
            f"the order of the {found.scored:,} scored candidates cannot be distinguished from a random one: "
            f"{found.reliability or 0:.2f} of the variance between their scores is known{each}, and noise alone "
            f"reaches {found.chance or 0:.2f}"
        )
    if found.grounds == "too_few" and found.scored >= found.candidates:
        return (
            f"{scored} are scored{each}, and the best {found.wanted:,} of them would capture {_share(found.captured)}"
        )
    few = f"{scored} are scored, too few to choose the best {found.wanted:,} of"
    if found.grounds == "not_predicted":
        return f"the classifier cannot be distinguished from chance, and {few}"
    return f"{few}: they would capture {_share(found.captured)}"


def _share(captured: float | None) -> str:
    return f"about {captured or 0:.0%} of what measuring everything would gain"


def counted_mean(n: float, noun: str) -> str:
    """A mean number of things in words: "1 sample", "3.4 samples"."""
    return f"{n:.0f} {noun}{'' if n == 1 else 's'}" if n == round(n) else f"{n:.1f} {noun}s"


def more(needed: Needed, minutes: float | None) -> str:
    """How much more is to be measured: "about 12 more minutes"."""
    if minutes is None:
        n = needed.candidates if needed.pairs is None else needed.pairs
        amount = counted(n, "candidate" if needed.pairs is None else "more pair")
        return f"{amount} to measure{', in a new run' if needed.new_run else ''}"
    unit, left = ("minute", minutes) if minutes <= LONGEST_IN_MINUTES else ("hour", minutes / 60)
    amount = f"about {counted(round(left), f'more {unit}')} of measuring"
    return f"{amount}, of {needed.candidates:,} candidates in a new run" if needed.new_run else amount


def sentence(text: str) -> str:
    """A text as a sentence: with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def race(facts: RaceFacts) -> str:
    """How much of a race was measured, and why it ended."""
    share = facts.pairs / max(1, facts.pairs_exact)
    pairs = f"{facts.pairs:,} of {facts.pairs_exact:,} pairs measured ({share:.0%})"
    reached = f"{facts.samples_reached:,} of {facts.samples:,} assessment samples reached"
    return f"{pairs}, {reached}; {ENDED[facts.ended]}"


def decided(facts: RaceFacts) -> str:
    """How many candidates of a race are accepted, rejected and undecided."""
    return (
        f"{facts.decided_in:,} accepted, {facts.decided_out:,} rejected, {facts.open:,} undecided "
        f"(at {facts.confidence:.0%} confidence)"
    )


def fell_short(summary: Summary) -> str:
    """That a race ended before its choice was as good as asked for, and how good it is; empty where it did not."""
    if summary.race is None or summary.race.ended != "samples":
        return ""
    return f"The race {ENDED['samples']}: {captured(summary.race, summary.candidates)}."


def captured(facts: RaceFacts, candidates: int) -> str:
    """Captured gain of the choice of a race."""
    if facts.capture is None:
        return TOO_LITTLE
    among = "" if facts.candidates >= candidates else ", among the scored candidates"
    text, asked = f"{facts.capture:.0%}", ""
    if facts.ended == "samples" and facts.asked is not None:
        text = f"{facts.capture:.1%}" if text == f"{facts.asked:.0%}" else text
        asked = f", where {facts.asked:.0%} was asked for"
    return f"about {text} of what measuring every pair would gain{among}{asked}"
