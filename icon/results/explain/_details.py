"""Token details of pairs: those that the run has already, and those that are measured now and kept with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from icon.errors import IconError
from icon.plugins import Backend, ComparingScorer, ContextScorer, StageProgressed
from icon.results.explain._pairs import Pair
from icon.results.explain._tokens import TokenPasses
from icon.runs.files import TokenDetail, details_bytes, details_of_run
from icon.runs.manifest import Manifest
from icon.runs.run import Run
from icon.runs.work import Work
from icon.scorers.positions import masked_tokens
from icon.types import Sample

Key = tuple[str, str]


@dataclass(slots=True)
class Details:
    """Token details of some pairs.

    Attributes:
        found: By candidate and assessment sample.
        notes: Why others are missing, and what a reader should know of these, in words.
    """

    found: dict[Key, TokenDetail] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def why_none(work: Work) -> str:
    """Why the run's scorer has no tokens to show; empty where it has."""
    name, scorer = work.name, work.scorer
    if not scorer.needs_assessment:
        return f"no tokens to show: the scorer {name} looks at a candidate alone, not at what it does to a task"
    if isinstance(scorer, ContextScorer):
        return f"no tokens to show: the scorer {name} puts assessment samples in front of a candidate"
    if not isinstance(scorer, ComparingScorer):
        return f"no tokens to show: the scorer {name} does not say what it compares a demonstration with"
    return ""


def stored(run: Run, pairs: Sequence[Pair]) -> dict[Key, TokenDetail]:
    """The details of these pairs in explained.jsonl, without those that do not fit the run's numbers.

    Raises:
        RunError: explained.jsonl is damaged.
    """
    kept = {(detail.candidate, detail.assessment): detail for detail in kept_details(run)}
    return {pair.key: kept[pair.key] for pair in pairs if pair.key in kept and pair.fits(kept[pair.key])}


def passes_over(
    work: Work, pairs: Sequence[Pair], candidates: Sequence[Sample], assessment: Sequence[Sample]
) -> TokenPasses:
    """The passes that measure these pairs; the model is opened if it is not."""
    scorer = work.scorer
    assert isinstance(scorer, ComparingScorer)
    pool, tasks = {candidate.id: candidate for candidate in candidates}, {task.id: task for task in assessment}
    chosen = [(pool[candidate], tasks[task]) for candidate, task in (pair.key for pair in pairs)]
    samples = list({task.id: task for _, task in chosen}.values())
    rows = [(pair.key, pair.row) for pair in pairs]
    stored = {key: (row.given, row.control) for key, row in rows if row.given is not None and row.control is not None}
    return TokenPasses(work.task(samples), scorer, chosen, stored)


def keep(run: Run, details: Sequence[TokenDetail]) -> None:
    """Add them to explained.jsonl; an older line of the same pair is replaced.

    Raises:
        RunError: The file is damaged, or cannot be written, or another process writes to the run.
    """

    def with_these(manifest: Manifest) -> bytes:
        return details_bytes([*details_of_run(run.directory, manifest), *details])

    run.publish("explained.jsonl", with_these)


def kept_details(run: Run) -> list[TokenDetail]:
    """The details in the run's explained.jsonl.

    Raises:
        RunError: The file is damaged.
    """
    return details_of_run(run.directory, run.manifest)


def details_of(
    work: Work,
    pairs: Sequence[Pair],
    candidates: Sequence[Sample],
    assessment: Sequence[Sample],
    *,
    measure: bool,
    backend: Backend | None,
) -> Details:
    """Token details of the pairs: from the run where it has them, measured and kept where not.

    Args:
        work: The run's own scorer.
        pairs: What to show.
        candidates: The candidates of these pairs.
        assessment: The run's assessment set.
        measure: Whether to measure those that are missing; the model is opened for them only.
        backend: A backend that is open already; None to open the run's own.
    """
    found = Details(stored(work.run, pairs))
    if skipped := work.run.config.skip_tokens:
        tokens = "token" if skipped == 1 else f"{skipped} tokens"
        found.notes.append(f"the first {tokens} of each response count in no score and are not shown")
    if masked := masked_tokens(work.scorer):
        found.notes.append(
            f"the first {masked} tokens of each response are neither compared nor shown (mask=released), though NLLs "
            "count them"
        )
    missing = [pair for pair in pairs if pair.key not in found.found]
    if not missing:
        return found
    if not measure:
        found.notes.append(f"tokens of {len(missing)} pairs are not shown: they are not measured yet")
        return found
    with work.model.beside(backend) as (opened, _):
        work.model.measure_with(opened)
        passes = passes_over(work, missing, candidates, assessment)
        with work.run.timed("measuring tokens", total=passes.n_contexts):
            details, failed = passes.measure(
                lambda done: work.run.emit(StageProgressed(done, passes.n_contexts, "contexts"))
            )
    found.found |= {(detail.candidate, detail.assessment): detail for detail in details}
    found.notes += [f"tokens of {task} could not be measured again: {reason}" for (_, task), reason in failed.items()]
    if apart := sum(not pair.fits(found.found[pair.key]) for pair in missing if pair.key in found.found):
        found.notes.append(
            f"tokens of {apart} pairs do not add up to the run's own numbers: they were measured in another precision "
            "or on another device"
        )
    try:
        keep(work.run, details)
    except IconError as error:  # in use by another process, or in a folder that cannot be written
        found.notes.append(f"the tokens are shown here and not kept: {error}")
    return found
