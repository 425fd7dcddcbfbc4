"""The order of the stages, each of them joined to the run directory.

assess -> score -> select -> report: each takes up what is finished, does the rest, and says so in run.json.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from icon import explanation, reporting
from icon.contribution.measure import Share
from icon.contribution.plan import draw_subset
from icon.contribution.racing import Outcome
from icon.errors import ConfigError, InputError, InterruptedRun, RunError, WrongRunError
from icon.hooks.events import StageProgressed
from icon.precheck import check, refuse_other_need
from icon.protocols import AssessmentBuilder, AssessmentTask, SelectionTask, Selector
from icon.report.race import race_facts
from icon.report.summary import Scored, summarise
from icon.runs.directory import fingerprint
from icon.runs.outputs import write_outputs
from icon.runs.rows import pool_rows
from icon.runs.samples_file import read_samples, write_samples
from icon.runs.scores import write_scores
from icon.scoring import Found, contributions, is_raced, measure, schedule_of
from icon.session import Session
from icon.types import Sample


def run(session: Session) -> None:
    """All stages, one after the other.

    Raises:
        InterruptedRun: Stopped by the user; what is finished is kept.
    """
    for stage in (assess, score, select, report):
        perform(session, stage)


def perform(session: Session, stage: Callable[[Session], None]) -> None:
    """One stage, leaving run.json true whatever happens."""
    start = time.perf_counter()
    times = session.manifest.times
    times.setdefault("started", datetime.now(UTC).isoformat(timespec="seconds"))
    session.manifest.versions = session.plugins.versions()
    session.stage_name = stage.__name__
    try:
        stage(session)
    except KeyboardInterrupt:
        if stage is not report:  # a run that has selected is whole; `icon report` draws its page
            session.manifest.status = "interrupted"
        session.save()
        raise InterruptedRun(f"{session.directory.path}: interrupted; what is finished is kept") from None
    times["finished"] = datetime.now(UTC).isoformat(timespec="seconds")
    times["total_seconds"] = round(times.get("total_seconds", 0.0) + time.perf_counter() - start, 3)
    stopped = session.manifest.stages.get("score", {}).get("race", {}).get("ended") == "interrupted"
    session.manifest.status = "interrupted" if stopped else "done" if stage in (select, report) else "running"
    session.save()


def assess(session: Session) -> None:
    """Stage 1: build the assessment set, guard it against the pool, keep it as assessment.jsonl."""
    from icon.assessment.leak import find_leaks, guard

    check(session)
    schedule_of(session, session.make_scorer(session.config.scorer), 0)  # refused now, not after the baseline scorers
    pool = session.pool
    session.hold_assessment()
    needed = any(session.make_scorer(name).needs_assessment for name in session.scorers)
    if "assess" in session.manifest.stages:
        refuse_other_need(session, needed)
        return
    session.save()  # from here on the folder is known for an icon run, whatever stops this one
    with session.stage("building the assessment set"):
        built, held_out = build_assessment(session)
        rest = [each for each in pool.samples if each.id not in held_out]
        leaks = guard(find_leaks(built, rest), session.config.on_leak, session.warn) if built else []
        digest = write_samples(session.directory.assessment, built)
    session.manifest.stages["assess"] = {
        "digest": digest,
        "samples": len(built),
        "needed": needed,
        "held_out": sorted(held_out),
        "leaks": {leak.pool_id: leak.describe() for leak in leaks},
    }


def build_assessment(session: Session) -> tuple[list[Sample], set[str]]:
    """The assessment set, and the ids of the pool samples that it takes out of the pool.

    Where no scorer needs one, nothing is held out for it.
    """
    config = session.config
    strategy = session.plugins.get("assessment", config.assessment)
    builder: AssessmentBuilder = strategy.make(dict(config.assessment_options))
    if builder.held_out and not any(session.make_scorer(name).needs_assessment for name in session.scorers):
        return [], set()
    built = builder.build(AssessmentTask(session.pool.samples, config.assessment_size, config.seed, session.readers))
    for note in builder.notes:
        session.warn(note)
    if not built:
        raise InputError(f"assessment {config.assessment!r}: no samples; valid: at least one")
    return built, {each.id for each in built} if builder.held_out else set()


def score_share(session: Session, share: Share, only: str | None = None) -> None:
    """One share of stage 2, or of one scorer, beside other processes; the stage is finished by whoever runs `score`."""
    assessment, candidates = _assessment(session), _candidates(session)
    subset = _subset(session, candidates)
    raced = is_raced(session, assessment)
    if raced and session.asked:
        raise ConfigError("--share: the shares of a race are of the run's own scorer alone; valid: --scorer without it")
    session.save()  # whoever finishes the stage then knows of every scorer that was asked for
    interrupted = InterruptedRun(f"{session.directory.path}: interrupted; what is finished is kept")
    for scorer in [session.config.scorer] if raced else [only] if only else session.scorers:
        try:
            outcome = measure(session, scorer, subset, assessment, len(candidates), share)
        except KeyboardInterrupt:
            raise interrupted from None
        if outcome and outcome.ended == "interrupted":  # a race ends with what it has; a share has no choice to make
            raise interrupted


def score(session: Session) -> None:
    """Stage 2: measure the planned candidates with the run's scorer and with the baseline scorers."""
    assessment, candidates = _assessment(session), _candidates(session)
    config = session.config
    subset = _subset(session, candidates)
    if not subset:
        raise InputError(f"{config.pool}: no candidate is left to score; see {session.directory.manifest_path}")
    name, selector, _ = _selector(session, len(subset), len(candidates))
    if len(subset) < selector.fewest_scored:
        raise ConfigError(
            f"selector {name}: {len(subset)} candidates would be scored; valid: at least {selector.fewest_scored}. "
            "Score more of them (--subset), or use --selector top"
        )
    for left_out in session.beyond_budget:
        session.warn(f"baseline {left_out} needs the model and is left out: the budget is for {config.scorer}")
    before, start = session.tokens_evaluated, time.perf_counter()
    stage: dict[str, Any] = {"candidates": len(subset), "scorers": session.scorers}
    for scorer in reversed(session.scorers):  # the run's own comes last: a budget is for it
        if outcome := measure(session, scorer, subset, assessment, len(candidates)):
            stage["race"] = {"ended": outcome.ended, "path": outcome.path}
    session.manifest.stages["score"] = stage
    spent = session.tokens_evaluated - before
    if spent and len(session.devices) < 2:  # with several, most of what was read was read elsewhere
        times = session.manifest.times
        times["tokens_evaluated"] = times.get("tokens_evaluated", 0) + spent
        times["tokens_per_second"] = round(spent / (time.perf_counter() - start), 1)


def select(session: Session) -> None:
    """Stage 3: rank the pool, decide over every row, write the tables and the summary."""
    if "score" not in session.manifest.stages:
        raise WrongRunError(f"{session.directory.path}: nothing is scored yet; run `icon score` first")
    config, directory, pool = session.config, session.directory, session.pool
    session.manifest.warnings[session.stage_name] = []
    assessment, candidates = _assessment(session), _candidates(session)
    subset = _subset(session, candidates)

    def scored(name: str) -> tuple[Found, Outcome | None]:
        return contributions(session, name, subset, assessment, len(candidates))

    (main, measurements), outcome = scored(config.scorer)
    baselines = {name: scored(name)[0][0] for name in session.scorers[1:]}
    scores = {each.id: each.score for each in main.values() if each.score is not None}
    if not scores:
        first = next(iter(main.values()))  # of a race, something is always measured
        raise RunError(f"{directory.path}: not one candidate could be scored; the first failure: {first.reason}")
    with session.stage("selecting"):
        name, selector, options = _selector(
            session, len(main), len(candidates), usable=len(scores) if outcome else None
        )
        backend = session.backend if selector.needs_backend else None
        task = SelectionTask(
            candidates,
            scores,
            config.keep_amount,
            config.seed,
            backend,
            lambda *told: session.plugins.emit(StageProgressed(*told)),
        )
        selection = selector.select(task)
    for warning in selection.warnings:
        session.warn(warning)
    with session.stage("writing"):
        directory.report.unlink(missing_ok=True)  # it would tell of another selection
        rows = pool_rows(pool, session.manifest.stages["assess"], main, baselines, selection)
        write_scores(directory.scores, rows, fingerprint(config.model_dump(mode="json")))
        selected, dropped = write_outputs(directory, session.records(), rows)
    samples = {each.id: each for each in pool.samples}
    complete = {} if outcome else measurements  # split halves need candidates that were measured on the same samples
    scored_pool = Scored(main, baselines, complete, selection, rows, assessment, samples, session.audit())
    session.manifest.stages["select"] = {
        "selector": name,
        "selector_options": options,
        "keep": config.keep,
        "records_selected": selected,
        "records_dropped": dropped,
    }
    session.manifest.results = summarise(
        scored_pool,
        scorer=config.scorer,
        column=session.make_scorer(config.scorer).column,
        keep=config.keep_amount,
        seed=config.seed,
        audit_field=config.audit_field,
    )
    session.manifest.results["needs_model"] = session.make_scorer(config.scorer).needs_backend
    if outcome:
        session.manifest.results["race"] = race_facts(outcome, len(assessment), config.confidence)


def report(session: Session) -> None:
    """Stage 4: show the run as one page, with the tokens of a few examples where the model is still open.

    The examples are left out within a budget, which is for the score. A page that cannot be drawn takes nothing from a
    run that is finished: it is told, and `icon report` tries again.
    """
    if not session.config.report:
        return
    session.manifest.warnings[session.stage_name] = []
    try:
        if not session.config.budget:
            explanation.examples(session)
        with session.stage("drawing the report"):
            reporting.report(session)
    except Exception as error:  # noqa: BLE001  whatever a page fails over, the selection is written and stays so
        session.warn(
            f"the report could not be drawn ({type(error).__name__}: {error}); to try again: icon report "
            f"{session.directory.path}"
        )


def _assessment(session: Session) -> list[Sample]:
    if "assess" not in session.manifest.stages:
        raise WrongRunError(f"{session.directory.path}: no assessment set yet; run `icon assess` first")
    return read_samples(session.directory.assessment, session.manifest.stages["assess"]["digest"])


def _candidates(session: Session) -> list[Sample]:
    stage = session.manifest.stages["assess"]
    out = {*stage["held_out"], *stage["leaks"]}
    return [each for each in session.pool.samples if each.id not in out]


def _subset(session: Session, candidates: list[Sample]) -> list[Sample]:
    config = session.config
    return draw_subset(candidates, subset=config.subset, seed=config.seed, skip_urls=config.skip_urls)


def _selector(
    session: Session, n_scored: int, n_candidates: int, *, usable: int | None = None
) -> tuple[str, Selector, dict[str, Any]]:
    """The selector by name, with its options; left open, top where every candidate is scored, else the classifier.

    Args:
        session: The run.
        n_scored: How many candidates are measured, those that failed included.
        n_candidates: How many there are.
        usable: Of a race, how many of them have a score; top is taken where that is too few for the selector.
    """
    asked, options = session.config.selector, dict(session.config.selector_options)
    name = ("top" if n_scored >= n_candidates else "classifier") if asked == "auto" else asked
    selector: Selector = session.plugins.get("selector", name).make(options)
    if usable is not None and usable < selector.fewest_scored:
        session.warn(f"{usable} candidates are scored, too few for {name}: the best of them are selected")
        return "top", session.plugins.get("selector", "top").make({}), {}
    return name, selector, options
