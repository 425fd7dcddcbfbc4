"""What the tests of stage 0 share: files written from literals, and samples made in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from icon.samples import content_id
from icon.types import Message, Sample

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file: bytes as they are, text as UTF-8, lists as one JSON object per line; gives its path."""

    def written(content: Any, name: str = "pool.jsonl") -> str:
        if isinstance(content, list):
            content = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in content)
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return written


@pytest.fixture
def make() -> Callable[..., Sample]:
    """Make a sample: the prompt is a user's text, or a list of (role, content)."""

    def made(prompt: Any, response: str, passage: str = "", **more: Any) -> Sample:
        turns = [("user", prompt)] if isinstance(prompt, str) else prompt
        messages = tuple(Message(role, content) for role, content in turns)
        return Sample(content_id(messages, passage, response), 0, messages, response, passage, **more)

    return made
