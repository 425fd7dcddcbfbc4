"""What the page says of its run in plain words: what was asked, and every caveat, one sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from icon.results import wording
from icon.results.report._threshold import PageInput
from icon.results.wording import ENDED
from icon.runs.records import JsonObject
from icon.runs.scores import as_table
from icon.samples.shareable import without_secrets

STOPPED = ("budget", "interrupted")
"""Ends of a race that its own rules did not make."""


def pool_name(page: PageInput) -> str:
    """Name of the pool for a heading: that of the file, folder or data set, and how many more there are."""
    pool, *others = page.manifest.config.pools
    more = f" and {wording.counted(len(others), 'other')}" if others else ""
    pool = without_secrets(pool)
    return (PurePath(pool).name or pool) + more


def model_name(page: PageInput) -> str:
    """The model as it was run, or none."""
    model = page.manifest.model
    return f"{model.model} ({model.precision})" if model else "no model"


def is_assessed(page: PageInput) -> bool:
    """Whether the scorer measured candidates on assessment samples."""
    return bool(as_table(page.rows).whole("n_assessed").any())


def asked(page: PageInput) -> str:
    """The task of the run in a sentence."""
    summary = page.summary
    rows, with_model = len(page.rows), f" with {model_name(page)}" if summary.needs_model else ""
    candidates = "all" if rows == summary.candidates else f"{summary.candidates:,}"
    return (
        f"Pool {pool_name(page)}: {wording.counted(rows, 'row')}, {candidates} of them candidates; scorer "
        f"{summary.scorer}{with_model}{_on(page)}; to be kept {wording.kept(summary)}; selector "
        f"{page.chosen.selector}; seed {page.seed}."
    )


def _on(page: PageInput) -> str:
    """The assessment set, which may be there for other scorers alone."""
    assessment = page.summary.assessment
    if not assessment.samples:
        return ""
    if len(page.scored) and not is_assessed(page):
        return ", without the assessment samples"
    groups = f" in {wording.counted(len(assessment.groups), 'task group')}" if assessment.groups else ""
    return f", for {wording.counted(assessment.samples, 'assessment sample')}{groups}"


def caveats(page: PageInput) -> Iterator[tuple[str, str]]:
    """What to know before relying on the result, a sentence each, with a word to find it by."""
    summary = page.summary
    if equal := summary.equal_length:
        yield "Equal length", wording.sentence(wording.equal_length(equal))
    if (race := summary.race) and race.ended in STOPPED:
        yield "Race", f"It did not come to an end of its own: {ENDED[race.ended]}."
    if fell := wording.fell_short(summary):
        yield "Race", fell
    if not page.validated.is_current:
        yield (
            "Chance",
            "A random selection is a strong rival (in the published experiments a random 15% gave 2.57 of the 5.42 "
            "points that the best 15% gave), and this selection was not validated against one.",
        )
    if summary.assessment.samples and is_assessed(page):
        yield "Tasks", "A score is about these assessment samples alone; other tasks may want other candidates."
    if summary.needs_model:
        yield (
            "Model",
            f"Scores are those of {model_name(page)}; for another model this is a preview (the top 10% of different "
            "models had 24 to 37% in common).",
        )
    if summary.selection_quality.keys() >= wording.CASCADE:
        decided = wording.decided_by(summary.selection_quality, summary.scorer)
        yield "Cascade", f"Not every candidate was decided by the same score: {decided}."
    if "auc" in summary.selection_quality:
        yield "Classifier", _classifier(summary.selection_quality)


def _classifier(quality: JsonObject) -> str:
    text = (
        "All candidates, the scored ones too, were ranked by a classifier that reads their text; its AUC on held-out "
        f"candidates is {quality['auc']:.2f}"
    )
    if "auc_low" in quality:
        text += f" (95% interval {quality['auc_low']:.2f} to {quality['auc_high']:.2f}; 0.5 is chance)"
    return text + (", which cannot be distinguished from chance." if quality.get("chance") else ".")


def reliability(page: PageInput) -> str:
    """How far the order can be trusted, in sentences: what is known of it, and who is in no order."""
    summary = page.summary
    ties = f" {wording.sentence(tied)}" if (tied := wording.in_no_order(summary)) else ""
    if wording.are_equal(summary):
        return "There is no order: all candidates have the same score."
    if race := summary.race:
        if race.reliability is None:
            return "Too little was measured to say how far the order of the candidates can be trusted."
        return (
            f"{race.reliability:.0%} of the variance between the candidates' scores is known; at {race.confidence:.0%} "
            f"confidence {race.decided_in:,} candidates are in, {race.decided_out:,} out, and {race.open:,} are open."
            f"{ties}"
        )
    found = summary.reliability
    if found is None and len(page.scored) and not is_assessed(page):
        return "This scorer measures each candidate once, so there is no repetition to estimate its reliability from."
    if found is None:
        return "Too few candidates or assessment samples to say how far the order of the candidates can be trusted."
    if found.half <= 0:
        return (
            "The order cannot be trusted: scores from one half of the assessment samples and from the other have a "
            f"rank correlation of {found.half:.2f}, no better than chance."
        )
    return (
        f"Two halves of the assessment samples rank the candidates alike with a correlation of {found.half:.2f}, which "
        f"makes about {found.full:.2f} for {wording.measured_on(summary)} (1 would be a perfect repetition).{ties}"
    )
