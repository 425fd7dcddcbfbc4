"""What a run took: pairs, tokens, seconds by stage."""

from __future__ import annotations

from collections.abc import Iterator

from icon.report import wording
from icon.report.page.figures import duration
from icon.report.page.inputs import PageInput


def cost(page: PageInput) -> Iterator[tuple[str, str]]:
    """A line a fact; what run.json does not know is left out."""
    summary, times = page.summary, page.manifest.times
    samples = summary.assessment.samples
    if race := summary.race:
        yield "Race", wording.race(race)
    elif samples and any(each.n_assessed for each in page.rows):
        measured = sum(each.n_assessed for each in page.rows)
        every = samples * summary.candidates
        yield "Pairs measured", f"{measured:,} of {every:,} of the whole pool ({measured / max(1, every):.1%})"
    if tokens := times.tokens_evaluated:
        yield "Tokens read by the model", f"{tokens:,}"
        yield "Speed", f"{times.tokens_per_second or 0:,.0f} tokens per second"
    if seconds := times.total_seconds:
        yield "Seconds in all", duration(seconds)
    for stage, spent in times.seconds.items():
        yield f"· {stage}", duration(spent)
