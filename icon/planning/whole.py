"""What every pair of a whole pool would cost: the yardstick of a preview."""

from __future__ import annotations

from icon.contribution.cost import Costs, control_of
from icon.contribution.plan import draw_subset
from icon.runs.samples_file import read_samples
from icon.scoring.inputs import scoring_task
from icon.session import Session

MOST = 500
"""Candidates whose tokens are counted; a larger pool is taken to go in the same proportions."""


def tokens_of_every_pair(session: Session) -> int:
    """Tokens of every candidate in front of every assessment sample, each demonstration read once.

    Args:
        session: A run that has its assessment set; its model counts the tokens.
    """
    stage = session.manifest.stages["assess"]
    assessment = read_samples(session.directory.assessment, stage["digest"])
    out = {*stage["held_out"], *stage["leaks"]}
    candidates = [each for each in session.pool.samples if each.id not in out]
    drawn = draw_subset(candidates, subset=MOST, seed=session.config.seed, skip_urls=False)
    scorer = session.make_scorer(session.config.scorer)
    costs = Costs(scoring_task(session, scorer, assessment), control_of(scorer))
    pairs = costs.pairs(drawn, assessment).tokens * len(candidates) / len(drawn)
    return round(pairs) + costs.shared(drawn, assessment).tokens
