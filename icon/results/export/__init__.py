"""A finished run in the formats that trainers read, each under its name for --to.

A record is exported once, however many of its turns were candidates. Chat formats have its turns up to and with the
last one that is exported; `trl-prompt-completion` and `trl-text` have a row for each exported turn. What a format
cannot express is left out, counted and named.
"""

from __future__ import annotations

from icon.results.export._formats import FORMATS, export, find_format
from icon.results.export._in_memory import in_memory
from icon.results.export._job import Exported
from icon.results.export._source import RunSource

__all__ = [
    "FORMATS",
    "Exported",
    "RunSource",
    "export",
    "find_format",
    "in_memory",
]
