"""Stage 3: rank the pool, decide over every row, write the tables and the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from icon.errors import PluginError, RunError, WrongRunError
from icon.pipeline.planned import Choice, Planned, planned
from icon.pipeline.score import contributions
from icon.plugins import SelectionTask, StageProgressed, WarningScorer
from icon.plugins.strategies import blamed
from icon.results.summary import Scored, race_facts, summarise
from icon.runs.directory import fingerprint
from icon.runs.model import Model
from icon.runs.outcome import Summary
from icon.runs.outputs import write_outputs
from icon.runs.pool import PoolReader, records_of
from icon.runs.records import SelectStage
from icon.runs.run import Run
from icon.runs.scores import pool_rows, write_scores
from icon.runs.writing import printable
from icon.scorers.racing import Outcome
from icon.types import Contribution, Sample, ScoreRow, Selection


def select(run: Run, model: Model, pool: PoolReader, choice: Choice) -> None:
    """Stage 3: rank the pool, decide over every row, write the tables and the summary.

    Args:
        run: The run, past its second stage.
        model: Its model.
        pool: Its pool.
        choice: How to choose.

    Raises:
        WrongRunError: Nothing is scored yet.
        RunError: Parts are missing or damaged, or not one candidate could be scored.
        PluginError: The selector breaks, or does not decide over every candidate.
    """
    stage = run.manifest.stages.score
    if stage is None:
        raise WrongRunError(f"{run.path}: nothing is scored yet; run `icon score` first")
    run.forget_warnings()
    plan = planned(run, model, pool.samples)
    found = {name: contributions(work, plan, stage) for name, work in plan.works.items()}
    (main, measurements), outcome = found.pop(run.config.scorer)
    baselines = {name: each[0] for name, (each, _) in found.items()}
    name, selection = _selection(run, model, plan, choice, main, raced=outcome is not None)
    for warning in (*selection.warnings, *_warnings_of_scorer(plan, main, selection)):
        run.warn(warning)
    with run.timed("writing"):
        run.directory.report.unlink(missing_ok=True)  # it would tell of another selection
        rows = _write(run, plan, choice, name, main, baselines, selection)
    complete = {} if outcome else measurements  # split halves need candidates that were measured on the same samples
    samples = {sample.id: sample for sample in plan.pool.samples}
    scored = Scored(main, baselines, complete, selection, rows, plan.assessment, samples, _audit(run))
    run.note(results=_summary(run, plan, choice, scored, outcome))


def _selection(
    run: Run, model: Model, plan: Planned, choice: Choice, main: dict[str, Contribution], *, raced: bool
) -> tuple[tuple[str, dict[str, object]], Selection]:
    """Let the selector decide; gives its name and options, and what it decided."""
    scores = {found.id: found.score for found in main.values() if found.score is not None}
    if not scores:
        first = next(iter(main.values()))  # of a race, something is always measured
        raise RunError(f"{run.path}: not one candidate could be scored; the first failure: {first.reason}")
    with run.timed("selecting"):
        usable = len(scores) if raced else None
        name, selector, options = choice.selector(run, len(main), len(plan.candidates), usable=usable)
        task = SelectionTask(
            plan.candidates,
            scores,
            choice.config.keep_amount,
            run.config.seed,
            model.backend if selector.needs_backend else None,
            lambda *progress: run.emit(StageProgressed(*progress)),
        )
        with blamed(run.plugins.get("selector", name), "selector", "raised"):
            selection = selector.select(task)
    _check(selection, plan.candidates, name)
    return (name, dict(options)), selection


def _warnings_of_scorer(plan: Planned, main: dict[str, Contribution], selection: Selection) -> list[str]:
    """What the run's scorer has to say of a selection by its scores; nothing where it has no such ability."""
    work, scores = plan.main, {found.id: found.score for found in main.values() if found.score is not None}
    scorer = work.scorer
    if not isinstance(scorer, WarningScorer):
        return []
    kept = [decision.id for decision in selection.decisions if decision.selected]
    with blamed(work.run.plugins.get("scorer", work.name), "scorer", "raised"):
        return [str(warning) for warning in scorer.selection_warnings(scores, kept)]


def _write(
    run: Run,
    plan: Planned,
    choice: Choice,
    selector: tuple[str, dict[str, object]],
    main: dict[str, Contribution],
    baselines: dict[str, dict[str, Contribution]],
    selection: Selection,
) -> list[ScoreRow]:
    """Write the tables and the records; gives the rows of scores.parquet."""
    assess = run.manifest.stages.assess
    assert assess is not None
    rows = pool_rows(plan.pool, assess, main, baselines, selection)
    write_scores(run.directory.scores, rows, fingerprint(choice.config.model_dump(mode="json")))
    selected, dropped = write_outputs(run.directory, records_of(run), rows)
    name, options = selector
    run.note_stage(
        select=SelectStage(
            selector=name,
            selector_options=options,
            keep=choice.config.keep,
            records_selected=selected,
            records_dropped=dropped,
        )
    )
    return rows


def _summary(run: Run, plan: Planned, choice: Choice, scored: Scored, outcome: Outcome | None) -> Summary:
    config = run.config
    return summarise(
        scored,
        plan.main.scorer,
        scorer=config.scorer,
        keep=choice.config.keep_amount,
        seed=config.seed,
        audit_field=config.audit_field,
        race=race_facts(outcome, len(plan.assessment), config.confidence) if outcome else None,
    )


def _check(selection: Selection, candidates: Sequence[Sample], selector: str) -> None:
    """Refuse a selection that has not one decision for each candidate.

    Raises:
        PluginError: The selector forgot one, decided twice, or decided over something that is no candidate.
    """
    decided = Counter(decision.id for decision in selection.decisions)
    asked = Counter(sample.id for sample in candidates)
    if odd := sorted((asked - decided) + (decided - asked)):
        raise PluginError(
            f"selector {selector}: found {decided[odd[0]]} decisions for candidate {odd[0]}, expected {asked[odd[0]]} "
            f"({len(odd):,} such ids); valid: one decision for each candidate"
        )


def _audit(run: Run) -> dict[int, str]:
    """Value of the audit field by row; empty where the settings name none. Only the summary is ever shown it."""
    name = run.config.audit_field
    if name is None:
        return {}
    return {
        record.row: printable(str(record.fields.get(name) or ""))
        for record in records_of(run)
        if record.fields is not None
    }
