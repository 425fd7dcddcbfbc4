"""Stage 3: rank the pool, decide over every row, write the tables and the summary."""

from __future__ import annotations

from collections import Counter

from icon.contribution.racing import Outcome
from icon.errors import PluginError, RunError, WrongRunError
from icon.hooks.contract import blamed
from icon.hooks.events import StageProgressed
from icon.protocols import SelectionTask
from icon.report.race import race_facts
from icon.report.summary import Scored, summarise
from icon.runs.directory import fingerprint
from icon.runs.outputs import write_outputs
from icon.runs.plain_json import printable
from icon.runs.rows import pool_rows
from icon.runs.scores import write_scores
from icon.scoring import Found, contributions, selection_warnings
from icon.session import Session
from icon.stages.planned import assessment_of, candidates_of, selector_of, subset_of
from icon.types import Sample, Selection


def select(session: Session) -> None:
    """Stage 3: rank the pool, decide over every row, write the tables and the summary."""
    if "score" not in session.manifest.stages:
        raise WrongRunError(f"{session.directory.path}: nothing is scored yet; run `icon score` first")
    config, directory, pool = session.config, session.directory, session.pool
    session.manifest.warnings[session.stage_name] = []
    assessment, candidates = assessment_of(session), candidates_of(session)
    subset = subset_of(session, candidates)

    def scored(name: str) -> tuple[Found, Outcome | None]:
        return contributions(session, name, subset, assessment, len(candidates))

    (main, measurements), outcome = scored(config.scorer)
    baselines = {name: scored(name)[0][0] for name in session.scorers[1:]}
    scores = {each.id: each.score for each in main.values() if each.score is not None}
    if not scores:
        first = next(iter(main.values()))  # of a race, something is always measured
        raise RunError(f"{directory.path}: not one candidate could be scored; the first failure: {first.reason}")
    with session.stage("selecting"):
        name, selector, options = selector_of(
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
        with blamed(session.plugins.get("selector", name), "selector", "raised"):
            selection = selector.select(task)
    _check(selection, candidates, name)
    for warning in (*selection.warnings, *selection_warnings(session, scores, selection)):
        session.warn(warning)
    with session.stage("writing"):
        directory.report.unlink(missing_ok=True)  # it would tell of another selection
        rows = pool_rows(pool, session.manifest.stages["assess"], main, baselines, selection)
        write_scores(directory.scores, rows, fingerprint(config.model_dump(mode="json")))
        selected, dropped = write_outputs(directory, session.records(), rows)
    samples = {each.id: each for each in pool.samples}
    complete = {} if outcome else measurements  # split halves need candidates that were measured on the same samples
    scored_pool = Scored(main, baselines, complete, selection, rows, assessment, samples, _audit(session))
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


def _check(selection: Selection, candidates: list[Sample], selector: str) -> None:
    """Refuse a selection that has not one decision for each candidate.

    Raises:
        PluginError: The selector forgot one, decided twice, or over one that is none.
    """
    decided, asked = Counter(each.id for each in selection.decisions), Counter(each.id for each in candidates)
    if odd := sorted((asked - decided) + (decided - asked)):
        raise PluginError(
            f"selector {selector}: found {decided[odd[0]]} decisions for candidate {odd[0]}, expected {asked[odd[0]]} "
            f"({len(odd):,} such ids); valid: one decision for each candidate"
        )


def _audit(session: Session) -> dict[int, str]:
    """Value of the audit field by row; empty where the settings name none. Only the summary is ever shown it."""
    name = session.config.audit_field
    if name is None:
        return {}
    return {
        each.row: printable(str(each.fields.get(name) or "")) for each in session.records() if each.fields is not None
    }
