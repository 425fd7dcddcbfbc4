"""Draws stored pairs of a run and measures each again, by itself, without touching the run."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from icon.errors import BackendError, ConfigError, InputError, PluginError, RunError, WrongRunError
from icon.hooks.events import CandidateMeasured
from icon.protocols import Backend
from icon.report.verification import Rescored, findings
from icon.runs.parts import in_order
from icon.runs.samples_file import read_samples
from icon.scoring.inputs import part_store, scoring_task
from icon.session import Session
from icon.types import Measurement, Sample, Status
from icon.verification.one_at_a_time import OneAtATime
from icon.verification.yardstick import yardstick


def verify(session: Session, *, pairs: int = 50, seed: int = 0, backend: Backend | None = None) -> dict[str, Any]:
    """Measure a random sample of a run's finished pairs again; nothing in the run directory is written.

    Each pair gets a scorer of its own, prepared with that one assessment sample and asked for that one candidate. A
    candidate that the scorer measures alone counts as a pair.

    Args:
        session: The run; it is left with a closed backend and must not go on with its stages.
        pairs: How many pairs to draw; all of them where there are fewer.
        seed: Seed of the draw.
        backend: An open backend to measure with, which stays open; None to open the run's own in its most exact form.

    Returns:
        The findings as plain data, the same that `--json` prints.

    Raises:
        ConfigError: The scorer uses no model, or the model or the pool is not the run's any more.
        RunError: Nothing is scored yet.
    """
    if pairs < 1:
        raise ConfigError(f"pairs: found {pairs}; valid: at least 1")
    stored, damaged = _stored(session)
    finished = [each for each in stored if each.status == Status.OK]
    if not finished:
        raise RunError(f"{session.directory.path}: no finished pair to verify ({len(stored)} are stored)")
    drawn = random.Random(seed).sample(finished, min(pairs, len(finished)))
    with yardstick(session, backend) as (opened, note):
        alone = OneAtATime(opened)
        session.measure_with(alone)
        again = _measure_again(session, drawn)
        used = asdict(opened.describe())
    return {
        "run": str(session.directory.path),
        "scorer": session.config.scorer,
        "seed": seed,
        "finished": len(finished),
        "failed_in_run": len(stored) - len(finished),
        "damaged_parts": damaged,
        **findings(again),
        "form": note,
        "plain_pass": alone.plain_pass,
        "precision": {"run": session.model.get("precision"), "used": used["precision"]},
        "model": {"run": session.model, "used": used},
    }


def _stored(session: Session) -> tuple[list[Measurement], list[str]]:
    """The stored measurements of the run's scorer, in an order that no part decides, and the damaged parts."""
    name, path = session.config.scorer, session.directory.path
    scorer = session.make_scorer(name)
    if not scorer.needs_backend:
        raise ConfigError(f"{path}: nothing to verify: its scorer {name} uses no model, so there is no number of one")
    if "assess" not in session.manifest.stages or not session.manifest.model:
        raise WrongRunError(f"{path}: nothing is scored yet; run `icon score` first")
    store = part_store(session, name, scorer, read_only=True)
    stores = [store, *store.slices()]
    found = [each for part in stores for each in in_order(part.read())]
    damaged = [name for part in stores for name in part.damaged]
    return sorted(found, key=lambda each: (each.candidate, each.assessment or "")), damaged


def _measure_again(session: Session, drawn: Sequence[Measurement]) -> list[Rescored]:
    digest = session.manifest.stages["assess"]["digest"]
    assessment = {each.id: each for each in read_samples(session.directory.assessment, digest)}
    candidates = {each.id: each for each in session.pool.samples}
    found = []
    with session.stage("measuring again", total=len(drawn)):
        for stored in drawn:
            candidate = candidates[stored.candidate]
            found.append(Rescored(stored, _again(session, candidate, stored.assessment, assessment)))
            session.plugins.emit(CandidateMeasured(candidate.id, session.tokens_evaluated))
    return found


def _again(session: Session, candidate: Sample, task: str | None, assessment: Mapping[str, Sample]) -> Measurement:
    """One measurement by a scorer that knows of nothing else."""
    scorer = session.make_scorer(session.config.scorer)
    whole = list(assessment.values()) if scorer.needs_assessment else []
    used = whole if task is None else [assessment[task]]
    try:
        scorer.prepare(scoring_task(session, scorer, used), [])
        found = next(iter(scorer.measure([candidate])))
    except (BackendError, InputError) as error:
        return Measurement(candidate.id, task, status=Status.FAILED, reason=str(error))
    if len(found) != 1 or found[0].candidate != candidate.id:
        name = session.config.scorer
        raise PluginError(f"scorer {name} gave {len(found)} measurements of {candidate.id} on one sample; valid: one")
    return found[0]
