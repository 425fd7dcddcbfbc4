"""`trl`, `trl-prompt-completion`, `trl-text`: for TRL's SFTTrainer, as messages, as turns, and as the scored texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from icon.errors import ConfigError, TemplateError
from icon.plugins import Template
from icon.results.export._conversation import (
    as_roles,
    conversation,
    exported,
    note_partly,
    prompt_messages,
)
from icon.results.export._job import Format, Job
from icon.results.export._losses import refuse_losses
from icon.results.export._source import DoesNotFitError, Item
from icon.results.export._staging import write_lines
from icon.types import Message


def messages(job: Job) -> Iterator[dict[str, Any]]:
    """One object per record: the conversation up to and with its last exported turn."""
    partly = 0

    def convert(item: Item) -> list[dict[str, Any]]:
        nonlocal partly
        found = conversation(item, every_turn=job.source.every_turn)
        partly += found.partly
        return [{"messages": as_roles(found.messages)}]

    yield from job.fitting(convert)
    note_partly(job, partly, "trl-prompt-completion has one row per selected turn")


def write_messages(job: Job) -> int:
    """See `messages`."""
    return _write(job, f"{job.name}-trl.jsonl", messages(job))


def _write(job: Job, name: str, rows: Iterator[dict[str, Any]]) -> int:
    """Write rows as JSON Lines, and say how a script and TRL's own configuration take them."""
    path = job.file(name)
    count = write_lines(path, rows, force=job.force)
    job.files.append(str(path))
    job.following.append(f"load_dataset('json', data_files={str(path)!r}, split='train')")
    place = json.dumps(str(path.resolve()), ensure_ascii=False)  # a JSON string is YAML
    job.following.append(f"in the configuration of `trl sft`: datasets: [{{path: json, data_files: {place}}}]")
    return count


TRL = Format("trl", "messages for TRL's SFTTrainer, JSON Lines", write_messages)


def turns(job: Job) -> Iterator[dict[str, Any]]:
    """One object per exported turn: what was scored is what is learned."""
    yield from job.fitting(_rows)


def write_turns(job: Job) -> int:
    """See `turns`."""
    return _write(job, f"{job.name}-trl-prompt-completion.jsonl", turns(job))


def _rows(item: Item) -> list[dict[str, Any]]:
    return [
        {
            "prompt": as_roles(prompt_messages(sample)),
            "completion": as_roles([Message("assistant", sample.response)]),
        }
        for sample in exported(item)
    ]


TRL_PROMPT_COMPLETION = Format(
    "trl-prompt-completion", "prompt and completion as turns, the completion alone is learned", write_turns
)


def texts(job: Job) -> Iterator[dict[str, Any]]:
    """One object per exported turn, with the texts that were scored.

    Raises:
        ConfigError: The run rendered its prompts with the model's own chat template, or its template file changed.
    """
    template = _template(job)

    def convert(item: Item) -> list[dict[str, Any]]:
        found = []
        refuse_losses(item)
        for sample in item.samples:
            if sample.turn in item.turns:
                try:
                    target = template.target(sample)
                except TemplateError as error:
                    raise DoesNotFitError(str(error)) from None
                found.append({"prompt": target.prompt, "completion": target.response})
        return found

    yield from job.fitting(convert)


def write_texts(job: Job) -> int:
    """See `texts`."""
    return _write(job, f"{job.name}-trl-text.jsonl", texts(job))


def _template(job: Job) -> Template:
    from icon.samples.templates import load_template, template_digest

    noted = job.source.manifest.inputs.template
    name = noted.name if noted and job.source.config.template == "auto" else job.source.config.template
    if name == "chat":
        raise ConfigError(
            "trl-text: the run rendered its prompts with the model's chat template, which the trainer applies itself; "
            "use trl-prompt-completion"
        )
    template = load_template(name)
    if noted and noted.digest != template_digest(template):
        raise ConfigError(f"trl-text: the template {name} is not the run's any more; use trl-prompt-completion")
    return template


TRL_TEXT = Format("trl-text", "prompt and completion as the texts that were scored, for base models", write_texts)
