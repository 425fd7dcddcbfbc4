"""`trl-prompt-completion`: {prompt, completion} as lists of turns; TRL's SFTTrainer learns the completion alone."""

from __future__ import annotations

from typing import Any

from icon.exporting.conversation import as_roles, exported, prompt_messages
from icon.exporting.job import Format, Job
from icon.exporting.lines import write_lines
from icon.exporting.source import Item
from icon.types import Message


def write(job: Job) -> int:
    """One object an exported turn: what was scored is what is learned."""
    path = job.file(f"{job.name}-trl-prompt-completion.jsonl")
    count = write_lines(path, job.fitting(_rows))
    job.files.append(str(path))
    job.following.append(f"load_dataset('json', data_files={str(path)!r}, split='train')")
    return count


def _rows(item: Item) -> list[dict[str, Any]]:
    return [
        {
            "prompt": as_roles(prompt_messages(sample)),
            "completion": as_roles([Message("assistant", sample.response)]),
        }
        for sample in exported(item)
    ]


FORMAT = Format("trl-prompt-completion", "prompt and completion as turns, the completion alone is learned", write)
