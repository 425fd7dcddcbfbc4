"""Single turns as {instruction, input, output, system}."""

from __future__ import annotations

from icon.exporting.conversation import exported
from icon.exporting.source import DoesNotFitError, Item


def alpaca_record(item: Item) -> dict[str, str]:
    """The record's single turn; the passage is the input.

    Raises:
        DoesNotFitError: It has earlier turns, or cannot be told as turns at all.
    """
    sample = exported(item)[-1]
    if sample.history:
        raise DoesNotFitError("it is a conversation of several turns, which this format has no place for")
    return {
        "instruction": sample.instruction,
        "input": sample.passage,
        "output": sample.response,
        "system": sample.system,
    }
