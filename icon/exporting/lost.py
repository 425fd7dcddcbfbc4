"""What of a record a conversation of plain turns would lose: it is left out of such formats, and the reason told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from icon.exporting.source import DoesNotFitError
from icon.types import Sample

FIELDS = (
    *("tools", "functions", "documents", "history", "system", "system_prompt"),
    *("image", "images", "video", "videos", "audio", "audios"),
)
"""Fields that other tools show to the model beside the turns."""

TURN_FIELDS = ("tool_calls", "function_call", "tool_call_id", "reasoning_content", "thinking")
"""The same within a turn."""

TURN_MARKS = ("train", "loss", "weight")
"""Fields of a turn that say whether it is learned; only of an answer do they say more than every trainer knows."""

ANSWERS = ("assistant", "gpt")


def refuse_losses(fields: Mapping[str, Any], sample: Sample) -> None:
    """Refuse a record that holds more for the model than its sample does. Other fields (ids, labels) are no loss.

    Raises:
        DoesNotFitError: The first thing that would be lost.
    """
    carried = {"history": bool(sample.history), "system": bool(sample.system), "system_prompt": bool(sample.system)}
    for name in FIELDS:
        if _holds(fields.get(name)) and not carried.get(name):
            raise DoesNotFitError(f"its field {name!r} was not scored and has no place in plain turns")
    for place, turn in _turns(fields):
        for name in TURN_FIELDS:
            if _holds(turn.get(name)):
                raise DoesNotFitError(f"{place}.{name} was not scored and has no place in plain turns")
        for name in TURN_MARKS if (turn.get("role") or turn.get("from")) in ANSWERS else ():
            if turn.get(name) is False or turn.get(name) == 0:
                raise DoesNotFitError(f"{place}.{name} marks a turn that is not to be learned, which would be lost")


def _holds(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value not in (None, [], {}, False)


def _turns(fields: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, value in fields.items():
        if not isinstance(value, list):
            continue
        for number, each in enumerate(value):
            if isinstance(each, dict) and ("role" in each or "from" in each):
                yield f"{name}[{number}]", each
