"""What turns of text have no place for, of a record that is exported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from icon.results.export._source import DoesNotFitError, Item
from icon.samples.fields import (
    NO_PLACE,
    REASONING,
    REJECTED,
    SYSTEM,
    TOOLS,
    TURN_CALLS,
    TURN_PARTS,
    holds,
    is_answer,
    is_answering,
    lists,
    turns_of,
    unlearned_by,
    without,
)
from icon.types import Sample


def refuse_losses(item: Item) -> None:
    """Refuse a record that holds more for the model than turns of text. Other fields (ids, labels) are no loss.

    What the user let the run ignore is no loss either.

    Raises:
        DoesNotFitError: The first thing that would be lost.
    """
    fields, sample = without(item.fields or {}, item.ignored), item.samples[-1]
    for loss in (*_of_record(fields, sample), *_of_turns(fields, sample)):
        raise DoesNotFitError(loss)
    if sample.uses_tools:
        raise DoesNotFitError("its calls of tools or their results have no place in plain turns")


def _of_record(fields: Mapping[str, Any], sample: Sample) -> Iterator[str]:
    carried = {"history": bool(sample.history), **dict.fromkeys(SYSTEM, bool(sample.system))}
    for name in (*TOOLS, *NO_PLACE, *carried):
        if (holds if name in SYSTEM else lists)(fields.get(name)) and not carried.get(name):
            yield f"its field {name!r} has no place in plain turns"
    for name in REJECTED:
        if is_answer(fields.get(name)):
            yield f"its field {name!r}, the other answer of a pair, has no place in plain turns"
    for name in _unscored(fields, sample):
        yield f"its field {name!r} was not scored and has no place in plain turns"


def _of_turns(fields: Mapping[str, Any], sample: Sample) -> Iterator[str]:
    for place, turn in turns_of(fields):
        for name in (*TURN_CALLS, "tool_call_id", *TURN_PARTS, *NO_PLACE):
            if lists(turn.get(name)):
                yield f"{place}.{name} has no place in plain turns"
        if is_answering(turn):
            for name in _unscored(turn, sample):
                yield f"{place}.{name} was not scored and has no place in plain turns"
            if mark := unlearned_by(turn):
                yield f"{place}.{mark} marks a turn that is not to be learned, which would be lost"


def _unscored(holder: Mapping[str, Any], sample: Sample) -> Iterator[str]:
    """Fields of reasoning that is no part of the response."""
    for name in REASONING:
        text = holder.get(name)
        if isinstance(text, str) and holds(text) and text not in sample.response:
            yield name
