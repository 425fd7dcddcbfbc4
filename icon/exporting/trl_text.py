"""`trl-text`: {prompt, completion} as texts, rendered as they were scored; for base models."""

from __future__ import annotations

from typing import Any

from icon.errors import ConfigError, TemplateError
from icon.exporting.job import Format, Job
from icon.exporting.lines import write_lines
from icon.exporting.lost import refuse_losses
from icon.exporting.source import DoesNotFitError, Item
from icon.protocols import Template


def write(job: Job) -> int:
    """One object an exported turn.

    Raises:
        ConfigError: The run rendered its prompts with the model's own chat template, or its template file changed.
    """
    path = job.file(f"{job.name}-trl-text.jsonl")
    template = _template(job)

    def convert(item: Item) -> list[dict[str, Any]]:
        found = []
        refuse_losses(item.fields or {}, item.samples[-1])
        for sample in item.samples:
            if sample.turn in item.turns:
                try:
                    target = template.target(sample)
                except TemplateError as error:
                    raise DoesNotFitError(str(error)) from None
                found.append({"prompt": target.prompt, "completion": target.response})
        return found

    count = write_lines(path, job.fitting(convert))
    job.files.append(str(path))
    job.following.append(f"load_dataset('json', data_files={str(path)!r}, split='train')")
    return count


def _template(job: Job) -> Template:
    from icon.samples.templates import load_template, template_digest

    name = job.source.config.template
    if name == "chat":
        raise ConfigError(
            "trl-text: the run rendered its prompts with the model's chat template, which the trainer applies itself; "
            "use trl-prompt-completion"
        )
    template = load_template(name)
    noted = job.source.manifest.inputs.template
    if noted and noted.digest != template_digest(template):
        raise ConfigError(f"trl-text: the template {name} is not the run's any more; use trl-prompt-completion")
    return template


FORMAT = Format("trl-text", "prompt and completion as the texts that were scored, for base models", write)
