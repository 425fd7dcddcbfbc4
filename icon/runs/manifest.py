"""run.json: settings, inputs, model and outcome of a run, enough to repeat it and to refuse changed ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from icon._near import near_file
from icon._setting_faults import at_most, lines_of
from icon._small_files import MAX_RUN, parse_json, read_small
from icon.config import RunConfig, from_format_2
from icon.errors import ConfigError, RunError, WrongRunError
from icon.runs.checksums import Covered, FileRecord, checksum_of
from icon.runs.model_record import ModelRecord
from icon.runs.outcome import Summary
from icon.runs.records import Inputs, Record, Stages, Times
from icon.runs.writing import write_bytes

FORMAT = 4
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
        files: Digest and size of each file that the run has written, by name. A file is of the run where it has this
            digest. Of files that an older version of icon wrote none is known.
        checksum: SHA-256 of all other fields as JSON with sorted keys, without blanks, in ASCII. Empty in memory, where
            it would not be true after a change.
    """

    format: Literal[4] = 4
    config: RunConfig
    inputs: Inputs = Inputs()
    model: ModelRecord | None = None
    versions: dict[str, str] = Field({})
    stages: Stages = Stages()
    results: Summary | None = None
    warnings: dict[str, tuple[str, ...]] = Field({})
    times: Times = Times()
    status: Literal["running", "interrupted", "done"] = "running"
    files: dict[Covered, FileRecord] = Field({})
    checksum: str = ""

    @property
    def warning_lines(self) -> list[str]:
        """Every warning, in the order of the stages that reported them."""
        return [warning for several in self.warnings.values() for warning in several]

    @property
    def has_selection(self) -> bool:
        """Whether records were selected; a run whose measurements carry no choice has scores alone."""
        return self.stages.select is not None and self.stages.select.records_selected > 0

    @property
    def was_stopped(self) -> bool:
        """Whether the race of stage 2 was interrupted, so that the selection is from what was measured until then."""
        score = self.stages.score
        return score is not None and score.race is not None and score.race.ended == "interrupted"

    @property
    def is_partial(self) -> bool:
        """Whether the run was stopped, so that a selection is from what was measured until then or before."""
        return self.status == "interrupted" or self.was_stopped

    def updated(self, **changes: Any) -> Manifest:
        """A copy with new values of some fields."""
        return self.model_copy(update=changes)

    def save(self, path: Path) -> None:
        """Write run.json atomically, with its checksum.

        Raises:
            RunError: It cannot be written, or would be longer than is read.
        """
        data = json.loads(json.dumps(self.model_dump(mode="json")))  # as a reader will have it
        data["checksum"] = checksum_of(data)
        try:
            content = json.dumps(data, indent=2, ensure_ascii=False).encode()
        except UnicodeEncodeError:  # a lone surrogate, as in the name of a file that is no UTF-8
            content = json.dumps(data, indent=2).encode()
        if len(content) >= MAX_RUN:
            raise RunError(
                f"{path}: would have {len(content):,} bytes; valid: fewer than {MAX_RUN:,}. It names every row that "
                f"overlaps with a task, here {_n_leaks(self):,}: leave them out of the pool, or take other tasks"
            )
        write_bytes(path, content + b"\n")


def load_manifest(path: Path) -> Manifest:
    """Read run.json; one of an older format is migrated to the current one.

    Raises:
        WrongRunError: It is missing, damaged, or not a run.json that this version can read.
    """
    try:
        data = parse_json(read_small(path, MAX_RUN))
    except OSError as error:
        meant = "" if path.parent.exists() else near_file(path.parent)
        text = f"{path}: cannot be read ({error.strerror}); valid: the folder of an icon run"
        raise WrongRunError(text + (f".{meant}" if meant else "")) from None
    except ValueError as error:
        raise WrongRunError(f"{path}: not valid JSON: {error}; {_advice(path)}") from None
    found = data.get("format") if isinstance(data, dict) else type(data).__name__
    if not isinstance(data, dict) or found not in (FORMAT, *_MIGRATIONS):
        readable = ", ".join(str(number) for number in (*_MIGRATIONS, FORMAT))
        raise WrongRunError(f"{path}: format {found!r}; this version of icon reads the formats {readable}")
    if found == FORMAT or "checksum" in data:
        _refuse_damaged(path, data)
    while (version := data["format"]) != FORMAT:
        data = _MIGRATIONS[version](data)
    try:
        return Manifest.model_validate({**data, "checksum": ""})
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


def _from_format_3(data: dict[str, Any]) -> dict[str, Any]:
    """Format 3 knows no digests of files."""
    return {**data, "format": 4}


_MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: _from_format_1,
    2: _from_format_2,
    3: _from_format_3,
}
"""By older format, the function that turns its data into that of the next format."""


def _refuse_damaged(path: Path, data: Mapping[str, Any]) -> None:
    """Refuse a content that does not fit its checksum.

    Raises:
        WrongRunError: It was changed since icon wrote it.
    """
    found, wanted = data.get("checksum"), checksum_of(data)
    if found != wanted:
        raise WrongRunError(
            f"{path}: field 'checksum': found {_short(found)}, its content has {wanted}: it is damaged, or was changed "
            f"by hand; {_advice(path)}"
        )


def _advice(path: Path) -> str:
    return (
        f"valid: as icon wrote it. icon doctor {path.parent} says what the folder holds, and with --repair makes "
        "run.json again as far as it can"
    )


def _n_leaks(manifest: Manifest) -> int:
    return len(manifest.stages.assess.leaks) if manifest.stages.assess else 0


def _faults(path: Path, error: ValidationError) -> str:
    """The message for a run.json with fields that icon did not write so: every one of them."""
    lines = lines_of(error, Manifest, lambda _: "", what="field", quoted=True)
    head = f"{path}: not as icon wrote it:"
    return "\n".join(
        [head, *at_most([f"  field {line}" for line in lines]), "Restore the file, or start again with another --out"]
    )


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "..."
