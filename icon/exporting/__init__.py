"""A finished run in the formats that trainers read: one format a file, its name the one users type.

A record is exported once, however many of its turns were candidates. Chat formats have its turns up to and with the
last one that is exported; `trl-prompt-completion` and `trl-text` have a row for each exported turn. What a format
cannot express is left out, counted and named.
"""

from icon.exporting.run import export
from icon.exporting.source import RunSource
from icon.exporting.table import FORMATS

__all__ = ["FORMATS", "RunSource", "export"]
