"""Whether the hub's machine takes a connection, found out in seconds: its libraries ask again and again for minutes."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time

from icon.errors import ConfigError

WAIT = "ICON_HUB_WAIT"
"""Environment variable: for how many seconds the hub is waited for; 0 leaves the check out."""

PATIENCE = 4.0
"""Seconds in which the hub, or the proxy that leads to it, must take a connection, where the user says nothing."""

TIMEOUT = "HF_HUB_ETAG_TIMEOUT"
"""The hub's libraries' own variable for slow networks; longer waits than ours hold for the check too."""

REMEMBERED, FORGOTTEN = 60.0, 5.0
"""Seconds for which a hub that answers, and one that does not, are not tried again by one process."""

LONGEST = 3600
"""Most seconds."""

NOT_REACHED = "the hub cannot be reached"
"""How every sentence begins that says so."""

PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}

_answers: dict[str, tuple[float, str]] = {}


def endpoint() -> str:
    """The address of the hub, as its libraries have it: `HF_ENDPOINT`, or the public one."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def no_answer() -> str:
    """Why the hub cannot be reached, with its address; empty where it, or the proxy before it, takes a connection.

    It is empty as well where the user leaves the check out, or where the program gave the hub's library a client of
    its own, which may know a way that is not known here.

    Raises:
        ConfigError: `ICON_HUB_WAIT` is no time.
    """
    address, seconds = endpoint(), patience()
    if seconds == 0 or _has_own_client():
        return ""
    known = _answers.get(address)
    if known is None or time.monotonic() > known[0]:
        fault = _fault(address, seconds)
        known = _answers[address] = time.monotonic() + (FORGOTTEN if fault else REMEMBERED), fault
    return known[1]


def patience() -> float:
    """For how many seconds the hub is waited for; 0 where it is not tried first.

    Raises:
        ConfigError: `ICON_HUB_WAIT` is no time.
    """
    if given := os.environ.get(WAIT, "").strip():
        if not given.isascii() or not given.replace(".", "", 1).isdigit() or float(given) > LONGEST:
            raise ConfigError(
                f"{WAIT}: found {given!r}; valid: seconds from 0 to {LONGEST}, such as 60; with 0 the hub is asked "
                "without a check"
            )
        return float(given)
    usual = os.environ.get(TIMEOUT, "").strip()
    return min(max(PATIENCE, float(usual)), LONGEST) if usual.isascii() and usual.isdigit() else PATIENCE


def _has_own_client() -> bool:
    """Whether the program has set a client, or a session, of its own for the hub's library."""
    http = sys.modules.get("huggingface_hub.utils._http")
    return any(
        getattr(http, own, None) is not getattr(http, usual, None)
        for own, usual in (
            ("_GLOBAL_CLIENT_FACTORY", "default_client_factory"),
            ("_GLOBAL_BACKEND_FACTORY", "_default_backend_factory"),
        )
    )


def _fault(address: str, seconds: float) -> str:
    """Why nothing takes a connection. Asked in a thread, since looking a name up cannot be given a time limit."""
    found: list[BaseException | None] = []

    def ask() -> None:
        try:
            _knock(address, seconds)
        except BaseException as error:  # noqa: BLE001  passed on to the caller below
            found.append(error)
        else:
            found.append(None)

    thread = threading.Thread(target=ask, daemon=True, name="icon-hub-answers")
    thread.start()
    thread.join(seconds)
    if not found:
        longer = f"{WAIT}=60 waits longer, 0 asks it without this check"
        return f"{NOT_REACHED} at {address} (no answer within {seconds:g} s; {longer})"
    error = found[0]
    if error is None or isinstance(error, ValueError):  # an address that is none: its libraries say so
        return ""
    if isinstance(error, OSError):
        return (
            f"the hub cannot be reached at {address} ({error.strerror or error}; {WAIT}=0 asks it without this check)"
        )
    raise error


def _knock(address: str, seconds: float) -> None:
    """Connect to the hub, or to the proxy for it.

    Raises:
        OSError: Nothing takes a connection there.
    """
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass  # takes 40 ms

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
                connection.settimeout(seconds)
                connection.connect(place)
                return
        except OSError as error:
            last = error
    raise last
