"""What every pair of a whole pool would cost: the reference of a preview."""

from __future__ import annotations

from icon.contribution.cost import Costs, control_of
from icon.contribution.plan import draw_subset
from icon.pipeline.planned import planned
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.run import Run

MOST = 500
"""Candidates whose tokens are counted; a larger pool is taken to go in the same proportions."""


def tokens_of_every_pair(run: Run, model: Model, pool: PoolReader) -> int:
    """Tokens of every candidate in front of every assessment sample, each demonstration read once.

    Args:
        run: A run that has its assessment set.
        model: Its model, which counts the tokens.
        pool: Its pool.
    """
    plan = planned(run, model, pool.samples)
    drawn = draw_subset(plan.candidates, subset=MOST, seed=run.config.seed, skip_urls=False)
    costs = Costs(plan.main.task(plan.assessment), control_of(plan.main.scorer))
    pairs = costs.pairs(drawn, plan.assessment).tokens * len(plan.candidates) / len(drawn)
    return round(pairs) + costs.shared(drawn, plan.assessment).tokens
