"""What values a field of settings, options or a record takes, in words made from its JSON schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Schema = Mapping[str, Any]

NAMED = {"object": "a table", "null": "nothing", "string": "a text"}

LEAST = (("minimum", "at least"), ("exclusiveMinimum", "above"))

MOST = (("maximum", "at most"), ("exclusiveMaximum", "below"))


class Place(NamedTuple):
    """A place in a schema: the names and numbers that lead to it behind the field's own, and its schema."""

    steps: tuple[str | int, ...]
    schema: Schema


def schema_at(schema: Schema, path: Sequence[str | int]) -> Place:
    """The part of a schema that a path leads to, as far as it does.

    What pydantic adds to a path for the members of a union names no place in the data and is left out.

    Args:
        schema: The JSON schema of a record.
        path: Names of fields and numbers of elements.
    """
    defined: Schema = schema.get("$defs", {})
    part, steps = _resolved(schema, defined), list[str | int]()
    for step in path:
        members = [_resolved(one, defined) for one in part.get("anyOf") or part.get("oneOf") or [part]]
        inner = next((found for one in members if (found := _inner(one, step)) is not None), None)
        if inner is None and len(members) > 1:
            continue  # the name of a member
        part = _resolved(inner or {}, defined)
        steps.append(step)
    return Place(tuple(steps[1:]), part)


def _inner(part: Schema, step: str | int) -> Schema | None:
    """The schema of a field or of an element; None where the schema does not say that there is one."""
    if isinstance(step, int):
        found = part.get("items")
    else:
        found = part.get("properties", {}).get(step, part.get("additionalProperties"))
    return found if isinstance(found, dict) else None


def _resolved(part: Schema, defined: Schema) -> Schema:
    """The schema, with its references to definitions replaced."""
    name = str(part.get("$ref", "")).removeprefix("#/$defs/")
    if name in defined:
        return _resolved({**defined[name], **{key: value for key, value in part.items() if key != "$ref"}}, {})
    for key in ("anyOf", "oneOf"):
        if key in part:
            return {**part, key: [_resolved(one, defined) for one in part[key]]}
    return part


def choices(schema: Schema) -> list[str]:
    """The values that are valid, where they can be listed; of a union, those of its members that list theirs."""
    if members := schema.get("anyOf") or schema.get("oneOf"):
        return [value for one in members for value in choices(one)]
    return [str(value) for value in schema.get("enum", [schema["const"]] if "const" in schema else [])]


def valid_values(schema: Schema) -> str:
    """What is valid, such as "a whole number of at least 1"; "another value" where the schema does not say."""
    members = schema.get("anyOf") or schema.get("oneOf") or [schema]
    words = dict.fromkeys(word for one in members if one.get("type") != "null" for word in _words(one))
    *before, last = words or ["nothing"]
    return f"{', '.join(before)} or {last}" if before else last


def _words(schema: Schema) -> list[str]:
    """The kinds of values that a schema without a union takes."""
    if listed := choices(schema):
        return listed
    kind = schema.get("type")
    if kind == "boolean":
        return ["true", "false"]
    if kind in ("integer", "number"):
        return [_number("a whole number" if kind == "integer" else "a number", schema)]
    if kind == "array":
        return [f"a list, each of it {valid_values(schema['items'])}" if schema.get("items") else "a list"]
    if kind == "string" and (schema.get("minLength") or schema.get("format")):
        return [f"a text ({schema['format']})" if schema.get("format") else "a text that is not empty"]
    return [NAMED.get(str(kind), "another value")]


def _number(words: str, schema: Schema) -> str:
    bounds = [f"{word} {schema[key]:g}" for key, word in (*LEAST, *MOST) if key in schema]
    if not bounds:
        return words
    return f"{words}{' of' if bounds[0].startswith('at ') else ''} {' and '.join(bounds)}"
