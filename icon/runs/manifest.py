"""run.json: settings, inputs, model and outcome of a run, enough to repeat it and to refuse changed ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from icon.config import RunConfig, from_format_2
from icon.errors import ConfigError, WrongRunError
from icon.runs.outcome import Summary
from icon.runs.records import Inputs, ModelRecord, Record, Stages, Times
from icon.runs.writing import write_bytes

FORMAT = 3
"""Version of the format of run.json that is written."""


class Manifest(Record):
    """The content of run.json. It is frozen: `updated` returns a changed copy.

    Attributes:
        format: Version of this record.
        config: The settings that the run was begun with.
        inputs: Digests of pool, template and files, and the distributions that measured.
        model: What the backend reported; None until a stage needs the model.
        versions: Versions of icon, Python and the plugins that took part.
        stages: Each finished stage with its counts.
        results: The closing summary; None until something is selected.
        warnings: Warnings for the user, by the stage that reported them.
        times: Everything that differs between two runs of the same settings: dates, seconds, speeds.
        status: "running", "interrupted" or "done".
    """

    format: Literal[3] = 3
    config: RunConfig
    inputs: Inputs = Inputs()
    model: ModelRecord | None = None
    versions: dict[str, str] = Field({})
    stages: Stages = Stages()
    results: Summary | None = None
    warnings: dict[str, tuple[str, ...]] = Field({})
    times: Times = Times()
    status: Literal["running", "interrupted", "done"] = "running"

    @property
    def warning_lines(self) -> list[str]:
        """Every warning, in the order of the stages that reported them."""
        return [warning for several in self.warnings.values() for warning in several]

    @property
    def was_stopped(self) -> bool:
        """Whether the race of stage 2 was interrupted, so that the selection is from what was measured until then."""
        score = self.stages.score
        return score is not None and score.race is not None and score.race.ended == "interrupted"

    def updated(self, **changes: Any) -> Manifest:
        """A copy with new values of some fields."""
        return self.model_copy(update=changes)

    def save(self, path: Path) -> None:
        """Write run.json atomically."""
        data = self.model_dump(mode="json")
        write_bytes(path, (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode())


def load_manifest(path: Path) -> Manifest:
    """Read run.json; one of an older format is migrated to the current one.

    Raises:
        WrongRunError: It is missing, or not a run.json that this version can read.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongRunError(f"{path}: cannot be read ({error.strerror}); valid: the folder of an icon run") from None
    except ValueError as error:
        raise WrongRunError(f"{path}: not valid JSON: {error}") from None
    found = data.get("format") if isinstance(data, dict) else type(data).__name__
    if not isinstance(data, dict) or found not in (FORMAT, *_MIGRATIONS):
        readable = ", ".join(str(number) for number in (*_MIGRATIONS, FORMAT))
        raise WrongRunError(f"{path}: format {found!r}; this version of icon reads the formats {readable}")
    while (version := data["format"]) != FORMAT:
        data = _MIGRATIONS[version](data)
    try:
        return Manifest.model_validate(data)
    except ValidationError as error:
        raise WrongRunError(_faults(path, error)) from None


def refuse_differences(what: str, old: Mapping[str, Any], new: Mapping[str, Any], advice: str) -> None:
    """Refuse to go on with a run whose settings changed.

    Args:
        what: What the settings are of, for the message.
        old: The settings that the run was begun with.
        new: The settings now.
        advice: What to do about a difference.

    Raises:
        ConfigError: They differ; the message lists every difference.
    """
    keys = sorted(old.keys() | new.keys())
    differences = [
        f"  {key}: {_short(old.get(key))} -> {_short(new.get(key))}" for key in keys if old.get(key) != new.get(key)
    ]
    if differences:
        raise ConfigError("\n".join([f"{what}: not the settings this run was started with:", *differences, advice]))


def _from_format_1(data: dict[str, Any]) -> dict[str, Any]:
    """Format 1 has an empty object where format 2 has null: for a model and a summary that are not known yet."""
    absent = {name: None for name in ("model", "results") if data.get(name) == {}}
    return {**data, **absent, "format": 2}


def _from_format_2(data: dict[str, Any]) -> dict[str, Any]:
    """In format 2 the template alpaca is the paper's form, which format 3 calls paper; its digest stays the same."""
    config, inputs = data.get("config"), data.get("inputs")
    changed: dict[str, Any] = {"format": 3}
    if isinstance(config, dict):
        changed["config"] = from_format_2(config)
    template = inputs.get("template") if isinstance(inputs, dict) else None
    if isinstance(inputs, dict) and isinstance(template, dict) and template.get("name") == "alpaca":
        changed["inputs"] = {**inputs, "template": {**template, "name": "paper"}}
    return {**data, **changed}


_MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_format_1, 2: _from_format_2}
"""By older format, the function that turns its data into that of the next format."""


def _faults(path: Path, error: ValidationError) -> str:
    """The message for a run.json with fields that icon did not write so: every one of them."""
    lines = [f"{path}: not as icon wrote it:"]
    for fault in error.errors():
        field = ".".join(map(str, fault["loc"]))
        found = "nothing" if fault["type"] == "missing" else _short(fault["input"])
        lines.append(f"  field {field!r}: found {found} ({fault['msg']})")
    return "\n".join([*lines, "Restore the file, or start again with another --out"])


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "..."
