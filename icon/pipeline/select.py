"""Stage 3: select from the pool, and write the table, the records and the summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from icon.errors import ConfigError, NoChoiceError
from icon.pipeline._alone import scores_of
from icon.pipeline._choosing import Choosing, Chosen
from icon.pipeline._length_notes import length_warning, side_warning, strata_warning
from icon.pipeline._measured import measured
from icon.pipeline._written import write_selection
from icon.pipeline.planned import Choice, ChosenSelector, Planned
from icon.pipeline.score import contributions
from icon.plugins import WarningScorer
from icon.plugins.strategies import blamed
from icon.results import wording
from icon.results.at_length import AtLength
from icon.results.positions import first_token_warning, positions
from icon.results.summary import Scored, race_facts, summarise
from icon.runs.outcome import Positions, RaceFacts, Summary
from icon.runs.pool import refuse_edited
from icon.runs.records import ScoreStage
from icon.runs.run import Run
from icon.runs.standing import Standing
from icon.samples.ids import texts_of
from icon.scorers.contributed import share_ids
from icon.scorers.lengths import How, have_strata, how_of, response_lengths
from icon.scorers.positions import masked_tokens
from icon.selection.decided import Decided
from icon.selection.ranking import NOTHING_CHOSEN
from icon.types import Contribution, Measurement, Sample, Selection


def select_planned(run: Run, plan: Planned, stage: ScoreStage, choice: Choice) -> None:
    """Select from the pool, stage the table and the records, and record the stage and the summary.

    The next `Run.save` publishes all of it at once.

    Args:
        run: The run, past its second stage.
        plan: What it has measured.
        stage: What the second stage recorded.
        choice: The settings of the selection.

    Raises:
        InputError: The pool was edited since it was read.
        RunError: Parts are missing or damaged, or no candidate could be scored.
        PluginError: The selector fails, or does not decide on every candidate.
    """
    refuse_edited(run, plan.pool)
    ways = _equal_length(plan, choice)
    how = ways[plan.main.name]
    scored = {name: contributions(work, plan, stage, ways[name]) for name, work in plan.works.items()}
    (main, measurements), outcome = scored.pop(plan.main.name)
    baselines = {name: by_candidate for name, ((by_candidate, _), _) in scored.items()}
    share_ids(main, baselines.values())
    complete = {} if outcome else measurements  # split halves need all candidates on the same samples
    samples = _by_id(plan.pool.samples)
    at = AtLength("none", "characters", {})
    if how != "none":
        lengths, unit = response_lengths(samples, measurements, plan.main.scorer, run.config.skip_tokens)
        at = AtLength(how, unit, lengths)
    race = race_facts(outcome, len(plan.samples), choice.config) if outcome else None
    with run.timed("selecting"):
        chosen = Choosing(plan, choice, main, measured(plan, choice, main, measurements, race, at)).chosen()
    _keep_earlier(run, choice, chosen)
    where = _positions(plan, measurements)
    _warn(run, plan, chosen, main, where, at, raced=outcome is not None)
    audit: dict[int, str] = {}
    with run.timed("writing"):
        rows = write_selection(run, plan, choice, chosen, (main, baselines), audit)
    facts = Scored(main, baselines, complete, chosen.selection, rows, plan.assessment, samples, audit)
    run.note(results=_summary(plan, choice, facts, race, where, at, chosen.standing))


def _by_id(samples: Sequence[Sample]) -> Mapping[str, Sample]:
    """The samples by their ids."""
    known: Mapping[str, Sample] | None = getattr(samples, "by_ids", None)
    return {sample.id: sample for sample in samples} if known is None else known


def _keep_earlier(run: Run, choice: Choice, chosen: Chosen) -> None:
    """Leave an earlier selection from the same measurements as it is, where nothing would take its place.

    Raises:
        NoChoiceError: There is one.
    """
    results = run.manifest.results
    if chosen.selector is not None or results is None or results.standing is None or not run.manifest.has_selection:
        return
    before, now = results.standing, chosen.standing
    if (before.scored, before.pairs) == (now.scored, now.pairs):
        raise NoChoiceError(
            f"{run.path}: keep {choice.config.keep}, selector {choice.config.selector}: what was measured carries no "
            f"such choice: {wording.grounds(now)}. The selection of {results.keep} stays as it is; measure more, or "
            "name the selector (--selector top)"
        )


def _warn(
    run: Run,
    plan: Planned,
    chosen: Chosen,
    main: Mapping[str, Contribution],
    where: Positions | None,
    at: AtLength,
    *,
    raced: bool,
) -> None:
    """Warn of what a reader of the selection, or of the scores alone, should know."""
    of_choice = (*chosen.selection.warnings, *_warnings_of_scorer(plan, main, chosen.selection))
    note = [chosen.selector.note] if chosen.selector and chosen.selector.note else []
    of_scores = (*_format_warning(plan, where), *strata_warning(at.how, main))
    of_race = _race_warning(chosen.selector) if chosen.selector and raced else []
    if chosen.selector and getattr(chosen.selector.selector, "by_score", False):
        of_choice = (*of_choice, *length_warning(at.how, main, chosen.selection))
    of_choice = (*of_choice, *side_warning(at, chosen.selection))
    for warning in (*note, *(of_choice if chosen.selector else ()), *of_scores, *of_race):
        if not warning.endswith(NOTHING_CHOSEN):  # the first line says that
            run.warn(warning)


def _warnings_of_scorer(plan: Planned, main: Mapping[str, Contribution], selection: Selection) -> list[str]:
    """Warnings of the run's scorer about a selection by its scores; none where it has no such ability."""
    work, scorer = plan.main, plan.main.scorer
    if not isinstance(scorer, WarningScorer):
        return []
    decided = Decided.of(selection.decisions)
    kept = texts_of(decided.ids[decided.selected])
    with blamed(work.run.plugins.get("scorer", work.name), "scorer", "raised"):
        return [str(warning) for warning in scorer.selection_warnings(scores_of(main), kept)]


def _positions(plan: Planned, measured: dict[str, list[Measurement]]) -> Positions | None:
    """Where the gains of the run's scorer sit."""
    baseline = [row for store in plan.main.stores() for row in store.of([""])]
    return positions(measured, baseline, plan.main.run.config.skip_tokens, masked_tokens(plan.main.scorer))


def _format_warning(plan: Planned, where: Positions | None) -> list[str]:
    """A warning where much of the gain is at the first token."""
    run = plan.main.run
    if not plan.main.scorer.needs_assessment:  # what a prompt gains, which is no demonstration's doing
        return []
    used = run.manifest.inputs.template
    warning = first_token_warning(where, template=used.name if used else "", primed=run.config.primed)
    return [warning] if warning else []


def _race_warning(chosen: ChosenSelector) -> list[str]:
    """A warning where a selector cuts off the worst of a race, which decides on the best."""
    if not getattr(chosen.selector, "of_worst", False):
        return []
    return [
        f"selector {chosen.name} of a race: the race measures the best candidates most and leaves the others early, so "
        "who is among the worst is known less well, and the captured gain is that of the best; --schedule exact "
        "measures all alike"
    ]


def _equal_length(plan: Planned, choice: Choice) -> dict[str, How]:
    """How the scores of each of the run's scorers are made equal in length, by name.

    Raises:
        ConfigError: The run was raced, and at another choice than is asked for now.
    """
    strata = have_strata(len(plan.subset), narrowed=plan.narrowed is not None)
    ways = {
        name: how_of(choice.config, work.scorer, is_main=work.is_main, strata=strata)
        for name, work in plan.works.items()
    }
    how, raced = ways[plan.main.name], how_of(plan.main.run.config, plan.main.scorer, strata=strata)
    if plan.is_raced and how != raced:
        raise ConfigError(
            f"equal_length {how}: the candidates of this race were decided with equal_length {raced}; valid: that one, "
            "or a new run with --out"
        )
    return ways


def _summary(
    plan: Planned,
    choice: Choice,
    scored: Scored,
    race: RaceFacts | None,
    where: Positions | None,
    at: AtLength,
    standing: Standing,
) -> Summary:
    config = choice.config
    return summarise(
        scored,
        plan.main.scorer,
        scorer=config.scorer,
        keep=config.keep_amount,
        seed=config.seed,
        audit_field=config.audit_field,
        race=race,
        positions=where,
        at=at,
        standing=standing,
    )
