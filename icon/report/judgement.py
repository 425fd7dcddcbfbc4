"""The closing judgement of a preview: how far to trust it, what the full run would take, and what would help most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.contribution.racing.advice import advise

GPU_FLOPS = 2e14
"""Floating-point operations a second that a GPU is taken to sustain: about a fifth of an H100's peak in bf16."""
LARGE_WEIGHTS = 8e9
"""Weights of the model that a full run is reckoned with on a GPU, LLaMA-3.1-8B's."""
FLOPS_A_WEIGHT = 2
"""Floating-point operations a weight and token: one multiplication and one addition."""


def judgement(results: Mapping[str, Any], times: Mapping[str, Any], whole_tokens: int) -> dict[str, Any]:
    """The judgement as plain data.

    Args:
        results: The summary of the run, with the facts of its race.
        times: What run.json says of the run's speed.
        whole_tokens: Tokens of every pair of the whole pool.
    """
    race = results["race"]
    found = advise(race["signal"], race["pairs"] / race["candidates"], race["candidates"], results["candidates"])
    speed = times.get("tokens_per_second")
    return {
        "reliability": race["reliability"],
        "capture": race["capture"],
        "whole_pool_scored": race["candidates"] >= results["candidates"],
        "full_tokens": whole_tokens,
        "full_seconds_here": whole_tokens / speed if speed else None,
        "full_seconds_gpu": whole_tokens * FLOPS_A_WEIGHT * LARGE_WEIGHTS / GPU_FLOPS,
        "gain_with_twice_the_samples": found.gain,
        "learnt_with_twice_the_samples": found.learnt_from_samples,
        "learnt_with_more_candidates": found.learnt_from_candidates,
    }
