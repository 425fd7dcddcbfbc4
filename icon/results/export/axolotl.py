"""`axolotl`, `axolotl-alpaca`: data for Axolotl's types chat_template and alpaca, and the YAML that names them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from icon.results.export._conversation import Conversation, alpaca_record, as_roles, conversation
from icon.results.export._job import Format, Job
from icon.results.export._source import DoesNotFitError, Item
from icon.results.export._staging import staged, write_lines

SNIPPET = "datasets.yml"

USUAL = {"field_messages": "messages", "message_property_mappings": {"role": "role", "content": "content"}}
"""What Axolotl takes for granted of the type chat_template, written out for readers of datasets.yml."""


def write(job: Job) -> int:
    """A folder with the data and `datasets.yml`.

    Where the run judged every turn, each turn says in `train` whether it is learned.
    """
    marked = job.source.every_turn

    def convert(item: Item) -> list[dict[str, Any]]:
        found = conversation(item, every_turn=marked)
        return [{"messages": _marked(found) if marked else as_roles(found.messages)}]

    entry: dict[str, Any] = {"type": "chat_template", **USUAL}
    if marked:
        entry |= {"roles_to_train": [], "message_field_training": "train"}
    return write_with_snippet(job, f"{job.name}-axolotl", convert, entry)


def write_with_snippet(job: Job, folder_name: str, convert: Any, entry: dict[str, Any]) -> int:
    """Write the data and the YAML that names it.

    Args:
        job: The export.
        folder_name: The folder's name where the user names none.
        convert: Gives what is written of a record.
        entry: What the YAML says of the data set beside its path.
    """
    folder = job.folder(folder_name)
    data = f"{job.name}.jsonl"
    with staged(folder, force=job.force) as place:
        count = write_lines(place / data, job.fitting(convert))
        (place / SNIPPET).write_text(_snippet((folder / data).resolve(), entry), encoding="utf-8")
    job.files += [str(folder / data), str(folder / SNIPPET)]
    job.following.append(f"in the configuration of Axolotl: {_line((folder / data).resolve(), entry)}")
    job.following.append("axolotl train CONFIG.yml")
    return count


def _snippet(path: Path, entry: dict[str, Any]) -> str:
    """The entry of the data set in YAML, of which JSON is a part."""
    lines = [f"  - path: {_as_json(str(path))}", "    ds_type: json"]
    for name, value in entry.items():
        if isinstance(value, dict):
            lines += [f"    {name}:", *(f"      {key}: {text}" for key, text in value.items())]
        else:
            lines.append(f"    {name}: {value if isinstance(value, str) else _as_json(value)}")
    return "\n".join(["datasets:", *lines]) + "\n"


def _line(path: Path, entry: dict[str, Any]) -> str:
    """The same in one line, without what Axolotl takes for granted."""
    said = {"path": str(path), "ds_type": "json", **{name: entry[name] for name in entry if name not in USUAL}}
    return f"datasets: [{{{', '.join(f'{name}: {_as_json(value)}' for name, value in said.items())}}}]"


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _marked(found: Conversation) -> list[dict[str, Any]]:
    pairs = zip(as_roles(found.messages), found.learned, strict=True)
    return [{**turn, "train": learned} for turn, learned in pairs]


AXOLOTL = Format("axolotl", "conversations and the YAML for Axolotl, type chat_template", write)


def write_alpaca(job: Job) -> int:
    """A folder with the data and `datasets.yml`; earlier turns and system prompts have no place in it."""
    return write_with_snippet(job, f"{job.name}-axolotl-alpaca", _convert, {"type": "alpaca"})


def _convert(item: Item) -> list[dict[str, Any]]:
    record = alpaca_record(item)
    if record.pop("system", ""):
        raise DoesNotFitError("it has a system prompt, which this format has no place for")
    return [record]


AXOLOTL_ALPACA = Format(
    "axolotl-alpaca", "single turns and the YAML for Axolotl, type alpaca, for base models", write_alpaca
)
