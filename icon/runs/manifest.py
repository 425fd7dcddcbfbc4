"""run.json: the settings, inputs, model and outcome of a run; enough to replay it and to refuse a mixed one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from icon.errors import ConfigError, WrongRunError
from icon.runs.atomic import write_bytes

FORMAT = 1


@dataclass(slots=True)
class Manifest:
    """What run.json holds.

    Attributes:
        config: The resolved settings, as `RunConfig` takes them.
        inputs: Digests of pool and assessment set, and what was found in them.
        model: What the backend said of itself; empty until a stage needed it.
        versions: Versions of icon, Python and the plugins that took part.
        stages: Each finished stage with its counts.
        results: What the summary says.
        warnings: What the user should know, by the stage that said it.
        times: Everything that differs between two runs of the same settings: dates, seconds, speeds.
        status: "running", "interrupted" or "done".
    """

    config: dict[str, Any]
    inputs: dict[str, Any] = field(default_factory=dict)
    model: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    stages: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    times: dict[str, Any] = field(default_factory=dict)
    status: str = "running"

    def save(self, path: Path) -> None:
        """Write run.json atomically."""
        data = {"format": FORMAT} | {name: getattr(self, name) for name in self.__slots__}
        write_bytes(path, (json.dumps(data, indent=2, ensure_ascii=False, default=str) + "\n").encode())


def load_manifest(path: Path) -> Manifest:
    """Read run.json.

    Raises:
        WrongRunError: It is missing or no run.json that this version can read.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongRunError(f"{path}: cannot be read ({error.strerror}); valid: the folder of an icon run") from None
    except ValueError as error:
        raise WrongRunError(f"{path}: not valid JSON: {error}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        found = data.get("format") if isinstance(data, dict) else type(data).__name__
        raise WrongRunError(f"{path}: format {found!r}; this version of icon reads format {FORMAT}")
    for name in Manifest.__slots__:
        kind = str if name == "status" else dict
        if not isinstance(data.get(name, None if name == "config" else kind()), kind):
            raise WrongRunError(
                f"{path}: field {name!r}: found {type(data.get(name)).__name__}; valid: what icon wrote there. Put the "
                "file back as it was, or start again with another --out"
            )
    return Manifest(**{name: data[name] for name in Manifest.__slots__ if name in data})


def refuse_differences(what: str, old: dict[str, Any], new: dict[str, Any], advice: str) -> None:
    """Refuse to go on where settings changed.

    Raises:
        ConfigError: They differ; every difference is shown.
    """
    keys = sorted(old.keys() | new.keys())
    differences = [
        f"  {key}: {_short(old.get(key))} -> {_short(new.get(key))}" for key in keys if old.get(key) != new.get(key)
    ]
    if differences:
        raise ConfigError("\n".join([f"{what}: not the settings this run was started with:", *differences, advice]))


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "..."
