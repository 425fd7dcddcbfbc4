"""A pool narrowed before it is measured: a cheap scorer says whom the run's own scorer measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from icon.config import RunConfig
from icon.errors import ConfigError
from icon.pipeline._alone import scores_of
from icon.pipeline._exact import contributions_of_every_pair, measure_every_pair
from icon.pipeline.planned import Planned
from icon.plugins import Narrowed, Narrowing
from icon.runs.narrowing import narrowing_of
from icon.runs.run import Run
from icon.runs.work import Work, make_scorer
from icon.scorers.cost import own_passes
from icon.scorers.lengths import at_equal_length, have_strata, how_of, response_lengths
from icon.types import Contribution


def narrowed(plan: Planned, choice: RunConfig | None = None) -> Planned:
    """The plan with those candidates as its subset that the run's own scorer measures.

    The cheap scorer is measured on every candidate first, unless that is to be finished, since something is to be
    chosen. Without a selector that narrows, it is the same plan.

    Args:
        plan: The inputs of the stages after the first.
        choice: The settings to select by, where that is what the plan is for.

    Raises:
        ConfigError: Fewer would be measured than are kept, the settings do not fit together, or the choice is by a
            cheap scorer that the run was not narrowed by.
        RunError: Something is to be chosen, and parts of the cheap scorer are missing or damaged.
    """
    run = plan.main.run
    selector = narrowing_of(run)
    if choice is not None:
        _refuse_other(run, choice, selector)
    if selector is None:
        return plan
    everyone, work = plan.subset, plan.works[selector.cheap]
    size = size_of(run, selector, len(plan.candidates))
    if choice is None:
        measure_every_pair(work, everyone, plan.assessment, plan.works.values())
    found = _contributions(work, plan)
    scores = scores_of(found)
    best, checked = selector.narrow(scores, size, run.config.seed)
    return replace(
        plan,
        subset=everyone.take(np.sort(everyone.find([*best, *checked]))).held(),
        narrowed=Narrowed(run.config.scorer, selector.cheap, scores, best, checked),
        everyone=everyone,
    )


def size_of(run: Run, selector: Narrowing, n_candidates: int) -> int:
    """How many candidates the run's own scorer measures.

    Raises:
        ConfigError: Fewer than are kept, or the settings do not fit together.
    """
    return selector.size(run.config.keep_amount, n_candidates, run.config.subset)


def _contributions(work: Work, plan: Planned) -> Mapping[str, Contribution]:
    """Contributions of the cheap scorer, at equal length where it prefers that, as those of a baseline are."""
    everyone = plan.subset
    how = how_of(work.run.config, work.scorer, is_main=False, strata=have_strata(len(everyone)))
    found, rows = contributions_of_every_pair(work, plan.assessment, len(everyone), with_rows=how != "none")
    if how == "none":
        return found
    lengths, _ = response_lengths(everyone.by_ids, rows, work.scorer, work.run.config.skip_tokens)
    return at_equal_length(found, rows, lengths, how, work.scorer.column)


def check_narrowing(run: Run) -> None:
    """Refuse a selector that narrows the pool by a scorer that cannot do so, before anything is read or measured.

    Raises:
        UnknownStrategyError: There is no such scorer.
        ConfigError: It is the run's own, or needs passes per assessment sample, or the subset is drawn as by pandas.
    """
    selector, config = narrowing_of(run), run.config
    if selector is None:
        return
    name, cheap = config.selector, selector.cheap
    valid = "valid: a scorer without passes per assessment sample, such as length, ppl, ifd or rds"
    if cheap == config.scorer:
        raise ConfigError(f"selector {name}: cheap = {cheap} is the run's own scorer (--scorer); {valid}")
    scorer = make_scorer(run, cheap)
    if scorer.needs_assessment and not own_passes(scorer):
        raise ConfigError(
            f"selector {name}: cheap = {cheap} measures every candidate on every assessment sample, which is what the "
            f"cascade saves; {valid}"
        )
    if config.subset_draw != "icon":
        raise ConfigError(
            f"subset_draw {config.subset_draw} and selector {name}: the cheap scorer says who is measured, nothing is "
            "drawn; valid: leave subset_draw out"
        )


def _refuse_other(run: Run, choice: RunConfig, begun: Narrowing | None) -> None:
    """Refuse to select by a selector that narrows where the run was not narrowed by the same scorer.

    Raises:
        ConfigError: The run was begun with another selector, or with another cheap scorer.
    """
    asked = narrowing_of(run, choice)
    if asked is None or (begun is not None and begun.cheap == asked.cheap):
        return
    by = "" if begun is None else f" with cheap = {begun.cheap}"
    raise ConfigError(
        f"{run.path}: selector {choice.selector} with cheap = {asked.cheap} decides who is measured, and this run was "
        f"begun with selector {run.config.selector}{by}; valid: another selector, such as top, or a new run "
        f"(icon run --selector {choice.selector} --out)"
    )
