"""How inputs and models are compared with those that a run was begun with, and what to do about a difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icon.runs.model_record import NOTE, ModelRecord
from icon.runs.records import Record, plain

CHANGED_INPUT = "The input changed; start a new run with another --out."
CHANGED_MODEL = "Scores of two models are never mixed; use the same model, or start a new run with another --out."
CHANGED_VERSION = (
    "Measurements of two versions are never mixed: install the first one again, or start a new run with another --out."
)
CHANGED_PLUGIN = (
    "Results of two versions of a plugin are never mixed: restore the file, or start a new run with another --out."
)


def plain_input(value: Record | Mapping[str, str]) -> Mapping[str, Any]:
    """An input as plain data."""
    return plain(value) if isinstance(value, Record) else value


def by_name(model: ModelRecord) -> Mapping[str, Any]:
    """What two models may not differ in, each setting and version under its own name, so that all of it is shown."""
    values = {name: value for name, value in plain(model).items() if name != NOTE}
    for group in ("settings", "versions"):
        values |= {f"{group}.{name}": value for name, value in values.pop(group).items()}
    return values
