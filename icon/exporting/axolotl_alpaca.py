"""`axolotl-alpaca`: {instruction, input, output} for Axolotl's dataset type alpaca, which has its own prompt text."""

from __future__ import annotations

from typing import Any

from icon.exporting.alpaca import alpaca_record
from icon.exporting.axolotl import write_with_snippet
from icon.exporting.job import Format, Job
from icon.exporting.source import DoesNotFitError, Item


def write(job: Job) -> int:
    """A folder with the data and `datasets.yml`; earlier turns and system prompts have no place in it."""
    return write_with_snippet(job, f"{job.name}-axolotl-alpaca", _convert, ["type: alpaca"])


def _convert(item: Item) -> list[dict[str, Any]]:
    record = alpaca_record(item)
    if record.pop("system", ""):
        raise DoesNotFitError("it has a system prompt, which this format has no place for")
    return [record]


FORMAT = Format("axolotl-alpaca", "single turns and the YAML for Axolotl, type alpaca, for base models", write)
