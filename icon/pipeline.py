"""The order of the stages, and the only place where a stage meets the run directory.

assess -> score -> select: each takes up what is finished, does the rest, and says in run.json that it is done.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from icon.contribution.aggregate import by_candidate, contribution
from icon.contribution.measure import SHARED, measure_plan
from icon.contribution.plan import Plan, draw_subset, make_plan
from icon.errors import InputError, InterruptedRun, RunError
from icon.hooks.events import CandidateMeasured
from icon.protocols import AssessmentBuilder, AssessmentTask, ContributionScorer, ScoringTask, SelectionTask
from icon.report.summary import Scored, summarise
from icon.runs.directory import fingerprint
from icon.runs.outputs import write_outputs
from icon.runs.parts import PartStore
from icon.runs.rows import pool_rows
from icon.runs.samples_file import read_samples, write_samples
from icon.runs.scores import write_scores
from icon.session import Session
from icon.types import Contribution, Measurement, Sample, Selection

SCORE_SETTINGS = (
    "max_prompt_tokens",
    "max_demonstration_tokens",
    "max_response_tokens",
    "on_too_long",
    "scorer_options",
    "subset",
    "skip_urls",
    "seed",
)
"""Settings that decide a measurement, beside pool, assessment set and model."""


def run(session: Session) -> None:
    """All stages, one after the other.

    Raises:
        InterruptedRun: Stopped by the user; what is finished is kept.
    """
    for stage in (assess, score, select):
        perform(session, stage)
    finish(session)


def finish(session: Session) -> None:
    """Mark the run as done."""
    session.manifest.status = "done"
    session.save()


def plan(session: Session) -> dict[str, int | str]:
    """What a run would do, without doing it: counts from the pool as it is, tokens estimated at 4 characters each."""
    session.check()
    config, pool = session.config, session.pool
    built, held_out = _build(session)
    candidates = [each for each in pool.samples if each.id not in held_out]
    subset = draw_subset(candidates, subset=config.subset, seed=config.seed, skip_urls=config.skip_urls)
    targets = sum(len(each.text) for each in built) // 4
    contexts = sum(len(each.text) for each in subset) // 4
    lengths = len({len(each.text) // 4 for each in subset})
    return {
        "pool": config.pool,
        "rows": pool.n_rows,
        "candidates": len(candidates),
        "candidates_to_score": len(subset),
        "assessment_samples": len(built),
        "parts": len(make_plan(subset, built).parts),
        "estimated_tokens": targets * (1 + len(subset) + lengths) + 2 * contexts,
        "run_directory": str(session.directory.path),
    }


def perform(session: Session, stage: Callable[[Session], None]) -> None:
    """One stage, leaving run.json true whatever happens."""
    start = time.perf_counter()
    times = session.manifest.times
    times.setdefault("started", datetime.now(UTC).isoformat(timespec="seconds"))
    session.manifest.versions = session.plugins.versions()
    try:
        stage(session)
    except KeyboardInterrupt:
        session.manifest.status = "interrupted"
        session.save()
        raise InterruptedRun(f"{session.directory.path}: interrupted; what is finished is kept") from None
    times["finished"] = datetime.now(UTC).isoformat(timespec="seconds")
    times["total_seconds"] = round(times.get("total_seconds", 0.0) + time.perf_counter() - start, 3)
    session.save()


def assess(session: Session) -> None:
    """Stage 1: build the assessment set, guard it against the pool, keep it as assessment.jsonl."""
    from icon.assessment.leak import find_leaks, guard

    session.check()
    pool = session.pool
    if "assess" in session.manifest.stages:
        return
    with session.stage("building the assessment set"):
        built, held_out = _build(session)
        rest = [each for each in pool.samples if each.id not in held_out]
        leaks = guard(find_leaks(built, rest), session.config.on_leak, session.warn)
        digest = write_samples(session.directory.assessment, built)
    session.manifest.stages["assess"] = {
        "digest": digest,
        "samples": len(built),
        "held_out": sorted(held_out),
        "leaks": {leak.pool_id: leak.describe() for leak in leaks},
    }


def score(session: Session) -> None:
    """Stage 2: measure the planned candidates with the run's scorer and with the baseline scorers."""
    assessment, candidates = _assessment(session), _candidates(session)
    if "score" in session.manifest.stages:
        return
    config = session.config
    subset = draw_subset(candidates, subset=config.subset, seed=config.seed, skip_urls=config.skip_urls)
    if not subset:
        raise InputError(f"{config.pool}: no candidate is left to score; see {session.directory.manifest_path}")
    names = [config.scorer, *(name for name in config.baselines if name != config.scorer)]
    before, start = session.tokens_evaluated, time.perf_counter()
    for name in names:
        _measure(session, name, subset, assessment)
    session.manifest.stages["score"] = {"candidates": len(subset), "scorers": names}
    spent = session.tokens_evaluated - before
    session.manifest.times["tokens_evaluated"] = session.manifest.times.get("tokens_evaluated", 0) + spent
    session.manifest.times["tokens_per_second"] = round(spent / (time.perf_counter() - start), 1)


def select(session: Session) -> None:
    """Stage 3: rank the pool, decide over every row, write the tables and the summary."""
    if "score" not in session.manifest.stages:
        raise RunError(f"{session.directory.path}: nothing is scored yet; run `icon score` first")
    config, directory, pool = session.config, session.directory, session.pool
    assessment, candidates = _assessment(session), _candidates(session)
    main, measurements = _contributions(session, config.scorer, assessment)
    baselines = {
        name: _contributions(session, name, assessment)[0]
        for name in session.manifest.stages["score"]["scorers"]
        if name != config.scorer
    }
    scores = {each.id: each.score for each in main.values() if each.score is not None}
    if not scores:
        first = next(iter(main.values()))
        raise RunError(f"{directory.path}: not one candidate could be scored; the first failure: {first.reason}")
    with session.stage("selecting"):
        name = config.selector if config.selector != "auto" else _default_selector(main, candidates)
        selector = session.plugins.get("selector", name).make(dict(config.selector_options))
        backend = session.backend if selector.needs_backend else None
        selection: Selection = selector.select(
            SelectionTask(candidates, scores, config.keep_amount, config.seed, backend)
        )
    for warning in selection.warnings:
        session.warn(warning)
    with session.stage("writing"):
        rows = pool_rows(pool, session.manifest.stages["assess"], main, baselines, selection)
        write_scores(directory.scores, rows, fingerprint(config.model_dump(mode="json")))
        counts = write_outputs(directory, session.records(), rows)
    samples = {each.id: each for each in pool.samples}
    scored = Scored(main, baselines, measurements, selection, rows, assessment, samples, session.audit())
    session.manifest.stages["select"] = {"selector": name, "records_selected": counts[0], "records_dropped": counts[1]}
    session.manifest.results |= summarise(
        scored, scorer=config.scorer, keep=config.keep_amount, seed=config.seed, audit_field=config.audit_field
    )


def _build(session: Session) -> tuple[list[Sample], set[str]]:
    """The assessment set, and the ids of pool samples it was drawn from and that it takes out of the pool."""
    config = session.config
    strategy = session.plugins.get("assessment", config.assessment)
    builder: AssessmentBuilder = strategy.make(dict(config.assessment_options))
    built = builder.build(AssessmentTask(session.pool.samples, config.assessment_size, config.seed))
    for note in builder.notes:
        session.warn(note)
    if not built:
        raise InputError(f"assessment {config.assessment!r}: no samples; valid: at least one")
    return built, {each.id for each in built} if builder.held_out else set()


def _measure(session: Session, name: str, subset: list[Sample], assessment: list[Sample]) -> None:
    scorer = session.make_scorer(name)
    task = _task(session, scorer, assessment)
    store = _store(session, name, scorer)
    finished = store.read()
    for damaged in store.damaged:
        session.warn(f"{damaged}: its checksum does not fit its bytes; set aside and measured again")
    plan = make_plan(subset, task.assessment) if scorer.needs_backend else Plan((tuple(subset),))
    executor = session.plugins.get("executor", "local").make({})
    done = len({each.candidate for label, part in finished.items() if label != SHARED for each in part})

    def tell(candidate: Sample) -> None:
        session.plugins.emit(CandidateMeasured(candidate.id, session.tokens_evaluated))

    session.save()
    with session.stage(f"scoring: {name}", total=len(subset), done=done):
        measure_plan(plan, scorer, task, executor, store, finished, tell)


def _task(session: Session, scorer: ContributionScorer, assessment: list[Sample]) -> ScoringTask:
    config = session.config
    return ScoringTask(
        backend=session.backend if scorer.needs_backend else None,
        template=session.template,
        assessment=assessment if scorer.needs_assessment else (),
        seed=config.seed,
        max_prompt_tokens=config.max_prompt_tokens,
        max_demonstration_tokens=config.max_demonstration_tokens,
        max_response_tokens=config.max_response_tokens,
        truncate=config.on_too_long == "truncate",
    )


def _store(session: Session, name: str, scorer: ContributionScorer) -> PartStore:
    settings = session.config.model_dump(mode="json")
    decisive = {key: settings[key] for key in SCORE_SETTINGS} | {
        "scorer": name,
        "pool": session.manifest.inputs["pool"]["digest"],
        "assessment": session.manifest.stages["assess"]["digest"],
        "template": session.template_digest,
        "model": session.manifest.model if scorer.needs_backend else None,
    }
    folder = session.directory.contributions(None if name == session.config.scorer else name)
    return PartStore(folder, fingerprint(decisive))


def _contributions(
    session: Session, name: str, assessment: list[Sample]
) -> tuple[dict[str, Contribution], dict[str, list[Measurement]]]:
    scorer = session.make_scorer(name)
    parts = _store(session, name, scorer).read()
    rows = by_candidate(each for label in sorted(parts) if label != SHARED for each in parts[label])
    groups = {each.id: each.group for each in assessment}
    return {id_: contribution(id_, found, groups, scorer) for id_, found in rows.items()}, rows


def _assessment(session: Session) -> list[Sample]:
    if "assess" not in session.manifest.stages:
        raise RunError(f"{session.directory.path}: no assessment set yet; run `icon assess` first")
    return read_samples(session.directory.assessment, session.manifest.stages["assess"]["digest"])


def _candidates(session: Session) -> list[Sample]:
    stage = session.manifest.stages["assess"]
    out = {*stage["held_out"], *stage["leaks"]}
    return [each for each in session.pool.samples if each.id not in out]


def _default_selector(main: dict[str, Contribution], candidates: list[Sample]) -> str:
    return "top" if len(main) >= len(candidates) else "classifier"
