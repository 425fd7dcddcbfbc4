"""What differs in the settings, inputs and models of two runs, from their run.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from icon.runs.manifest import Manifest
from icon.runs.records import plain


def settings_apart(a: Manifest, b: Manifest) -> list[dict[str, Any]]:
    """Each setting that differs, with its value in each run; None where a run has no such setting."""
    ours, theirs = dict(_told(a)), dict(_told(b))
    names = list(dict.fromkeys((*ours, *theirs)))
    return [
        {"name": name, "a": ours.get(name), "b": theirs.get(name)}
        for name in names
        if ours.get(name) != theirs.get(name)
    ]


def inputs_apart(a: Manifest, b: Manifest) -> list[str]:
    """A sentence for each input that a comparison of scores takes for granted and that is not the same."""
    found = []
    pools = [manifest.inputs.pool for manifest in (a, b)]
    if len({pool and pool.digest for pool in pools}) > 1:
        sizes = " and ".join(f"{pool.source} ({pool.rows} rows)" for pool in pools if pool)
        found.append(f"the pools differ: {sizes}; only candidates that are in both are compared")
    sets = [manifest.stages.assess for manifest in (a, b)]
    if len({stage and stage.digest for stage in sets}) > 1:
        sizes = " and ".join(str(stage.samples) for stage in sets if stage)
        found.append(f"the assessment sets differ ({sizes} samples): the scores are means over different tasks")
    return found


def _told(manifest: Manifest) -> Iterator[tuple[str, Any]]:
    """Everything that decides a result, by a dotted name."""
    select, assess = plain(manifest.stages.select), plain(manifest.stages.assess)
    yield from _flat("", manifest.config.model_dump(mode="json"))
    for name in ("keep", "selector"):  # `icon select` may have chosen anew, with others than the settings say
        yield f"select.{name}", select.get(name)
    yield from _flat("inputs.", plain(manifest.inputs))
    for name in ("samples", "digest"):
        yield f"assessment_set.{name}", assess.get(name)
    yield from _flat("model.", plain(manifest.model))
    yield from _flat("versions.", manifest.versions)


def _flat(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield prefix + name, value
