"""Judges: which of two answers to an instruction is better, by a model behind an address or by a local one."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Literal, Protocol

from icon.errors import BackendError, ConfigError
from paper.sections import Judge

if TYPE_CHECKING:
    from icon.plugins import Backend

Preference = Literal["first", "second", "tie"]

QUESTION = """[Instruction]
{instruction}

[Answer A]
{first}

[Answer B]
{second}

"""
MARKS = """Compare the two answers: how helpful, relevant, accurate and detailed each is. Their order must not matter. \
Write two numbers from 1 to 10 on the first line, the mark of A and the mark of B, with a blank between them and \
nothing else; your reasons follow on the next lines."""
VERDICT = """The better answer to the instruction is answer"""


class JudgementError(Exception):
    """A judge's reply is no verdict; the message says what it was."""


class OpenJudge(Protocol):
    """Compares two answers; `close` frees what it has opened."""

    def prefer(self, instruction: str, first: str, second: str) -> Preference:
        """The better of two answers.

        Raises:
            JudgementError: It gives no verdict.
        """
        ...

    def close(self) -> None:
        """Free the model; safe to call twice."""
        ...


def open_judge(judge: Judge) -> OpenJudge:
    """The judge of these settings.

    Raises:
        ConfigError: The key is not set, or the backend refuses its options.
    """
    return AddressJudge(judge) if judge.kind == "address" else LocalJudge(judge)


class AddressJudge:
    """A chat model behind an OpenAI-compatible address, which gives two marks from 1 to 10."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.key = os.environ.get(judge.key, "") if judge.key else ""
        if judge.key and not self.key:
            raise ConfigError(f"judge.key: the environment variable {judge.key} is not set; it holds the judge's key")

    def prefer(self, instruction: str, first: str, second: str) -> Preference:
        """The answer with the higher mark.

        Raises:
            JudgementError: The reply does not begin with two marks.
        """
        return marks_preference(
            self._reply(QUESTION.format(instruction=instruction, first=first, second=second) + MARKS)
        )

    def close(self) -> None:
        """Nothing is open."""

    def _reply(self, text: str) -> str:
        asked = {"model": self.judge.model, "temperature": 0, "messages": [{"role": "user", "content": text}]}
        headers = {"Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        address = f"{self.judge.address.rstrip('/')}/chat/completions"
        request = urllib.request.Request(address, json.dumps(asked).encode(), headers)
        for left in reversed(range(self.judge.tries)):
            try:
                with urllib.request.urlopen(request, timeout=self.judge.seconds) as answered:
                    return str(json.load(answered)["choices"][0]["message"]["content"])
            except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
                refused = isinstance(error, urllib.error.HTTPError) and error.code in (400, 401, 403, 404)
                if refused or not left:
                    raise BackendError(
                        f"judge {address}: {error}; what was judged is kept, the same command goes on"
                    ) from None
                time.sleep(min(60, 2.0 ** (self.judge.tries - left)))
        raise AssertionError  # at least one try


def marks_preference(reply: str) -> Preference:
    """The answer with the higher of the two marks on the first line that is not empty.

    Raises:
        JudgementError: That line is not two numbers from 1 to 10.
    """
    line = next((line for line in reply.splitlines() if line.strip()), "")
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)[\s,]+(\d+(?:\.\d+)?)\s*", line)
    marks = [float(mark) for mark in found.groups()] if found else []
    if not marks or not all(1 <= mark <= 10 for mark in marks):
        raise JudgementError(f"found {line[:80]!r}; valid: two marks from 1 to 10")
    first, second = marks
    return "tie" if first == second else "first" if first > second else "second"


class LocalJudge:
    """A model that a backend of icon opens: the verdict with the higher log-probability."""

    def __init__(self, judge: Judge) -> None:
        from icon import load_backend

        self.backend: Backend = load_backend(judge.backend, **judge.backend_options)

    def prefer(self, instruction: str, first: str, second: str) -> Preference:
        """The answer whose letter is more probable as the verdict.

        Raises:
            JudgementError: A verdict cannot be scored, for example since the texts are too long for the model.
        """
        from icon import Status, Target

        prompt = QUESTION.format(instruction=instruction, first=first, second=second) + VERDICT
        found = self.backend.score("", [Target(prompt, " A"), Target(prompt, " B")])
        for one in found:
            if one.status is not Status.OK:
                raise JudgementError(one.reason)
        a, b = (sum(one.logprobs) for one in found)
        return "tie" if a == b else "first" if a > b else "second"

    def close(self) -> None:
        """Free the model."""
        self.backend.close()
