"""`icon preview`: a run with the local quantised model within five minutes, and how reliable it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from icon._presets import PREVIEW
from icon.cli._console import out
from icon.cli._options import settings_command
from icon.cli._places import Places
from icon.cli.plan import duration
from icon.cli.run import end, perform_run
from icon.config import RunConfig
from icon.results import wording

if TYPE_CHECKING:
    from icon.cli._working import Opened
    from icon.pipeline.preview import Judgement

NOISE = "The ranking cannot be distinguished from chance: it is as reliable as noise alone would be."
DOC = "Preview a selection from a POOL in five minutes, with the local quantised model, and say how far to trust it."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("preview")(settings_command(_preview, DOC, PREVIEW))


def _preview(config: RunConfig, path: Path | None, places: Places, dry_run: bool, as_json: bool) -> None:
    judged: list[Judgement] = []

    def judge(opened: Opened) -> Mapping[str, Any]:
        from icon.pipeline.preview import judgement, tokens_of_every_pair

        results = opened.run.manifest.results
        if results is None or results.race is None or not results.race.pairs:
            return {}
        tokens = tokens_of_every_pair(opened.run, opened.model, opened.pool)
        judged.append(judgement(results, results.race, opened.run.manifest.times, tokens))
        return {"judgement": asdict(judged[0])}

    manifest = perform_run(config, path, places, dry_run=dry_run, as_json=as_json, closing=judge)
    if manifest is None:
        return
    if not as_json and judged:
        assert manifest.results is not None
        said = sentences(judged[0], noise=wording.is_noise(manifest.results))
        out().print("\n" + "\n".join(said), markup=False, soft_wrap=True)
    end(manifest)  # a preview that is too short for a choice has done what it is for


def sentences(judgement: Judgement, *, noise: bool = False) -> list[str]:
    """The judgement in sentences: how far to trust the choice, what the whole pool would take, what would help most.

    Args:
        judgement: The judgement.
        noise: Whether the scores are only as reliable as noise alone would be.
    """
    return [NOISE if noise else _trust(judgement), _whole(judgement), _help(judgement)]


def _trust(judgement: Judgement) -> str:
    capture = judgement.capture
    if capture is None:
        return (
            "Too little was measured to say how reliable the ranking is: give it a larger budget or a smaller subset."
        )
    verdict = (
        "enough to choose by" if capture >= 0.9 else "a rough guide" if capture >= 0.6 else "little more than a guess"
    )
    among = "" if judgement.whole_pool_scored else " among the scored candidates"
    return (
        f"The ranking's reliability is {judgement.reliability:.2f}; the choice{among} is expected to capture "
        f"{capture:.0%} of the gain of measuring every pair: {verdict}."
    )


def _whole(judgement: Judgement) -> str:
    here = judgement.full_seconds_here
    time_here = f", {duration(here)} here" if here else ""
    return (
        f"Every pair of the whole pool is about {judgement.full_tokens:,} tokens{time_here}; with an 8B model on a "
        f"GPU that sustains 200 TFLOP/s about {duration(judgement.full_seconds_gpu)}."
    )


def _help(judgement: Judgement) -> str:
    candidates, samples = judgement.learnt_with_more_candidates, judgement.learnt_with_twice_the_samples
    if candidates is None or samples is None:
        gain = judgement.gain_with_twice_the_samples - 1
        return f"Every candidate was scored: twice the assessment samples would raise the expected gain by {gain:.0%}."
    most = "candidates" if candidates >= samples else "assessment samples"
    return (
        f"More {most} would help most: the classifier that ranks the others would have {candidates:.2f} times as much "
        f"to learn from with {'twice the' if candidates >= 2 else 'all'} candidates, {samples:.2f} times with twice "
        "the assessment samples."
    )
