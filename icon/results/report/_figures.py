"""The figures at the top of the page, what the run took, and run.json as tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from icon.results import wording
from icon.results.report._assets import Block
from icon.results.report._threshold import PageInput
from icon.results.report._validation import figure as validation_figure
from icon.results.wording import duration
from icon.runs.manifest import Manifest
from icon.runs.outcome import Summary
from icon.runs.records import plain
from icon.runs.scores import as_table
from icon.samples.shareable import shareable

LONGEST = 300
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: its name, the figure itself, and what it is made of."""

    name: str
    value: str
    note: str


def figures(page: PageInput, length: Block | None) -> Iterator[Figure]:
    """Five at most, those of `wording.figures`: selected, scored, reliability or gain, length, and the validation."""
    summary = page.summary
    candidates, selected = summary.candidates, summary.selected
    share = wording.kept(summary) if summary.keep_of else f"{selected / max(1, candidates):.1%}"
    by = f", by {page.chosen.selector}" if page.manifest.has_selection else ""
    yield Figure("Selected", f"{selected:,}", f"of {wording.counted(candidates, 'candidate')} ({share}){by}")
    scored = wording.measured(summary).partition(", ")[2]
    yield Figure("Scored", f"{len(page.scored):,}", scored or f"candidates, by {summary.scorer}")
    yield from _trust(summary)
    yield from _against(summary, length)
    yield Figure("Validated", *validation_figure(page.validated))


def _trust(summary: Summary) -> Iterator[Figure]:
    """How far the order is known; of a race that is no noise, what it captured."""
    ties = f"; {tied}" if (tied := wording.in_no_order(summary)) else ""
    if (race := summary.race) and not wording.is_noise(summary):
        known = "unknown" if race.capture is None else f"{race.capture:.0%}"
        yield Figure("Captured gain", known, "of what measuring every pair would gain, as estimated")
    elif race and race.reliability is not None:
        known = f"of the variance between candidates' scores is known{ties}"
        yield Figure("Reliability", f"{race.reliability:.2f}", known)
    elif (halves := summary.reliability) and halves.half <= 0:
        yield Figure("Reliability", "none", f"split halves have a rank correlation of {_signed(f'{halves.half:.2f}')}")
    elif halves:
        yield Figure("Reliability", f"{halves.full:.2f}", f"of 1, from split halves{ties}")


def _against(summary: Summary, length: Block | None) -> Iterator[Figure]:
    """The score compared with length, or the first other baseline; without one, what the length explains of it."""
    for name in sorted(summary.against, key=lambda name: name != "length")[:1]:
        found = summary.against[name]
        if found.spearman is not None:
            overlap = f"rank correlation; overlap of the top {found.top:,}: {found.overlap:.0%}"
            yield Figure(f"Against {name}", _signed(f"{found.spearman:+.2f}"), overlap)
            return
    if length and length["r_squared"] is not None:
        yield Figure("Explained by length", f"{length['r_squared']:.0%}", "of the variance of the score")


def _signed(number: str) -> str:
    return number.replace("-", "−")


def cost(page: PageInput) -> Iterator[tuple[str, str]]:
    """Names and values of the costs; what run.json does not know is left out."""
    summary, times = page.summary, page.manifest.times
    samples = summary.assessment.samples
    if race := summary.race:
        yield "Race", wording.race(race)
    elif samples and (measured := int(as_table(page.rows).whole("n_assessed").sum())):
        every = samples * summary.candidates
        yield "Pairs measured", f"{measured:,} of {every:,} of the whole pool ({measured / max(1, every):.1%})"
    if tokens := times.tokens_evaluated:
        yield "Tokens read by the model", f"{tokens:,}"
        yield "Speed", f"{times.tokens_per_second or 0:,.0f} tokens per second"
    if seconds := times.total_seconds:
        yield "Seconds in all", duration(seconds)
    for stage, spent in times.seconds.items():
        yield f"· {stage}", duration(spent)


@dataclass(frozen=True, slots=True)
class Facts:
    """A table of names and values under a title."""

    title: str
    rows: list[tuple[str, str]]


def facts(manifest: Manifest) -> list[Facts]:
    """Model, settings, inputs and versions; an empty one is left out."""
    assess = plain(manifest.stages.assess)
    inputs = {
        **plain(manifest.inputs),
        "assessment_set": {key: assess[key] for key in ("samples", "digest") if key in assess},
    }
    tables = {
        "Model": plain(manifest.model),
        "Settings": shareable(manifest.config.model_dump(mode="json")),
        "Selection": plain(manifest.stages.select),
        "Inputs and digests": inputs,
        "Versions": manifest.versions,
    }
    found = [Facts(title, list(_flat("", values))) for title, values in tables.items()]
    return [table for table in found if table.rows]


def _flat(prefix: str, values: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """Each value under its dotted name; an empty mapping is shown as such."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(f"{prefix}{name}.", value)
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            yield prefix + name, text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
