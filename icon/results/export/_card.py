"""The card of an exported data set: README.md with YAML in front, and the settings that replay the run."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from icon.config import RunConfig
from icon.results import wording
from icon.results.advice import advice
from icon.results.export._job import Job
from icon.results.export._source import RunSource
from icon.results.validated import Validated
from icon.runs.manifest import Manifest
from icon.samples.addresses import hub_name
from icon.samples.shareable import without_secrets
from icon.visible import visible

SETTINGS = "icon-settings.json"

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)

SIZE_NAMES = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "n>10M")

SHOWN = 16
"""Hex digits of a digest that are shown."""


def write_card(job: Job, folder: Path, count: int, *, data_file: str | None = None) -> None:
    """Write README.md and icon-settings.json into a folder.

    Args:
        job: The export.
        folder: The data set's folder.
        count: How many records it has.
        data_file: The file of its split `train`, where a loader needs its name.
    """
    source = job.source
    text = card(job, source, count, data_file)
    settings = json.dumps(public(source.config.model_dump(mode="json")), indent=2)
    (folder / "README.md").write_text(text, encoding="utf-8")
    (folder / SETTINGS).write_text(settings + "\n", encoding="utf-8")


def card(job: Job, source: RunSource, count: int, data_file: str | None) -> str:
    """The card's text, visible."""
    rows = "\n".join(f"| {_cell(name)} | {_cell(sentence)} |" for name, sentence in facts(source))
    left_out = f" {len(job.left_out):,} rows that could not be read are not in it." if job.left_out else ""
    scorer = source.config.scorer
    scored_by = "in-context contribution, arXiv 2505.05327" if scorer == "icon" else f"by the scorer {_cell(scorer)}"
    text = f"""{_front(count, data_file)}
# {job.name}
{_partial(source)}
The {job.which} records of a data selection with icon ({scored_by}): {count:,} records of
the source data, with its columns and unchanged.{left_out} Candidates were scored as the table says, and a selector
chose by the score; "selected" are the ones it chose.

| what | of this selection |
| --- | --- |
{rows}

Scores depend on the model, its precision and the assessment set; another model orders the records differently. Where
the score goes with the length of the responses ("against length"), a selection by length alone would do as well.
{_brings(source)}

## Repeat it

The settings are in `{SETTINGS}`, without the folders of paths:

{_replay(source)}

## Licence

These are records of the source data, under the source data's own licence. Whoever publishes this data set states that
licence here and in the field `license` above.
"""
    return visible(text)


def _partial(source: RunSource) -> str:
    """A line that says that the run was stopped; empty where it was not."""
    said = wording.partial(source.manifest)
    return f"\n**{wording.sentence(said)}**\n" if said else ""


def _brings(source: RunSource) -> str:
    """What is known of training on these records."""
    if not source.validated.is_current:
        return """What training on these records brings was not validated: compare it with training on a random
selection of the same size."""
    return """What training on these records brings beyond random selections of the same size was measured
("validated"), on judge samples that no score saw."""


def _front(count: int, data_file: str | None) -> str:
    lines = ["---", "# license: state the licence of the source data here"]
    lines += ["tags:", "  - data-selection", "  - instruction-tuning", "  - icon"]
    lines += ["size_categories:", f"  - {json.dumps(_size(count))}"]
    if data_file:
        lines += ["configs:", "  - config_name: default", "    data_files:"]
        lines += ["      - split: train", f"        path: {json.dumps(data_file)}"]
    return "\n".join([*lines, "---", ""])


def _size(count: int) -> str:
    return SIZE_NAMES[sum(count >= limit for limit in SIZES)]


def _replay(source: RunSource) -> str:
    """The commands, as lines of a code block."""
    config, chosen = source.config, source.chosen
    pools = " ".join(shlex.quote(public_name(pool)) for pool in config.pools)
    lines = [f"icon run {pools} --config {SETTINGS} --out RUN"]
    options = chosen.selector_options
    level = chosen.equal_length or config.equal_length
    anew = (chosen.keep, level) != (config.keep, config.equal_length) or options != config.selector_options
    if anew or config.selector not in ("auto", chosen.selector):
        given = [f"-o selector.{name}={shlex.quote(json.dumps(value))}" for name, value in options.items()]
        given += [f"--equal-length {level}"] if level != config.equal_length else []
        lines.append(" ".join([f"icon select RUN --keep {chosen.keep} --selector {chosen.selector}", *given]))
    return "\n".join("    " + " ".join(visible(line).split()) for line in lines)


def _cell(text: str) -> str:
    """Text of a table's cell: one line, visible, and nothing in it is taken for markup."""
    flat = " ".join(visible(text).split())
    return re.sub(r"([\\`*_\[\]<>|#&~$])", r"\\\1", flat)


def facts(source: RunSource) -> Iterator[tuple[str, str]]:
    """How the records were chosen: method, data, model, result, and the settings that repeat it."""
    summary, config, pool, chosen = source.summary, source.config, source.pool_input, source.chosen
    said = advice(source.manifest, _public_validation(source))
    yield "advice", f"{said.sentence} {said.why}"
    yield "pool", f"{', '.join(map(public_name, config.pools))}, {pool.rows:,} records, digest {_short(pool.digest)}"
    yield "candidates", wording.rows(summary)
    kept = f"{chosen.records_selected:,} records kept, {chosen.records_dropped:,} dropped"
    yield "selection", f"selector {chosen.selector}, keep {wording.kept(summary)}: {kept}"
    yield "scorer", _scorer(source)
    yield "assessment set", _assessment(source)
    yield from _model(source.manifest, config)
    if summary.race:
        yield "race", f"{wording.race(summary.race)}; scores of candidates that stopped early are estimates"
    yield from wording.of_scores(summary)
    yield from wording.validation(_public_validation(source))
    for name, against in summary.against.items():
        yield f"against {name}", wording.against(against)
    if summary.truncated:
        yield "truncated", wording.truncated(summary)
    for reason, n in summary.failures.items():
        yield "failed", f"{n:,} x {reason}"
    yield "seed", str(config.seed)
    yield "versions", ", ".join(f"{name} {version}" for name, version in source.manifest.versions.items())


def _public_validation(source: RunSource) -> Validated:
    """What is known of a validation, without the folders of this machine."""
    found = source.validated
    return replace(found, fault="its verdict cannot be read") if found.fault else found


def _scorer(source: RunSource) -> str:
    """The scorer, and what it measured."""
    config = source.config
    options = "".join(f", {name} {value}" for name, value in config.scorer_options.items())
    subset = "" if config.subset is None else f" in a random subset of {config.subset:,}"
    return f"{config.scorer}{options}; {wording.measured(source.summary)} scored{subset}"


def _assessment(source: RunSource) -> str:
    config, stage = source.config, source.manifest.stages.assess
    built = public_name(str(config.assessment_options.get("path", ""))) or config.assessment
    return f"{wording.assessment(source.summary)}, {built}, digest {_short(stage and stage.digest)}"


def _model(manifest: Manifest, config: RunConfig) -> Iterator[tuple[str, str]]:
    model, held = manifest.model, manifest.inputs.template
    if model is None:
        yield "model", "none: the scorer uses no model"
        return
    name = public_name(model.model)
    yield "model", f"{name}, {model.precision}, backend {model.backend}, digest {_short(model.digest)}"
    if why := wording.why_so(model):
        yield "model note", why
    limits = (config.max_prompt_tokens, config.max_demonstration_tokens, config.max_response_tokens)
    most = "{:,} tokens of prompt, {:,} of demonstration, {:,} of response".format(*limits)
    template = held.name if held else public_name(config.template)
    yield "limits", f"template {template}{wording.passes(config)}; at most {most} (beyond: {config.on_too_long})"


def _short(digest: object) -> str:
    return str(digest)[:SHOWN] if digest else "unknown"


def public(value: Any) -> Any:
    """The same settings without the folders of this machine, and without what gives access to an address."""
    if isinstance(value, dict):
        return {key: public(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [public(item) for item in value]
    return public_name(value) if isinstance(value, str) else value


def public_name(text: str) -> str:
    """A path's last part. What is no path stays: a hub name, with configuration and revision, or an address.

    Of an address user, password and query go.
    """
    if "://" in text and not text.startswith("file://"):
        return without_secrets(text)
    if "/" not in text and "\\" not in text:
        return text
    path = Path(text)
    local = path.exists() or path.is_absolute() or text.startswith((".", "~"))
    if not local and hub_name(text) is not None:
        return text
    return re.split(r"[/\\]", text.rstrip("/\\"))[-1]
