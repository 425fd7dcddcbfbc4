"""A judge behind an OpenAI-compatible address."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from icon import network
from icon.errors import BackendError, ConfigError
from icon_validate.pairwise.question import Pair, read
from icon_validate.pairwise.score import Choice

TRIES = 3
"""How often a question is sent before the judge counts as out of reach."""

WAITS = (1.0, 4.0)
"""Seconds before the second and the third try."""

TIMEOUT = 120.0
"""Seconds that an answer may take."""

AGAIN = frozenset((408, 409, 425, 429, 500, 502, 503, 504))
"""HTTP statuses after which the same question is sent again."""

LONGEST_ANSWER = 16
"""Tokens of an answer; a letter needs one or two."""


class _NotRedirected(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: the key would go along, and the question would not."""

    def redirect_request(self, *_: Any) -> None:
        return None


OPENER = urllib.request.build_opener(_NotRedirected)


class ServerJudge:
    """Asks a server for one letter per pair, at temperature 0.

    An answer that is no letter, or no answer at all in a well-formed reply, is `Choice.NONSENSE`. The key of the
    environment variable OPENAI_API_KEY is sent along where it is set, to this address alone: a redirection is a fault.

    Args:
        address: Base of the address, such as http://localhost:8000/v1; /chat/completions is appended.
        model: Name of the model on that server.
        sleep: Waits between tries.

    Raises:
        ConfigError: The address or the key is malformed, or the command is to stay offline.
    """

    def __init__(self, address: str, model: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        check_address(address)
        network.refuse(f"--pairwise-judge {address}")
        self.address = address.rstrip("/") + "/chat/completions"
        self._key = _key()
        self.model = model
        self.name = f"{model} at {address}"
        self._sleep = sleep

    def choose(self, pair: Pair) -> Choice:
        """The choice between the two answers.

        Raises:
            BackendError: The server was tried `TRIES` times and did not answer.
            ConfigError: It refuses the question for good, for example because it has no such model.
        """
        body = {
            "model": self.model,
            "messages": [{"role": "user", "content": pair.question}],
            "temperature": 0,
            "max_tokens": LONGEST_ANSWER,
        }
        return read(_content(self._answer(json.dumps(body).encode())))

    def close(self) -> None:
        """A no-op: nothing stays open."""

    def _answer(self, body: bytes) -> bytes:
        fault = ""
        for number in range(TRIES):
            if number:
                self._sleep(WAITS[number - 1])
            try:
                with OPENER.open(self._request(body), timeout=TIMEOUT) as reply:
                    answer: bytes = reply.read()
                    return answer
            except urllib.error.HTTPError as error:
                fault = _status(error)
                if error.code not in AGAIN:
                    raise ConfigError(f"--pairwise-judge {self.address} refuses the question: {fault}") from None
            except (OSError, HTTPException) as error:  # unreachable, timed out, cut off, no such host
                fault = str(getattr(error, "reason", error)) or type(error).__name__
        raise BackendError(
            f"the judge at {self.address} did not answer in {TRIES} tries, the last time: {fault}. What was judged is "
            "kept; the same command goes on"
        )

    def _request(self, body: bytes) -> urllib.request.Request:
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        return urllib.request.Request(self.address, body, headers)


def check_address(address: str) -> None:
    """Refuse an address that cannot be asked, or that has something secret in it: it is shown and stored.

    Raises:
        ConfigError: It has no host, a malformed port, a name or password, a query, or blanks.
    """
    valid = "valid: such as http://localhost:8000/v1; a key belongs into the environment variable OPENAI_API_KEY"
    try:
        parts = urlsplit(address)
        secret = parts.username is not None or bool(parts.query or parts.fragment)
        sound = bool(parts.hostname) and parts.port != 0
    except ValueError:
        secret, sound = "@" in address, False
    if secret:
        raise ConfigError(f"the judge's address: found a name, a password or a query in it; {valid}")
    if not sound or not address.isascii() or not address.isprintable() or " " in address:
        raise ConfigError(f"the judge's address {address}: no such address can be asked; {valid}")


def _key() -> str:
    """The key, without blanks around it; empty where there is none.

    Raises:
        ConfigError: No header can hold it. The message does not repeat it.
    """
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not key.isascii() or not key.isprintable():
        raise ConfigError("environment variable OPENAI_API_KEY: found characters that no key has; valid: the key alone")
    return key


def _status(error: urllib.error.HTTPError) -> str:
    """Status and the first line of what the server says."""
    name = HTTPStatus(error.code).phrase if error.code in HTTPStatus._value2member_map_ else ""
    said = error.read(500).decode("utf-8", "replace").strip().splitlines()
    return " ".join(filter(None, (str(error.code), name, said[0] if said else "")))


def _content(answer: bytes) -> str:
    """The text of the reply; empty where it has none, which no judgment can be read from."""
    try:
        reply: Any = json.loads(answer)
        content = reply["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError):
        return ""
    return content if isinstance(content, str) else ""
