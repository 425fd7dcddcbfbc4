"""Addresses without what gives access in them: a password, or the query of a signed address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<host>[^/?#]*)(?P<rest>.*)", re.DOTALL)

_GIVES_ACCESS = re.compile(
    r"[?&#;][^=&#;]*(sig|token|credential|key|secret|passw|pwd|auth|session)[^=&#;]*=", re.IGNORECASE
)
"""A name in a query such as `X-Amz-Signature`, `sig` or `access_token`."""


def without_secrets(text: str) -> str:
    """An address without user and password, query and fragment; a path, hub name or other text as it is.

    At other schemes than that of the web a `?` may be of a pattern, and a `#` of a name: there only what looks like a
    query goes.

    Args:
        text: An address, or any other value of a setting.
    """
    if not (found := _ADDRESS.match(text)):
        return text
    scheme, host, rest = found["scheme"], found["host"].rpartition("@")[2], found["rest"]
    cut = r"[?#].*" if scheme.lower() in ("http", "https") else r"\?[^?/]*=.*"
    return f"{scheme}://{host}{re.sub(cut, '', rest, flags=re.DOTALL)}"


def gives_access(text: str) -> bool:
    """Whether an address has a user or password, or a query that looks signed."""
    found = _ADDRESS.match(text)
    return found is not None and ("@" in found["host"] or _GIVES_ACCESS.search(found["rest"]) is not None)


def access_warnings(addresses: Iterable[str]) -> Iterator[str]:
    """For each address that gives access, a sentence that says where it is written."""
    for address in filter(gives_access, addresses):
        yield (
            f"{without_secrets(address)}: its address has a password or a signed query, and run.json keeps it as "
            "given, since the run finds its copy by it: pass the run folder on only when it no longer gives access; "
            "cards, the page and trackers have the address without"
        )


def shareable(value: Any) -> Any:
    """Settings, or a part of them, in which every address is without its secrets."""
    if isinstance(value, dict):
        return {key: shareable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shareable(item) for item in value]
    return without_secrets(value) if isinstance(value, str) else value
