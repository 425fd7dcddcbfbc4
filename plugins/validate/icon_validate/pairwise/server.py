"""A judge behind an OpenAI-compatible address."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

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


class ServerJudge:
    """Asks a server for one letter per pair, at temperature 0.

    An answer that is no letter, or no answer at all in a well-formed reply, is `Choice.NONSENSE`. The key of the
    environment variable OPENAI_API_KEY is sent along where it is set.

    Args:
        address: Base of the address, such as http://localhost:8000/v1; /chat/completions is appended.
        model: Name of the model on that server.
        sleep: Waits between tries.
    """

    def __init__(self, address: str, model: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.address = address.rstrip("/") + "/chat/completions"
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
                with urllib.request.urlopen(self._request(body), timeout=TIMEOUT) as reply:
                    answer: bytes = reply.read()
                    return answer
            except urllib.error.HTTPError as error:
                fault = _status(error)
                if error.code not in AGAIN:
                    raise ConfigError(f"--pairwise-judge {self.address} refuses the question: {fault}") from None
            except (OSError, ValueError) as error:  # unreachable, timed out, cut off, no such host
                fault = str(getattr(error, "reason", error)) or type(error).__name__
        raise BackendError(
            f"the judge at {self.address} did not answer in {TRIES} tries, the last time: {fault}. What was judged is "
            "kept; the same command goes on"
        )

    def _request(self, body: bytes) -> urllib.request.Request:
        headers = {"Content-Type": "application/json"}
        if key := os.environ.get("OPENAI_API_KEY"):
            headers["Authorization"] = f"Bearer {key}"
        return urllib.request.Request(self.address, body, headers)


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
