"""The checksum that run.json and verdict.json have of their own content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any


def checksum_of(data: Mapping[str, Any]) -> str:
    """SHA-256 of a content without its field `checksum`: as JSON with sorted keys, without blanks, in ASCII.

    Args:
        data: The content, as a JSON reader returns it.
    """
    rest = {name: value for name, value in data.items() if name != "checksum"}
    return sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
