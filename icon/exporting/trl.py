"""`trl`: {messages}, the conversational form of TRL's SFTTrainer."""

from __future__ import annotations

from typing import Any

from icon.exporting.conversation import as_roles, conversation, note_partly
from icon.exporting.job import Format, Job
from icon.exporting.lines import write_lines
from icon.exporting.source import Item


def write(job: Job) -> int:
    """One object a record: the conversation up to and with its last exported turn."""
    path = job.file(f"{job.name}-trl.jsonl")
    partly = 0

    def convert(item: Item) -> list[dict[str, Any]]:
        nonlocal partly
        found = conversation(item, every_turn=job.source.every_turn)
        partly += found.partly
        return [{"messages": as_roles(found.messages)}]

    count = write_lines(path, job.fitting(convert))
    job.files.append(str(path))
    note_partly(job, partly, "trl-prompt-completion has one row a selected turn")
    job.following.append(f"load_dataset('json', data_files={str(path)!r}, split='train')")
    return count


FORMAT = Format("trl", "messages for TRL's SFTTrainer, JSON Lines", write)
