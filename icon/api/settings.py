"""Every setting of a run as a typed keyword, made of `icon.RunConfig` by tests/support/typed_settings.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

__all__ = ["Settings"]


class Settings(TypedDict, total=False):
    """The settings of a run that may be given as keywords; each is a field of `icon.RunConfig` and may be left out."""

    format: str
    """Record format of the pool; auto recognises it."""

    columns: Mapping[str, str]
    """Which field is which, for records of no known format: prompt=question, response=answer."""

    split: str
    """Split of a hub data set."""

    turns: Literal["last", "every"]
    """Assistant turns that are candidates: a record's last one or every one."""

    reasoning: Literal["error", "response", "ignore"]
    """What to do with reasoning before an answer: score it as part of the response, or ignore it; error refuses the
    row where a field of its own has it, and scores and notes what a response begins with (<think>)."""

    tool_calls: Literal["error", "response"]
    """What to do with an answer that calls a tool: refuse the row (error), or score the call as text."""

    preference: Literal["chosen", "rejected"]
    """Which answer of a preference pair is the response."""

    response_after: str | None
    """Mark before the response in records of one text, such as '### Response:'."""

    ignore: Sequence[str]
    """Fields that the model need not see, of records and their turns."""

    source_field: str | None
    """Field that names the source of a record in a mixture."""

    near_duplicates: Literal["report", "drop", "ignore"]
    """What to do with candidates that nearly repeat an earlier one: count them, drop, or ignore."""

    group_field: str | None
    """Field that holds the task group."""

    on_bad_row: Literal["error", "skip"]
    """What to do with rows that cannot be read."""

    audit_field: str | None
    """Field that no stage sees; the summary says how well scores separate its values. One that begins with + marks
    records that are wanted."""

    assessment_options: Mapping[str, Any]
    """Options of the assessment builder."""

    assessment_size: int | None
    """Most assessment samples to use; by default as many as the builder gives."""

    hold_out: str | int | float | None
    """Judge samples to set aside from the assessment set before scoring, for icon validate: a count (64) or a share
    (20%)."""

    on_leak: Literal["drop", "refuse", "ignore"]
    """What to do with pool rows that overlap the assessment set."""

    backend_options: Mapping[str, Any]
    """Options of the backend."""

    template: str
    """Prompt template: alpaca, paper, plain, chat, or a Jinja file; auto is the model's own chat template where it
    has one, else alpaca."""

    max_prompt_tokens: int
    """Longest assessment prompt, in tokens."""

    max_demonstration_tokens: int
    """Longest demonstration, in tokens."""

    max_response_tokens: int
    """Longest response, in tokens."""

    on_too_long: Literal["truncate", "fail"]
    """What to do with texts beyond these limits of tokens."""

    skip_tokens: int
    """How many tokens at the beginning of each response count in no score, in any pass."""

    primed: bool
    """Put one neutral demonstration in front of every text, so that its form is known before."""

    scorer: str
    """Contribution scorer; icon plugins lists those installed."""

    scorer_options: Mapping[str, Any]
    """Options of the scorer."""

    equal_length: Literal["auto", "regress", "strata", "none"]
    """Rank at equal response length: by what its logarithm does not explain (regress), within strata of length, or
    not at all; auto is what the scorer prefers."""

    baselines: Sequence[str]
    """Scorers to compare the score with."""

    subset: int | None
    """How many candidates to score, if not all."""

    subset_draw: Literal["icon", "pandas"]
    """How the subset is drawn: by seed and ids, whatever the order of rows, or as pandas samples rows."""

    skip_urls: bool
    """Leave candidates with a URL in the prompt out of the subset."""

    schedule: Literal["auto", "race", "uniform", "exact"]
    """Which pairs are measured; auto is a race from 32 assessment samples on, or within a budget, where the scorer
    allows it, else exact."""

    order: Literal["stratified", "informative"]
    """Order of the assessment samples in a race."""

    confidence: float
    """Confidence at which a candidate counts as decided."""

    capture: float
    """Expected share of the exact choice's gain at which race and uniform end; 1 for no such end. A race to at most
    0.95 also rests candidates that are only likely to be on their side of the cut."""

    budget: str | None
    """Most that scoring may spend: 5m, '200k tokens', '5000 passes'."""

    plugins: str | Path | Sequence[str | Path]
    """Python files with strategies of your own."""

    selector: str
    """Selector, one of icon plugins; auto is top where all candidates or enough are scored, else classifier where
    it is better than chance, else nothing is selected."""

    selector_options: Mapping[str, Any]
    """Options of the selector."""

    keep: str | int | float
    """How much to select: a share (15% or 0.15) or a count (500)."""

    seed: int
    """Seed of every draw."""

    dropped: Literal["full", "ids", "none"]
    """What dropped.jsonl keeps of a record: all of it, its row, id and reason alone (ids), or no such file (none),
    for pools of which a second copy is too large."""

    report: bool
    """Draw report.html at the end."""
