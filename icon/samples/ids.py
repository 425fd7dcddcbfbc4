"""Content ids: the same sample has the same id wherever it stands."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import blake2b

from icon.types import Message


def content_id(messages: Iterable[Message], passage: str, response: str) -> str:
    """16 hex digits of blake2b over prompt and response.

    The hashed text is a JSON array, so that no text can be taken for the boundary between two. Row, group and source
    are left out, and so is the passage's label. With 64 bits, ten million distinct samples share an id with a
    probability of 3 in a million.
    """
    content = [[[message.role, message.content] for message in messages], passage, response]
    # surrogatepass: a lone surrogate is refused by the checks, which need the sample first
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=8).hexdigest()
