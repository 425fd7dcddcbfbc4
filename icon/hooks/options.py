"""A strategy's options as plain data, for showing."""

from __future__ import annotations

import json
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from icon.hooks.faults import Fault
from icon.hooks.strategies import Strategy

BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


def fault_of_options(kind: str, strategy: Strategy) -> Fault | None:
    """Why the options of a strategy cannot be shown, or None."""
    try:
        strategy.options.model_json_schema()
        described(strategy)
    except (Exception, SystemExit) as error:  # noqa: BLE001  default factories of a plugin may raise anything
        told = f"{type(error).__name__}: {next(iter(str(error).splitlines()), 'without a word')}"
    else:
        return None
    advice = "Use a subclass of icon.hooks.Options whose fields have types that JSON knows"
    return Fault(f"{kind} {strategy.name!r}: its options cannot be shown: {told}", advice=advice)


def described(strategy: Strategy) -> list[dict[str, Any]]:
    """Each option: its name, type, default (None beside `required` for none) and description."""
    return [
        {
            "name": name,
            "type": _type(field),
            "required": field.is_required(),
            "default": _default(field),
            "description": str(field.description or ""),
        }
        for name, field in strategy.options.model_fields.items()
    ]


def _default(field: FieldInfo) -> Any:
    value = field.get_default(call_default_factory=True, validated_data={})
    return None if value is PydanticUndefined else to_jsonable_python(value)


def _type(field: FieldInfo) -> str:
    """The type as one would say it, with its bounds: `int, at least 1`, `'mean' | 'trimmed'`."""
    told = [
        f"{word} {value}" for each in field.metadata for key, word in BOUNDS.items() if (value := _bound(each, key))
    ]
    return ", ".join([_spelled(field.annotation), *told])


def _bound(constraint: Any, key: str) -> str:
    value = getattr(constraint, key, None)
    return "" if value is None else str(value)


def _spelled(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " | ".join(json.dumps(each) if not isinstance(each, str) else repr(each) for each in arguments)
    if origin in (Union, UnionType):
        return " | ".join(map(_spelled, arguments))
    if annotation is NoneType:
        return "none"
    if isinstance(annotation, type) and not arguments:
        return annotation.__name__
    return str(annotation).replace("typing.", "")
