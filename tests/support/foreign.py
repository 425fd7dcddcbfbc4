"""Words of the libraries beneath, which no message of icon has."""

from __future__ import annotations

import re

FOREIGN = re.compile(
    r"Input should|Extra inputs|Value error|Field required|unable to parse|Traceback|pydantic|╭|Usage: icon \[OPT.* C"
)
"""Words of libraries that say nothing to a user."""
