"""What a run took: pairs, tokens, seconds by stage."""

from __future__ import annotations

from collections.abc import Iterator

from icon.report.page.figures import duration
from icon.report.page.inputs import PageInput
from icon.report.race import ENDED


def cost(page: PageInput) -> Iterator[tuple[str, str]]:
    """A line a fact; what run.json does not know is left out."""
    results, times = page.manifest.results, page.manifest.times
    samples = results["assessment"]["samples"]
    if race := results.get("race"):
        share = race["pairs"] / max(1, race["pairs_exact"])
        yield "Pairs measured", f"{race['pairs']:,} of {race['pairs_exact']:,} ({share:.1%}), in a race"
        reached = f"{race['samples_reached']:,} of {race['samples']:,} assessment samples reached"
        yield "Race", f"{reached}; {ENDED[race['ended']]}"
    elif samples and any(each.n_assessed for each in page.rows):
        measured = sum(each.n_assessed for each in page.rows)
        every = samples * results["candidates"]
        yield "Pairs measured", f"{measured:,} of {every:,} of the whole pool ({measured / max(1, every):.1%})"
    if tokens := times.get("tokens_evaluated"):
        yield "Tokens read by the model", f"{tokens:,}"
        yield "Speed", f"{times['tokens_per_second']:,.0f} tokens per second"
    if seconds := times.get("total_seconds"):
        yield "Seconds in all", duration(seconds)
    for stage, spent in times.get("seconds", {}).items():
        yield f"· {stage}", duration(spent)
