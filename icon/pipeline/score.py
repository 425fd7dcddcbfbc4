"""Stage 2: measure the planned candidates with the run's scorer and with the baseline scorers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from icon.contribution.measure import Share
from icon.errors import ConfigError, IconError, InputError, InterruptedRun
from icon.pipeline.choice import Choice
from icon.pipeline.files import hold_files
from icon.pipeline.measuring import measure
from icon.pipeline.planned import Planned, join_scorers, planned, set_baselines
from icon.report.race import race_path
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.records import RaceStage, ScoreStage
from icon.runs.run import Run


def score(run: Run, model: Model, pool: PoolReader, asked: Sequence[str] = ()) -> None:
    """Stage 2: measure the planned candidates with the run's scorer and with the baseline scorers.

    Args:
        run: The run, past its first stage.
        model: Its model.
        pool: Its pool.
        asked: Scorers to measure beside the run's own; they join its baselines.

    Raises:
        InputError: No candidate is left to score.
        ConfigError: Too few are scored for the selector, or a scorer cannot be measured on this run.
    """
    with _joined(run, asked):
        plan = planned(run, model, pool.samples, asked)
        hold_files(run, "scorer", run.config.scorer_options)
        _refuse_too_few(run, plan)
        for name in plan.beyond_budget:
            run.warn(f"baseline {name} needs the model and is left out: the budget is for {run.config.scorer}")
        before, start = model.tokens_evaluated, time.perf_counter()
        race = None
        for work in reversed(list(plan.works.values())):  # the run's own comes last: a budget is for it
            if outcome := measure(work, plan):
                race = RaceStage(ended=outcome.ended, path=race_path(outcome))
    run.note_stage(score=ScoreStage(candidates=len(plan.subset), scorers=tuple(plan.works), race=race))
    spent = model.tokens_evaluated - before
    if spent and len(model.devices) < 2:  # with several, most of what was read was read elsewhere
        run.note_times(
            tokens_evaluated=(run.manifest.times.tokens_evaluated or 0) + spent,
            tokens_per_second=round(spent / (time.perf_counter() - start), 1),
        )


def score_share(
    run: Run, model: Model, pool: PoolReader, share: Share, asked: Sequence[str] = (), only: str | None = None
) -> None:
    """One share of stage 2, or of one scorer, beside other processes; the stage is finished by whoever runs `score`.

    Args:
        run: The run, past its first stage.
        model: Its model.
        pool: Its pool.
        share: The parts that this process measures.
        asked: Scorers to measure beside the run's own.
        only: The one scorer to measure; None for all.

    Raises:
        InterruptedRun: Stopped by the user; what is finished is kept.
    """
    interrupted = InterruptedRun(f"{run.path}: interrupted; what is finished is kept")
    with _joined(run, asked):
        plan = planned(run, model, pool.samples, asked)
        hold_files(run, "scorer", run.config.scorer_options)
        if plan.is_raced and asked:
            raise ConfigError(
                "--share: the shares of a race are of the run's own scorer alone; valid: --scorer without it"
            )
        run.save()  # whoever finishes the stage then knows of every scorer that was asked for
        names = [run.config.scorer] if plan.is_raced else [only] if only else list(plan.works)
        for name in names:
            try:
                outcome = measure(plan.works[name], plan, share)
            except KeyboardInterrupt:
                raise interrupted from None
            if outcome and outcome.ended == "interrupted":  # a race ends with what it has; a share chooses nothing
                raise interrupted


@contextmanager
def _joined(run: Run, asked: Sequence[str]) -> Iterator[None]:
    """Scorers that were asked for join the run's baselines; where they are refused, the run stays as it was."""
    joining = join_scorers(run, asked)
    try:
        yield
    except InterruptedRun:
        raise
    except IconError:
        if joining:
            set_baselines(run, [name for name in run.config.baselines if name not in joining])
            run.save()
        raise


def _refuse_too_few(run: Run, plan: Planned) -> None:
    """Refuse a run that has nothing to score, or too little for its selector to learn from."""
    if not plan.subset:
        raise InputError(f"{run.config.pool}: no candidate is left to score; see {run.directory.manifest_path}")
    name, selector, _ = Choice(run.config).selector(run, len(plan.subset), len(plan.candidates))
    if len(plan.subset) < selector.fewest_scored:
        raise ConfigError(
            f"selector {name}: {len(plan.subset)} candidates would be scored; valid: at least {selector.fewest_scored}."
            " Score more of them (--subset), or use --selector top"
        )
