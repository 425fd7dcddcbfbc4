"""`ms-swift`: {messages} as its standard format has them, and the command that trains on them."""

from __future__ import annotations

import shlex
from typing import Any

from icon.errors import ConfigError
from icon.results.export._conversation import Conversation, as_roles, conversation
from icon.results.export._job import Format, Job
from icon.results.export._source import Item
from icon.results.export._staging import staged, write_lines

COMMAND = "train.sh"


def write(job: Job) -> int:
    """A folder with the data and `train.sh`.

    Where the run judged every turn, each assistant turn says in `loss` whether it is learned.

    Raises:
        ConfigError: The path holds a sign that ms-swift takes for the end of the path.
    """
    folder = job.folder(f"{job.name}-ms-swift")
    data = folder.resolve() / f"{job.name}.jsonl"
    if signs := [sign for sign in ":#" if sign in str(data)]:
        raise ConfigError(f"{data}: found {signs[0]!r}, after which ms-swift reads a subset or a count; choose --out")
    marked = job.source.every_turn

    def convert(item: Item) -> list[dict[str, Any]]:
        found = conversation(item, every_turn=marked)
        return [{"messages": _marked(found) if marked else as_roles(found.messages)}]

    command = f'swift sft --model "$MODEL" --dataset {shlex.quote(str(data))} --output_dir "${{OUTPUT:-output}}"'
    with staged(folder, force=job.force) as place:
        count = write_lines(place / data.name, job.fitting(convert))
        text = f"#!/bin/sh\n# MODEL=owner/name sh {COMMAND}\n{command}\n"
        (place / COMMAND).write_text(text, encoding="utf-8")
    job.files += [str(folder / data.name), str(folder / COMMAND)]
    job.following.append(f"MODEL=owner/name sh {shlex.quote(str(folder / COMMAND))}")
    return count


def _marked(found: Conversation) -> list[dict[str, Any]]:
    pairs = zip(as_roles(found.messages), found.learned, strict=True)
    return [{**turn, "loss": learned} if turn["role"] == "assistant" else turn for turn, learned in pairs]


MS_SWIFT = Format("ms-swift", "messages and the command for ms-swift, JSON Lines", write)
