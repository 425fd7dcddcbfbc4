"""Whether the hub's machine takes a connection, found out in seconds: its libraries ask again and again for minutes."""

from __future__ import annotations

import os
import socket
import threading
import time
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

PATIENCE = 4.0
"""Seconds in which the hub, or the proxy that leads to it, must take a connection."""

REMEMBERED = 60.0
"""Seconds for which an answer holds in one process."""

PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}

_answers: dict[str, tuple[float, str]] = {}


def endpoint() -> str:
    """The address of the hub, as its libraries have it: `HF_ENDPOINT`, or the public one."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def no_answer() -> str:
    """Why the hub cannot be reached, with its address; empty where it, or the proxy before it, takes a connection."""
    address = endpoint()
    known = _answers.get(address)
    if known is None or time.monotonic() - known[0] > REMEMBERED:
        known = _answers[address] = time.monotonic(), _fault(address)
    return known[1]


def _fault(address: str) -> str:
    """Why nothing takes a connection. Asked in a thread, since looking a name up cannot be given a time limit."""
    found: list[BaseException | None] = []

    def ask() -> None:
        try:
            _knock(address)
        except BaseException as error:  # noqa: BLE001  passed on to the caller below
            found.append(error)
        else:
            found.append(None)

    thread = threading.Thread(target=ask, daemon=True, name="icon-hub-answers")
    thread.start()
    thread.join(PATIENCE)
    if not found:
        return f"the hub cannot be reached at {address} (no answer within {PATIENCE:.0f} s)"
    error = found[0]
    if error is None or isinstance(error, ValueError):  # an address that is none: its libraries say so
        return ""
    if isinstance(error, OSError):
        return f"the hub cannot be reached at {address} ({error.strerror or error})"
    raise error


def _knock(address: str) -> None:
    """Connect to the hub, or to the proxy for it.

    Raises:
        OSError: Nothing takes a connection there.
    """
    parts = urlsplit(address)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy and not proxy_bypass(parts.hostname or ""):
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    port = parts.port or PORTS.get(parts.scheme, 443)
    places = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    last: OSError = OSError("it has no address")
    for family, kind, protocol, _, place in sorted(places, key=lambda one: one[0] != socket.AF_INET):
        try:
            with socket.socket(family, kind, protocol) as connection:
                connection.settimeout(PATIENCE)
                connection.connect(place)
                return
        except OSError as error:
            last = error
    raise last
