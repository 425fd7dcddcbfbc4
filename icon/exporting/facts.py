"""What a data set's card tells of the run that chose it, as pairs of a name and a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from icon.config import RunConfig
from icon.exporting.settings import public_name
from icon.exporting.source import RunSource
from icon.report import wording
from icon.runs.records import ModelRecord

SHOWN = 16
"""Hex digits of a digest that are shown."""


def facts(source: RunSource) -> Iterator[tuple[str, str]]:
    """How the records were chosen: method, data, model, what came of it, and what it can be repeated with."""
    summary, config, pool, chosen = source.summary, source.config, source.pool_input, source.chosen
    yield "pool", f"{public_name(config.pool)}, {pool.rows:,} records, digest {_short(pool.digest)}"
    yield "candidates", wording.rows(summary)
    kept = f"{chosen.records_selected:,} records kept, {chosen.records_dropped:,} dropped"
    yield "selection", f"selector {chosen.selector}, keep {chosen.keep}: {kept}"
    yield "scorer", _scorer(config)
    yield "assessment set", _assessment(source)
    yield from _model(source.manifest.model, config)
    if summary.race:
        yield "race", f"{wording.race(summary.race)}; scores of candidates that stopped early are estimates"
    yield "reliability", wording.reliability(summary)
    for name, against in summary.against.items():
        yield f"against {name}", wording.against(against)
    yield "truncated", wording.truncated(summary)
    for reason, n in summary.failures.items():
        yield "failed", f"{n:,} x {reason}"
    yield "seed", str(config.seed)
    yield "versions", ", ".join(f"{name} {version}" for name, version in source.manifest.versions.items())


def _scorer(config: RunConfig) -> str:
    options = "".join(f", {name} {value}" for name, value in config.scorer_options.items())
    subset = "all candidates" if config.subset is None else f"a random subset of {config.subset:,}"
    return f"{config.scorer}{options}; {subset} scored"


def _assessment(source: RunSource) -> str:
    config, stage = source.config, source.manifest.stages.assess
    built = public_name(str(config.assessment_options.get("path", ""))) or config.assessment
    return f"{wording.assessment(source.summary)}, {built}, digest {_short(stage and stage.digest)}"


def _model(model: ModelRecord | None, config: RunConfig) -> Iterator[tuple[str, str]]:
    if model is None:
        yield "model", "none: the scorer uses no model"
        return
    name = public_name(model.model)
    yield "model", f"{name}, {model.precision}, backend {model.backend}, digest {_short(model.digest)}"
    limits = (config.max_prompt_tokens, config.max_demonstration_tokens, config.max_response_tokens)
    most = "{:,} tokens of prompt, {:,} of demonstration, {:,} of response".format(*limits)
    yield "limits", f"template {public_name(config.template)}; at most {most} (beyond: {config.on_too_long})"


def _short(digest: object) -> str:
    return str(digest)[:SHOWN] if digest else "unknown"
