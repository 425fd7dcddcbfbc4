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


def judgement(results: Mapping[str, Any], times: Mapping[str, Any]) -> dict[str, Any]:
    """The judgement as plain data.

    Args:
        results: The summary of the run, with the facts of its race.
        times: What run.json says of the run's tokens and speed.
    """
    race = results["race"]
    scored, candidates = race["candidates"], results["candidates"]
    keep = max(1, min(scored, round(results["selected"] * scored / candidates)))
    found = advise(race["signal"], race["pairs"] / scored, scored, candidates, keep)
    tokens = times.get("tokens_evaluated", 0) / race["pairs"] * candidates * race["samples"]
    speed = times.get("tokens_per_second")
    return {
        "reliability": race["reliability"],
        "capture": race["capture"],
        "full_tokens": round(tokens),
        "full_seconds_here": tokens / speed if speed else None,
        "full_seconds_gpu": tokens * FLOPS_A_WEIGHT * LARGE_WEIGHTS / GPU_FLOPS,
        "gain_now": found.now,
        "gain_with_twice_the_samples": found.more_samples,
        "gain_with_twice_the_candidates": found.more_candidates,
        "helps_most": _helps_most(found.more_samples, found.more_candidates),
    }


def _helps_most(samples: float, candidates: float | None) -> str:
    return "candidates" if candidates is not None and candidates > samples else "samples"
