"""The facts of a run in words, once: the terminal, the page, a data set's card and `--json` say the same sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from icon.config import parse_keep
from icon.results._measured_words import ENDED as ENDED
from icon.results._measured_words import TOO_LITTLE as TOO_LITTLE
from icon.results._measured_words import are_equal as are_equal
from icon.results._measured_words import captured as captured
from icon.results._measured_words import counted as counted
from icon.results._measured_words import decided as decided
from icon.results._measured_words import do_ids_decide as do_ids_decide
from icon.results._measured_words import fell_short as fell_short
from icon.results._measured_words import grounds as grounds
from icon.results._measured_words import in_no_order as in_no_order
from icon.results._measured_words import is_noise as is_noise
from icon.results._measured_words import is_order_known as is_order_known
from icon.results._measured_words import made_from as made_from
from icon.results._measured_words import measured as measured
from icon.results._measured_words import more as more
from icon.results._measured_words import more_samples_help as more_samples_help
from icon.results._measured_words import partial as partial
from icon.results._measured_words import race as race
from icon.results._measured_words import sentence as sentence
from icon.results._measured_words import tied_at_cut as tied_at_cut
from icon.results._score_words import against as against
from icon.results._score_words import by_position as by_position
from icon.results._score_words import classifier as classifier
from icon.results._score_words import decided_by as decided_by
from icon.results._score_words import equal_length as equal_length
from icon.results._score_words import given_up as given_up
from icon.results._score_words import passes as passes
from icon.results._source_words import by_source as by_source
from icon.results._verdict_words import EQUAL as EQUAL
from icon.results._verdict_words import duration as duration
from icon.results._verdict_words import interval as interval
from icon.results._verdict_words import nats as nats
from icon.results._verdict_words import power as power
from icon.results._verdict_words import validated as validated
from icon.results._verdict_words import validation as validation
from icon.results._verdict_words import verdict as verdict
from icon.runs.manifest import Manifest
from icon.runs.model_record import ModelRecord
from icon.runs.outcome import Summary
from icon.types import RowStatus

if TYPE_CHECKING:  # it loads numpy, and the terminal imports this module at its start
    from icon.results.validated import Validated

CLASSIFIER = {"auc", "auc_low", "auc_high", "average_precision", "average_precision_low", "average_precision_high"}
CLASSIFIER |= {"chance"}
"""What a selector reports that is described as a classifier."""
CASCADE = {"cheap", "n_scored", "n_by_cheap", "n_selected_by_cheap"}
"""What a selector reports that ranks some candidates by a cheap score alone."""


def facts(manifest: Manifest, of_validation: Validated | None = None) -> Iterator[tuple[str, str]]:
    """The facts of a run that has selected: names and sentences.

    Args:
        manifest: Its run.json.
        of_validation: What its directory says of a validation; None to leave that out.
    """
    summary = manifest.results
    assert summary is not None
    yield "pool", rows(summary)
    yield "assessment set", assessment(summary) + _set_aside(manifest)
    if summary.race:
        yield "race", race(summary.race)
        yield "decided", decided(summary.race)
        yield "captured gain", captured(summary.race, summary.candidates)
    yield from of_scores(summary)
    yield from validation(of_validation)
    if summary.positions:
        yield "gain by position", by_position(summary.positions)
    for name, found in summary.against.items():
        yield f"against {name}", against(found)
    quality = summary.selection_quality
    if quality.keys() >= CLASSIFIER:  # a plugin's selector may report an AUC alone
        yield "classifier", classifier(quality)
    if quality.keys() >= CASCADE:
        yield "decided by", decided_by(quality, summary.scorer)
    if "mean_score_top" in quality:
        yield "against top", given_up(quality, summary.selected)
    if summary.truncated:
        yield "truncated", truncated(summary)
    for reason, n in summary.failures.items():
        yield "failed", f"{n:,} x {reason}"
    if model := manifest.model:
        template = manifest.inputs.template
        form = f", template {template.name}{passes(manifest.config)}" if template else ""
        yield "model", f"{model.model}, {model.precision}, {model.device}{form}"
        yield from (("model note", why) for why in _model_notes(manifest))
    yield "time", time(manifest)


def figures(manifest: Manifest, of_validation: Validated | None = None) -> Iterator[tuple[str, str]]:
    """The figures of a run that a reader needs first: names and sentences.

    Args:
        manifest: Its run.json.
        of_validation: What its directory says of a validation; None to leave that out.
    """
    summary = manifest.results
    assert summary is not None
    yield "selected", selected(manifest)
    if summary.sources:
        yield "by source", by_source(summary)
    yield "measured", measured(summary)
    if summary.selection_quality.keys() >= CASCADE:
        yield "decided by", decided_by(summary.selection_quality, summary.scorer)
    if summary.race and not is_noise(summary):
        yield "captured gain", captured(summary.race, summary.candidates)
    else:
        yield "reliability", reliability(summary)
    if summary.equal_length:
        yield "equal length", equal_length(summary.equal_length)
    for name in sorted(summary.against, key=lambda name: name != "length")[: manifest.has_selection]:
        yield f"against {name}", against(summary.against[name])
    if manifest.has_selection and summary.scorer != "random":
        yield from list(validation(of_validation))[:1]


def notes(manifest: Manifest) -> list[str]:
    """What a reader should know beside the figures: the warnings, and the rows and candidates that are left out."""
    summary = manifest.results
    assert summary is not None
    found = [*_model_notes(manifest), *manifest.warning_lines]
    if set(summary.rows) - {RowStatus.SCORED, RowStatus.NOT_SCORED}:
        found.append(f"rows of the pool: {rows(summary)}")
    found += [f"failed: {n:,} x {reason}" for reason, n in summary.failures.items()]
    return [*found, sentence(truncated(summary))] if summary.truncated else found


def first_sentence(text: str) -> str:
    """The first sentence of a note, or its first line."""
    return re.split(r"(?<=[a-z0-9)\]%'\"])[.!?] (?=[A-Z`\-])|\n", text, maxsplit=1)[0]


def selected(manifest: Manifest) -> str:
    """How many are selected and dropped, and by which selector."""
    summary, chosen = manifest.results, manifest.stages.select
    assert summary is not None
    assert chosen is not None
    if not manifest.has_selection:
        return f"nothing, of {counted(summary.candidates, 'candidate')}"
    n, records = summary.selected, chosen.records_selected
    within = f", in {counted(records, 'record')}" if records != n else ""  # several turns of a record are candidates
    every = counted(summary.candidates, "candidate")
    return (
        f"{n:,} of {every} ({kept(summary)}){within}, dropped {counted(chosen.records_dropped, 'record')}; "
        f"selector {chosen.selector}"
    )


def why_so(model: ModelRecord) -> str:
    """Why the model was run with this precision or in this way; mostly empty. Older runs have it among the settings."""
    return model.note or str(model.settings.get("note", ""))


def _model_notes(manifest: Manifest) -> list[str]:
    """Why the model was run as it was, where something is to be said and no warning says it."""
    why = why_so(manifest.model) if manifest.model else ""
    return [why] if why and not any(why in warning for warning in manifest.warning_lines) else []


def of_scores(summary: Summary) -> Iterator[tuple[str, str]]:
    """How far the scores can be trusted, and whether they are at equal length."""
    yield "reliability", reliability(summary)
    if summary.equal_length:
        yield "equal length", equal_length(summary.equal_length)


def rows(summary: Summary) -> str:
    """The pool's rows by status."""
    return ", ".join(status.counted(n) for status, n in summary.rows.items())


def assessment(summary: Summary) -> str:
    """Size of the assessment set."""
    count = summary.assessment
    return f"{counted(count.samples, 'sample')} in {counted(len(count.groups), 'task group')}"


def kept(summary: Summary) -> str:
    """How much was to be kept, with the number that a share is of: "15% of 30, rounded"."""
    if summary.keep_of is None:
        return summary.keep
    words = parse_keep(summary.keep).words(summary.keep_of)
    return words if summary.keep_of == summary.candidates else f"{words}, the candidates that were to be scored"


def chosen(summary: Summary) -> str:
    """How many are selected: "30 of 200 candidates (15% of 200)"."""
    share = "" if summary.keep_of is None else f" ({kept(summary)})"
    return f"{summary.selected:,} of {counted(summary.candidates, 'candidate')}{share}"


def _set_aside(manifest: Manifest) -> str:
    """How many judge samples were set aside; nothing where there are none."""
    stage = manifest.stages.assess
    n = stage.judge_samples if stage else 0
    return f"; {counted(n, 'judge sample')} set aside" if n else ""


def reliability(summary: Summary) -> str:
    """How far the order of the candidates can be trusted."""
    ties = f"; {tied}" if (tied := in_no_order(summary)) else ""
    if are_equal(summary):
        return "none: all candidates have the same score"
    if summary.race is not None:
        known = summary.race.reliability
        return TOO_LITTLE if known is None else f"{known:.2f} of the variance between candidates' scores is known{ties}"
    found = summary.reliability
    if found is None and summary.standing is not None and not summary.standing.pairs:
        return "each candidate is measured by itself, so there is no noise of assessment samples"
    if found is None:
        return "too few candidates or assessment samples to say"
    if found.half <= 0:
        return f"none: split-half rank correlation {found.half:.2f}, no better than chance"
    return f"split-half rank correlation {found.half:.2f}; for {measured_on(summary)} about {found.full:.2f}{ties}"


def measured_on(summary: Summary) -> str:
    """The samples that a split-half reliability is of: the assessment set, or those of it that the scorer looks at."""
    n = summary.reliability.samples if summary.reliability else None
    return "the whole assessment set" if n in (None, summary.assessment.samples) else f"the {n:,} samples looked at"


def truncated(summary: Summary) -> str:
    """How many candidates were cut."""
    were = "was" if summary.truncated == 1 else "were"
    return f"{counted(summary.truncated, 'candidate')} {were} cut to the token limits"


def time(manifest: Manifest) -> str:
    """Seconds, tokens and speed."""
    times = manifest.times
    speed = ""
    if times.tokens_evaluated:
        speed = f", {times.tokens_evaluated:,} tokens at {times.tokens_per_second or 0:,.0f} tokens/s"
    return f"{times.total_seconds or 0:,.1f} s{speed}"
