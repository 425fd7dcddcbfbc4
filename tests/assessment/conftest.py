"""What the tests of stage 1 share: samples made in one line, pools of them, and JSONL files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from icon.samples import content_id
from icon.types import Message, Sample


@pytest.fixture
def make() -> Callable[..., Sample]:
    """Make a sample: the prompt is a user's text, or a list of (role, content)."""

    def made(prompt: Any, response: str = "Yes, I do.", passage: str = "", row: int = 0, **more: Any) -> Sample:
        turns = [("user", prompt)] if isinstance(prompt, str) else prompt
        messages = tuple(Message(role, content) for role, content in turns)
        return Sample(content_id(messages, passage, response), row, messages, response, passage, **more)

    return made


@pytest.fixture
def pool(make: Callable[..., Sample]) -> Callable[..., list[Sample]]:
    """Make a pool: so many samples of each group, in the order of the groups."""

    def made(**counts: int) -> list[Sample]:
        groups = [group for group, n in counts.items() for _ in range(n)]
        return [
            make(f"Tell me of the {group} number {row}.", f"It is {row}.", row=row, group=group, source="tests")
            for row, group in enumerate(groups)
        ]

    return made


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Write records as JSON lines; gives the path."""

    def written(records: list[dict[str, Any]], name: str = "tasks.jsonl") -> str:
        path = tmp_path / name
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return str(path)

    return written
