"""Stage 2: measure the candidates with the run's scorer and the baselines, exactly or in a race."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from icon.config import RunConfig
from icon.errors import ConfigError, InputError, InterruptedRun, RunError
from icon.pipeline._exact import contributions_of_every_pair, measure_every_pair
from icon.pipeline._narrowing import narrowed
from icon.pipeline._raced import Race
from icon.pipeline.measuring import WHOLE, Share
from icon.pipeline.planned import Choice, Planned, hold_files
from icon.pipeline.schedule import OF_A_RACE, RACE_FROM
from icon.results.summary import race_path
from icon.runs.model import Model
from icon.runs.records import RaceStage, ScoreStage
from icon.runs.run import Run
from icon.runs.work import Work
from icon.samples.addresses import named
from icon.scorers.lengths import How, at_equal_length, how_of, refuse_too_few, response_lengths
from icon.scorers.racing import Outcome
from icon.selection.carrying import fewest_scored
from icon.types import Contribution, Measurement

Scored = tuple[Mapping[str, Contribution], dict[str, list[Measurement]]]
"""Contributions and measurements by candidate; of candidates that are measured by themselves, contributions as columns
and the measurements that say where gains sit."""


def score_planned(run: Run, plan: Planned) -> None:
    """Measure the candidates with the run's scorer and the baseline scorers, and record the stage.

    Args:
        run: The run, past its first stage.
        plan: What it is to measure.

    Raises:
        InputError: No candidate is left to score.
        ConfigError: Too few are scored for the selector or to compare them at equal length, or a scorer cannot be
            measured on this run.
    """
    hold_files(run, "scorer", run.config.scorer_options)
    _refuse_too_few(run, plan)
    for work in plan.works.values():
        refuse_too_few(how_of(run.config, work.scorer, is_main=work.is_main), len(plan.subset))
    for name in plan.beyond_budget:
        run.warn(f"baseline {name} needs the model and is left out: the budget is for {run.config.scorer}")
    race, model = None, plan.main.model
    try:
        with _tokens_noted(run, model):
            plan = narrowed(plan)
            for work in reversed(list(plan.works.values())):  # the run's own comes last: a budget is for it
                if outcome := measure(work, plan):
                    race = RaceStage(ended=outcome.ended, path=race_path(outcome))
    finally:
        if model.workers is not None:  # they make room for what the third stage opens here
            model.workers.close()
    run.note_stage(score=ScoreStage(candidates=len(plan.subset), scorers=tuple(plan.works), race=race))


@contextmanager
def _tokens_noted(run: Run, model: Model) -> Iterator[None]:
    """Record how many tokens the model evaluates, and how fast, also where it is stopped."""
    before, start = model.tokens_evaluated, time.perf_counter()
    try:
        yield
    finally:
        spent, seconds = model.tokens_evaluated - before, time.perf_counter() - start
        if spent and seconds > 0:
            total = (run.manifest.times.tokens_evaluated or 0) + spent
            run.note_times(tokens_evaluated=total, tokens_per_second=round(spent / seconds, 1))


def measure_share(run: Run, plan: Planned, share: Share, names: Sequence[str]) -> None:
    """Measure one share of these scorers' work; the process that calls `score_planned` finishes the stage.

    Args:
        run: The run, past its first stage.
        plan: What it is to measure.
        share: The parts that this process measures.
        names: The scorers.

    Raises:
        InterruptedRun: Stopped by the user; what is finished is kept.
    """
    hold_files(run, "scorer", run.config.scorer_options)
    run.save()  # so that the process that finishes the stage knows every scorer that was asked for
    interrupted = InterruptedRun(f"{run.path}: interrupted; what is finished is kept")
    try:
        plan = narrowed(plan)
    except KeyboardInterrupt:
        raise interrupted from None
    for name in names:
        try:
            outcome = measure(plan.works[name], plan, share)
        except KeyboardInterrupt:
            raise interrupted from None
        if outcome and outcome.ended == "interrupted":  # of a race; a share does not select
            raise interrupted


def _refuse_too_few(run: Run, plan: Planned) -> None:
    """Refuse a run that has no candidate to score, or too few for its selector.

    Raises:
        InputError: No candidate is left to score.
        ConfigError: Too few are scored for the selector.
    """
    if not plan.subset:
        pool, path = named(run.config.pools), run.directory.manifest_path
        raise InputError(f"{pool}: no candidate is left to score; see {path}")
    chosen = Choice(run.config).selector(plan.main.run.plugins, len(plan.subset), len(plan.candidates))
    fewest = chosen.selector.fewest_scored
    if len(plan.subset) >= fewest:
        return
    wanted = run.config.keep_amount.of(len(plan.candidates))
    enough = fewest_scored(wanted, len(plan.candidates), 1.0)
    if run.config.selector != "auto":
        raise ConfigError(
            f"selector {chosen.name}: {len(plan.subset)} candidates would be scored; valid: at least {fewest}."
            " Score more of them (--subset), or use --selector top"
        )
    if len(plan.subset) < enough:  # not enough either to choose the best of those that are scored
        raise ConfigError(
            f"subset: {len(plan.subset)} of {len(plan.candidates):,} candidates would be scored, too few to choose "
            f"{wanted:,} by; valid: at least {min(fewest, enough)} (--subset), or fewer to keep (--keep)"
        )


def measure(work: Work, plan: Planned, share: Share = WHOLE) -> Outcome | None:
    """Measure the unfinished parts of a scorer's work.

    Args:
        work: The scorer's work.
        plan: Pool, assessment set and candidates of the run.
        share: The parts that this process measures.

    Returns:
        The outcome of a race; None where every pair is measured.
    """
    if race := race_of(work, plan):
        return race.measure(share)
    if work.is_main:
        _warn_of_idle_settings(work, len(plan.samples))
    measure_every_pair(work, plan.candidates_of(work), plan.assessment, plan.works.values(), share)
    return None


def _warn_of_idle_settings(work: Work, n_samples: int) -> None:
    """Warn of race settings without effect where every pair is measured by default."""
    config = work.run.config
    if not work.scorer.needs_backend and (config.skip_tokens or config.primed):
        work.run.warn(f"skip_tokens and primed: without effect on the scorer {work.name}, which uses no model")
    changed = [name for name in OF_A_RACE if getattr(config, name) != RunConfig.model_fields[name].default]
    if changed and config.schedule == "auto":
        idle = ", ".join(f"{name} {getattr(config, name)}" for name in changed)
        begins = (
            f"a race begins at {RACE_FROM} assessment samples (this run has {n_samples}) with a scorer that allows it"
        )
        if how_of(config, work.scorer) == "strata":
            begins = "ranks within strata of length are not raced, but scores with --equal-length regress are"
        work.run.warn(f"{idle}: without effect, since every pair is measured: {begins}, or with --schedule race")


def contributions(work: Work, plan: Planned, stage: ScoreStage, how: How) -> tuple[Scored, Outcome | None]:
    """Contributions and measurements of a scorer by candidate, from its parts, and the outcome of its race if any.

    The scores are final: at equal length where that is asked for.

    Args:
        work: The scorer's work.
        plan: Pool, assessment set and candidates of the run.
        stage: The outcome of stage 2.
        how: How scores are made equal in length; a race has its own way, that of the run.

    Raises:
        RunError: Parts are missing or damaged.
        ConfigError: Too few candidates have a score to compare them at equal length.
    """
    race = race_of(work, plan)
    if race is None or stage.race is None:
        candidates = plan.candidates_of(work)
        n = stage.candidates if candidates is plan.subset else len(candidates)
        measured, rows = contributions_of_every_pair(work, plan.assessment, n, with_rows=how != "none")
        if how == "none":
            return (measured, rows), None
        lengths, _ = response_lengths(candidates.by_ids, rows, work.scorer, work.run.config.skip_tokens)
        return (at_equal_length(measured, rows, lengths, how, work.scorer.column), rows), None
    outcome = race.outcome(stage.race.ended)
    found, expected = outcome.path[-1].pairs, stage.race.path[-1].pairs
    if found != expected:  # without some of its parts, a race looks like one that was stopped earlier
        raise RunError(
            f"{work.run.directory.contributions()}: found {found} measured pairs, expected {expected}; parts are "
            f"missing, damaged or not measured yet. To measure them: icon score {work.run.path}"
        )
    return race.contributions(outcome), outcome


def race_of(work: Work, plan: Planned) -> Race | None:
    """The race of the run's own scorer; None for a baseline scorer, and where every pair is measured."""
    return Race(work, plan) if work.is_main and plan.is_raced else None
