"""`llamafactory`: a data file, and its entry in LLaMA-Factory's dataset_info.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from icon.errors import ConfigError
from icon.results.export._conversation import alpaca_record, conversation, exported, note_partly
from icon.results.export._job import Format, Job
from icon.results.export._source import DoesNotFitError, Item
from icon.results.export._staging import write_lines
from icon.runs.writing import write_bytes

INFO = "dataset_info.json"
ALPACA_COLUMNS = {"prompt": "instruction", "query": "input", "response": "output", "system": "system"}
SHAREGPT_COLUMNS = {"messages": "conversations", "system": "system"}
TAGS = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "system_tag": "system",
}
ROLES = {"user": TAGS["user_tag"], "assistant": TAGS["assistant_tag"]}


def write(job: Job) -> int:
    """Alpaca formatting where every record is a single turn, else sharegpt; other entries of the file stay.

    Raises:
        ConfigError: An entry or file of that name is there already, or dataset_info.json cannot be read.
    """
    folder = job.folder(f"{job.name}-llamafactory")
    path = folder / f"{job.name}.jsonl"
    info = _entries(folder / INFO)
    partly = 0

    def converse(item: Item) -> list[dict[str, Any]]:
        nonlocal partly
        found = conversation(item, every_turn=job.source.every_turn)
        partly += found.partly
        system = found.messages[0].content if found.messages[0].role == "system" else ""
        turns = [
            {"from": ROLES[message.role], "value": message.content}
            for message in found.messages
            if message.role in ROLES
        ]
        return [{"conversations": turns, "system": system}]

    alone = _single_turns(job)
    entry: dict[str, Any] = {"file_name": path.name, "formatting": "alpaca", "columns": ALPACA_COLUMNS}
    if not alone:
        entry |= {"formatting": "sharegpt", "columns": SHAREGPT_COLUMNS, "tags": TAGS}
    if info.get(job.name, entry) != entry and not job.force:
        raise ConfigError(f"{folder / INFO}: has another entry {job.name!r} already; to replace it: --force")
    count = write_lines(path, job.fitting((lambda item: [alpaca_record(item)]) if alone else converse), force=job.force)
    info[job.name] = entry
    write_bytes(folder / INFO, (json.dumps(info, indent=2) + "\n").encode())
    note_partly(job, partly, "mask_history: true learns the last turn alone; ms-swift and axolotl mark each turn")
    job.files += [str(path), str(folder / INFO)]
    place = json.dumps(str(folder.resolve()), ensure_ascii=False)  # a JSON string is YAML
    job.following.append(f"llamafactory-cli train CONFIG.yaml dataset={job.name} dataset_dir={folder.resolve()}")
    job.following.append(f"in the configuration of LLaMA-Factory: dataset: {job.name}")
    job.following.append(f"and, unless the folder is LLaMA-Factory's own: dataset_dir: {place}")
    return count


def _single_turns(job: Job) -> bool:
    for item in job.source.items(job.which):
        try:
            if item.samples and exported(item)[-1].history:
                return False
        except DoesNotFitError:
            continue  # it is left out, and noted, when the records are written
    return True


def _entries(path: Path) -> dict[str, Any]:
    """The existing entries of dataset_info.json.

    Raises:
        ConfigError: It is no JSON object.
    """
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}); valid: a JSON object; it is left as it is") from None
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: found {type(found).__name__}; valid: a JSON object; it is left as it is")
    return found


LLAMAFACTORY = Format("llamafactory", "a data file and its entry in dataset_info.json for LLaMA-Factory", write)
