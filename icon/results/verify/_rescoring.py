"""Stored pairs of a run, drawn at random and each measured again by itself; the run is not changed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from icon.errors import BackendError, ConfigError, InputError, PluginError, RunError, WrongRunError
from icon.plugins import Backend, CandidateMeasured
from icon.results.verify._findings import Rescored, findings
from icon.results.verify._one_at_a_time import OneAtATime
from icon.results.verify._records import Models, Precisions, UsedModel, Verification
from icon.runs.files import assessment_of
from icon.runs.model import Model
from icon.runs.parts import in_order
from icon.runs.pool import PoolReader
from icon.runs.run import Run
from icon.runs.unfinished import not_done
from icon.runs.work import Work
from icon.types import Measurement, Sample, Status


def verify(run: Run, model: Model, *, pairs: int = 50, seed: int = 0, backend: Backend | None = None) -> Verification:
    """Measure a random sample of a run's finished pairs again; nothing in the run directory is written.

    Each pair gets a scorer of its own, prepared with that one assessment sample and asked for that one candidate. A
    candidate that the scorer measures alone counts as a pair.

    Args:
        run: The run.
        model: Its model, opened in its most exact form and closed in the end.
        pairs: How many pairs to draw; all of them where there are fewer.
        seed: Seed of the draw.
        backend: An open backend to measure with, which stays open; None to open the run's own in its most exact form.

    Returns:
        The findings, with where the pairs were drawn from and what measured them.

    Raises:
        ConfigError: The scorer uses no model, or the model or the pool is not the run's any more.
        RunError: Nothing is scored yet.
    """
    if pairs < 1:
        raise ConfigError(f"pairs: found {pairs}; valid: at least 1")
    work = Work(run, model, run.config.scorer)
    stored, damaged = _stored(work)
    finished = [measurement for measurement in stored if measurement.status == Status.OK]
    if not finished:
        raise RunError(f"{run.path}: no finished pair to verify ({len(stored)} are stored)")
    drawn = random.Random(seed).sample(finished, min(pairs, len(finished)))
    with model.beside(backend, exact=True) as (opened, note):
        alone = OneAtATime(opened)
        model.measure_with(alone)
        again = _measure_again(work, drawn)
        used = UsedModel.of(opened.describe())
    recorded = model.record
    assert recorded is not None
    return Verification(
        run=str(run.path),
        scorer=work.name,
        seed=seed,
        finished=len(finished),
        failed_in_run=sum(row.status not in (Status.OK, Status.MASKED) for row in stored),
        damaged_parts=tuple(damaged),
        **dict(findings(again)),
        form=note,
        plain_pass=alone.plain_pass,
        precision=Precisions(run=recorded.precision, used=used.precision),
        model=Models(run=recorded, used=used),
    )


def _stored(work: Work) -> tuple[list[Measurement], list[str]]:
    """The stored measurements of the run's scorer, by candidate and assessment sample, and the damaged parts."""
    path, manifest = work.run.path, work.run.manifest
    if not work.scorer.needs_backend:
        raise ConfigError(
            f"{path}: nothing to verify: its scorer {work.name} uses no model, so there is no number of one"
        )
    if manifest.stages.assess is None or manifest.model is None:
        raise WrongRunError(not_done(path, manifest))
    stores = list(work.stores())
    found = [row for store in stores for row in in_order(store.read())]
    damaged = [name for store in stores for name in store.damaged]
    return sorted(found, key=lambda row: (row.candidate, row.assessment or "")), damaged


def _measure_again(work: Work, drawn: Sequence[Measurement]) -> list[Rescored]:
    run = work.run
    assessment = {sample.id: sample for sample in assessment_of(run.directory, run.manifest)}
    candidates = PoolReader(run).samples.samples.by_id({stored.candidate for stored in drawn})
    found = []
    with run.timed("measuring again", total=len(drawn)):
        for stored in drawn:
            candidate = candidates[stored.candidate]
            found.append(Rescored(stored, _again(work, candidate, stored.assessment, assessment)))
            run.emit(CandidateMeasured(candidate.id, work.model.tokens_evaluated))
    return found


def _again(work: Work, candidate: Sample, task: str | None, assessment: Mapping[str, Sample]) -> Measurement:
    """One measurement by a scorer of its own."""
    alone = Work(work.run, work.model, work.name)
    whole = list(assessment.values()) if alone.scorer.needs_assessment else []
    used = whole if task is None else [assessment[task]]
    try:
        alone.scorer.prepare(alone.task(used), [])
        found = next(iter(alone.scorer.measure([candidate])))
    except (BackendError, InputError) as error:
        return Measurement(candidate.id, task, status=Status.FAILED, reason=str(error))
    if len(found) != 1 or found[0].candidate != candidate.id:
        raise PluginError(
            f"scorer {work.name} gave {len(found)} measurements of {candidate.id} on one sample; valid: one"
        )
    return found[0]
