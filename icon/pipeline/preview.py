"""The judgement of a preview: how far to trust it, what the full run would take, what would help most."""

from __future__ import annotations

from dataclasses import dataclass

from icon.pipeline.measuring import draw_subset
from icon.pipeline.planned import planned
from icon.runs.model import Model
from icon.runs.outcome import RaceFacts, Summary
from icon.runs.pool import PoolReader
from icon.runs.records import Times
from icon.runs.run import Run
from icon.scorers.cost import costs_of
from icon.scorers.racing import advise

GPU_FLOPS = 2e14
"""Assumed floating-point operations per second of a GPU: about a fifth of an H100's peak in bf16."""

LARGE_WEIGHTS = 8e9
"""Assumed number of weights of the model in a full run on a GPU, that of LLaMA-3.1-8B."""

FLOPS_PER_WEIGHT = 2
"""Floating-point operations per weight and token: one multiplication and one addition."""

MOST = 500
"""Most candidates whose tokens are counted; a larger pool is assumed to have the same proportions."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How far a preview can be trusted, what the full run would take, and what would help most.

    Attributes:
        reliability: Share of the variance between candidates' scores that is known; None where too little is measured.
        capture: Expected captured gain; None in the same case.
        whole_pool_scored: Whether every candidate was measured.
        full_tokens: Number of tokens of every pair of the whole pool.
        full_seconds_here: Seconds for these tokens on this machine; None where its speed is not known.
        full_seconds_gpu: Seconds for these tokens with an 8B model on a GPU.
        gain_with_twice_the_samples: Factor on the expected gain, with twice the assessment samples.
        learnt_with_twice_the_samples: Factor on the information a classifier learns from, with twice the samples.
        learnt_with_more_candidates: The same with twice the candidates; None where all are measured.
    """

    reliability: float | None
    capture: float | None
    whole_pool_scored: bool
    full_tokens: int
    full_seconds_here: float | None
    full_seconds_gpu: float
    gain_with_twice_the_samples: float
    learnt_with_twice_the_samples: float | None
    learnt_with_more_candidates: float | None


def judgement(results: Summary, race: RaceFacts, times: Times, whole_tokens: int) -> Judgement:
    """Judge a preview.

    Args:
        results: The summary of the preview.
        race: The outcome of its race.
        times: Its times, with the speed of scoring.
        whole_tokens: Number of tokens of every pair of the whole pool.
    """
    advice = advise(race.signal, race.pairs / race.candidates, race.candidates, results.candidates)
    speed = times.tokens_per_second
    return Judgement(
        reliability=race.reliability,
        capture=race.capture,
        whole_pool_scored=race.candidates >= results.candidates,
        full_tokens=whole_tokens,
        full_seconds_here=whole_tokens / speed if speed else None,
        full_seconds_gpu=whole_tokens * FLOPS_PER_WEIGHT * LARGE_WEIGHTS / GPU_FLOPS,
        gain_with_twice_the_samples=advice.gain,
        learnt_with_twice_the_samples=advice.learnt_from_samples,
        learnt_with_more_candidates=advice.learnt_from_candidates,
    )


def tokens_of_every_pair(run: Run, model: Model, pool: PoolReader) -> int:
    """Number of tokens of every candidate with every assessment sample, each demonstration counted once.

    Args:
        run: A run past its first stage.
        model: Its model, which counts the tokens.
        pool: Its pool.
    """
    plan = planned(run, model, pool.samples)
    drawn = draw_subset(plan.candidates, subset=MOST, seed=run.config.seed, skip_urls=False)
    costs = costs_of(plan.main.scorer, plan.main.task(plan.samples))
    pairs = costs.pairs(drawn, plan.samples).tokens * len(plan.candidates) / len(drawn)
    return round(pairs) + costs.shared(drawn, plan.samples).tokens
