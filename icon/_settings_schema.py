"""The JSON schema of a settings file, by which editors complete names and values and mark what does not fit."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

ALSO = {
    "pool": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    "keep": {"type": "number", "exclusiveMinimum": 0},
    "hold_out": {"type": "number", "exclusiveMinimum": 0},
}
"""What some settings take beside the type of their field, which the reader turns into it."""


def schema_of(settings: type[BaseModel]) -> dict[str, Any]:
    """The schema of files with these settings."""
    schema = settings.model_json_schema()
    fields: dict[str, Any] = {"$schema": {"type": "string", "description": "The schema of this file, for editors."}}
    for name, field in schema["properties"].items():
        field.pop("title", None)
        if name in ALSO:
            kept = {key: field.pop(key) for key in ("type", "anyOf") if key in field}
            field["anyOf"] = [*kept.get("anyOf", [{"type": kept.get("type")}]), ALSO[name]]
        fields[name] = field
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Settings of icon"}
    return {**head, **schema, "title": head["title"], "properties": fields}
