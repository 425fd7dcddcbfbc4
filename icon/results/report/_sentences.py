"""The question, the result and the limits of the method, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from icon.results import wording
from icon.results.report._assets import Block
from icon.results.report._threshold import PageInput, Ranking
from icon.results.wording import ENDED
from icon.runs.records import JsonObject

MUCH = 0.25
"""Share of a score's variance from which on length is said to dominate it."""
STOPPED = ("budget", "interrupted")
"""Ends of a race that its own rules did not make."""


def pool_name(page: PageInput) -> str:
    """Name of the pool for a heading: that of the file, folder or data set."""
    pool = page.manifest.config.pool
    return PurePath(pool).name or pool


def model_name(page: PageInput) -> str:
    """The model as it was run, or none."""
    model = page.manifest.model
    return f"{model.model} ({model.precision})" if model else "no model"


def is_assessed(page: PageInput) -> bool:
    """Whether the scorer measured candidates on assessment samples."""
    return any(row.n_assessed for row in page.rows)


def asked(page: PageInput) -> Iterator[str]:
    """Sentences on the task of the run."""
    summary = page.summary
    scored, candidates = len(page.scored), summary.candidates
    share = "all of them" if scored >= candidates else f"{scored:,} of them"
    with_model = f" with {model_name(page)}" if summary.needs_model else ""
    yield (
        f"The pool {pool_name(page)} has {len(page.rows):,} rows, {candidates:,} of them candidates. The scorer "
        f"{summary.scorer} scored {share}{with_model}{_on(page)}."
    )
    yield f"To be kept: {wording.kept(summary)}, chosen by the selector {page.chosen.selector}. Seed {page.seed}."


def _on(page: PageInput) -> str:
    """The sentence on the assessment set, which may be there for other scorers alone."""
    assessment = page.summary.assessment
    if not assessment.samples:
        return ", with no assessment set"
    if page.scored and not is_assessed(page):
        return ", without the assessment samples"
    groups = wording.counted(len(assessment.groups), "task group")
    return f" on {wording.counted(assessment.samples, 'assessment sample')} in {groups}"


def came_out(page: PageInput, rank: Ranking) -> Iterator[str]:
    """Sentences on the result of the run."""
    chosen = page.chosen
    yield (
        f"{chosen.records_selected:,} records were selected and {chosen.records_dropped:,} dropped; both are in the "
        "run's folder, in selected.jsonl and dropped.jsonl."
    )
    if rank.cut is None:
        return
    what = "score" if rank.by == "score" else "probability, given by a classifier from the text alone,"
    if rank.is_a_cut:
        yield f"What was selected has a {what} of {rank.cut:.4g} or more."
    else:
        yield f"The selector looked at more than the {what}: the selection is not everything above one value."


def limits(page: PageInput, length: Block | None) -> Iterator[tuple[str, str]]:
    """Limits of the result, each with a word to find it by."""
    yield "Length", _length(length)
    if equal := page.summary.equal_length:
        sentence = wording.equal_length(equal)
        yield "Equal length", f"{sentence[0].upper()}{sentence[1:]}."
    yield "Reliability", reliability(page)
    summary = page.summary
    if (race := summary.race) and race.ended in STOPPED:
        yield (
            "Race",
            f"The race did not come to an end of its own: {ENDED[race.ended]}. More pairs would make it surer.",
        )
    yield (
        "Chance",
        "A random selection is a strong rival: in the published experiments a random 15% of the pool gave 2.57 of the "
        "5.42 points that the best 15% gave over training on everything. "
        f"{_chance(page)}",
    )
    n = summary.assessment.samples
    if n and is_assessed(page):
        yield "Tasks", _tasks(summary.scorer, n)
    if summary.needs_model:
        yield "Model", _model(page)
    quality = summary.selection_quality
    if "auc" in quality:
        yield "Classifier", _classifier(quality)


def _tasks(scorer: str, n: int) -> str:
    """What a score is about."""
    says = f"A score is about these {n:,} assessment samples"
    if scorer == "icon":
        says = (
            "A contribution says how much a candidate, shown as an example, helps this model to predict the answers of "
            f"these {n:,} assessment samples"
        )
    return f"{says}. Other tasks may want other candidates."


def _chance(page: PageInput) -> str:
    """What is known of this selection against random ones."""
    if page.validated.is_current:
        return f"Of this selection: {wording.validated(page.validated)}."
    return "This selection was not validated: train on a random selection of the same size, too, or use icon validate."


def _model(page: PageInput) -> str:
    return (
        f"Scores are those of {model_name(page)}. If another model is to be trained, this is a preview: in the "
        "published experiments the top 10% of different models had only 24 to 37% in common."
    )


def reliability(page: PageInput) -> str:
    """The sentence on how far the order can be trusted."""
    summary = page.summary
    if race := summary.race:
        if race.reliability is None:
            return "Too little was measured to say how far the order of the candidates can be trusted."
        return (
            f"{race.reliability:.0%} of the variance between the candidates' scores is known, the rest is what was "
            f"not measured. At {race.confidence:.0%} confidence {race.decided_in:,} candidates are in, "
            f"{race.decided_out:,} out, and {race.open:,} are open."
        )
    found = summary.reliability
    if found is None and page.scored and not is_assessed(page):
        return "This scorer measures each candidate once, so there is no repetition to estimate its reliability from."
    if found is None:
        return "Too few candidates or assessment samples to say how far the order of the candidates can be trusted."
    if found.half <= 0:
        return (
            "The order cannot be trusted: scores from one half of the assessment samples and from the other have a "
            f"rank correlation of {found.half:.2f}, no better than chance."
        )
    return (
        f"Scores from one half of the assessment samples rank the candidates as those from the other half do with a "
        f"correlation of {found.half:.2f}; for {wording.measured_on(summary)} that makes about {found.full:.2f} (1 "
        "would be a perfect repetition). Near the cut, chance decides part of the places."
    )


def _length(length: Block | None) -> str:
    if length is None or length["r_squared"] is None:
        return "Length is the baseline of every score; here too little is known to compare with it."
    share = length["r_squared"]
    correlation = (
        "" if length["spearman"] is None else f", rank correlation {length['spearman']:+.2f}".replace("-", "−")
    )
    text = f"The logarithm of the response's length explains {share:.0%} of the variance of the score{correlation}. "
    if share >= MUCH:
        return text + "A selection by this score is to a good part one by length: compare it with the baseline length."
    return text + "Length is the baseline that any score has to beat."


def _classifier(quality: JsonObject) -> str:
    text = (
        "All candidates, the scored ones too, were ranked by a classifier that reads their text. On held-out "
        f"candidates its AUC is {quality['auc']:.2f}"
    )
    if "auc_low" in quality:
        text += f" (95% interval {quality['auc_low']:.2f} to {quality['auc_high']:.2f}; 0.5 is chance)"
    return text + (". It cannot be distinguished from chance." if quality.get("chance") else ".")
