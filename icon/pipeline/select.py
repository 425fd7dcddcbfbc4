"""Stage 3: select from the pool, and write the table, the records and the summary."""

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
    """Stage 3: select from the pool, and write the table, the records and the summary.

    Args:
        run: The run, past its second stage.
        model: Its model.
        pool: Its pool.
        choice: The settings of the selection.

    Raises:
        WrongRunError: Nothing is scored yet.
        RunError: Parts are missing or damaged, or no candidate could be scored.
        PluginError: The selector fails, or does not decide on every candidate.
    """
    stage = run.manifest.stages.score
    if stage is None:
        raise WrongRunError(f"{run.path}: nothing is scored yet; run `icon score` first")
    run.forget_warnings()
    plan = planned(run, model, pool.samples)
    scored = {name: contributions(work, plan, stage) for name, work in plan.works.items()}
    (main, measurements), outcome = scored.pop(run.config.scorer)
    baselines = {name: by_candidate for name, ((by_candidate, _), _) in scored.items()}
    name, selection = _selection(run, model, plan, choice, main, raced=outcome is not None)
    for warning in (*selection.warnings, *_warnings_of_scorer(plan, main, selection)):
        run.warn(warning)
    with run.timed("writing"):
        run.directory.report.unlink(missing_ok=True)  # it is of another selection
        rows = _write(run, plan, choice, name, main, baselines, selection)
    complete = {} if outcome else measurements  # split halves need all candidates on the same samples
    samples = {sample.id: sample for sample in plan.pool.samples}
    facts = Scored(main, baselines, complete, selection, rows, plan.assessment, samples, _audit(run))
    run.note(results=_summary(run, plan, choice, facts, outcome))


def _selection(
    run: Run, model: Model, plan: Planned, choice: Choice, main: dict[str, Contribution], *, raced: bool
) -> tuple[tuple[str, dict[str, object]], Selection]:
    """Let the selector decide; returns its name and options, and the selection."""
    scores = _scores(main)
    if not scores:
        first = next(iter(main.values()))  # in a race, something is always measured
        raise RunError(f"{run.path}: no candidate could be scored; the first failure: {first.reason}")
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
    """Warnings of the run's scorer about a selection by its scores; none where it has no such ability."""
    work, scorer = plan.main, plan.main.scorer
    if not isinstance(scorer, WarningScorer):
        return []
    kept = [decision.id for decision in selection.decisions if decision.selected]
    with blamed(work.run.plugins.get("scorer", work.name), "scorer", "raised"):
        return [str(warning) for warning in scorer.selection_warnings(_scores(main), kept)]


def _scores(contributions_by_id: dict[str, Contribution]) -> dict[str, float]:
    """The score of each candidate that has one, by id."""
    return {id_: found.score for id_, found in contributions_by_id.items() if found.score is not None}


def _write(
    run: Run,
    plan: Planned,
    choice: Choice,
    selector: tuple[str, dict[str, object]],
    main: dict[str, Contribution],
    baselines: dict[str, dict[str, Contribution]],
    selection: Selection,
) -> list[ScoreRow]:
    """Write the table and the records; returns the rows of scores.parquet."""
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
    """Refuse a selection without exactly one decision for each candidate.

    Raises:
        PluginError: A decision is missing, is there twice, or is on something that is not a candidate.
    """
    decided = Counter(decision.id for decision in selection.decisions)
    expected = Counter(sample.id for sample in candidates)
    if odd := sorted((expected - decided) + (decided - expected)):
        raise PluginError(
            f"selector {selector}: found {decided[odd[0]]} decisions for candidate {odd[0]}, expected "
            f"{expected[odd[0]]} ({len(odd):,} such ids); valid: one decision for each candidate"
        )


def _audit(run: Run) -> dict[int, str]:
    """Value of the audit field by row; empty where the settings name none. Only the summary uses it."""
    name = run.config.audit_field
    if name is None:
        return {}
    return {
        record.row: printable(str(record.fields.get(name) or ""))
        for record in records_of(run)
        if record.fields is not None
    }
