"""run.json as tables: everything that decided the result."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from icon.runs.manifest import Manifest
from icon.runs.records import plain

LONGEST = 300
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A table of names and values under a title."""

    title: str
    rows: list[tuple[str, str]]


def facts(manifest: Manifest) -> list[Facts]:
    """Model, settings, inputs and versions; a part that a run has nothing of is left out."""
    assess = plain(manifest.stages.assess)
    inputs = {
        **plain(manifest.inputs),
        "assessment_set": {key: assess[key] for key in ("samples", "digest") if key in assess},
    }
    tables = {
        "Model": plain(manifest.model),
        "Settings": manifest.config.model_dump(mode="json"),
        "Selection": plain(manifest.stages.select),
        "Inputs and digests": inputs,
        "Versions": manifest.versions,
    }
    found = [Facts(title, list(_flat("", values))) for title, values in tables.items()]
    return [each for each in found if each.rows]


def _flat(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each value under its dotted name; an empty mapping is told as such."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(f"{prefix}{name}.", value)
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            yield prefix + name, text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
