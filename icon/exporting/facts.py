"""What a data set's card tells of the run that chose it, as pairs of a name and a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from icon.config import RunConfig
from icon.exporting.settings import public_name
from icon.runs.manifest import Manifest

SHOWN = 16
"""Hex digits of a digest that are shown."""


def facts(manifest: Manifest, config: RunConfig) -> Iterator[tuple[str, str]]:
    """How the records were chosen: method, data, model, what came of it, and what it can be repeated with."""
    results, stages = manifest.results, manifest.stages
    pool = manifest.inputs.get("pool", {})
    yield "pool", f"{public_name(config.pool)}, {pool.get('rows', 0):,} records, digest {_short(pool.get('digest'))}"
    yield "candidates", ", ".join(f"{n:,} {status.replace('_', ' ')}" for status, n in results["rows"].items())
    chosen = stages["select"]
    kept = f"{chosen['records_selected']:,} records kept, {chosen['records_dropped']:,} dropped"
    yield "selection", f"selector {chosen['selector']}, keep {chosen['keep']}: {kept}"
    yield "scorer", _scorer(config)
    yield "assessment set", _assessment(manifest, config)
    yield from _model(manifest.model, config)
    if race := results.get("race"):
        yield "race", _race(race)
    yield "reliability", _reliability(results.get("reliability"), results.get("race"))
    for name, found in results.get("against", {}).items():
        yield f"against {name}", _against(found)
    yield "truncated", f"{results.get('truncated', 0):,} candidates were cut to the token limits"
    for reason, n in results.get("failures", {}).items():
        yield "failed", f"{n:,} x {reason}"
    yield "seed", str(config.seed)
    yield "versions", ", ".join(f"{name} {version}" for name, version in manifest.versions.items())


def _scorer(config: RunConfig) -> str:
    options = "".join(f", {name} {value}" for name, value in config.scorer_options.items())
    subset = "all candidates" if config.subset is None else f"a random subset of {config.subset:,}"
    return f"{config.scorer}{options}; {subset} scored"


def _assessment(manifest: Manifest, config: RunConfig) -> str:
    found = manifest.results["assessment"]
    groups = f" in {len(found['groups'])} task groups" if found["groups"] else ""
    digest = _short(manifest.stages["assess"].get("digest"))
    built = public_name(str(config.assessment_options.get("path", ""))) or config.assessment
    return f"{found['samples']:,} samples{groups}, {built}, digest {digest}"


def _model(model: Mapping[str, Any], config: RunConfig) -> Iterator[tuple[str, str]]:
    if not model:
        yield "model", "none: the scorer uses no model"
        return
    name = public_name(str(model["model"]))
    yield "model", f"{name}, {model['precision']}, backend {model['backend']}, digest {_short(model['digest'])}"
    limits = (config.max_prompt_tokens, config.max_demonstration_tokens, config.max_response_tokens)
    told = "{:,} tokens of prompt, {:,} of demonstration, {:,} of response".format(*limits)
    yield "limits", f"template {public_name(config.template)}; at most {told} (beyond: {config.on_too_long})"


def _race(race: Mapping[str, Any]) -> str:
    pairs = f"{race['pairs']:,} of {race['pairs_exact']:,} pairs measured"
    return f"{pairs}; ended: {race['ended']}; scores of candidates that stopped early are estimates"


def _reliability(found: Mapping[str, Any] | None, race: Mapping[str, Any] | None) -> str:
    if race is not None:
        share = race.get("reliability")
        return (
            "too little was measured to tell"
            if share is None
            else f"{share:.2f} of the variance between scores is known"
        )
    if found is None:
        return "not known: too few candidates or assessment samples to tell"
    if found["half"] <= 0:
        return f"none: split-half rank correlation {found['half']:.2f}, no better than chance"
    return f"split-half rank correlation {found['half']:.2f}, for the whole assessment set about {found['full']:.2f}"


def _against(found: Mapping[str, Any]) -> str:
    if found["spearman"] is None:
        return "nothing to compare"
    return f"rank correlation {found['spearman']:+.2f}, overlap of the top {found['top']:,}: {found['overlap']:.0%}"


def _short(digest: object) -> str:
    return str(digest)[:SHOWN] if digest else "unknown"
