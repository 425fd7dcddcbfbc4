"""Settings files, and the settings of a run.json of an older format."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from icon.errors import ConfigError


def read_settings(path: Path) -> dict[str, Any]:
    """Settings from a TOML or JSON file; the run.json of an earlier run replays it.

    Raises:
        ConfigError: The file is missing, malformed, or holds no settings.
    """
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise ConfigError(f"{path}: not a readable TOML or JSON settings file: {error}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: found {type(data).__name__}; valid: a table of settings")
    settings = data.get("config", data)
    if not isinstance(settings, dict):
        raise ConfigError(f"{path}: field 'config': found {type(settings).__name__}; valid: a table of settings")
    return from_format_2(settings) if data.get("format") in (1, 2) else settings


def from_format_2(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as run.json has had them since format 3: the paper's form of a prompt was called alpaca before."""
    return settings | {"template": "paper"} if settings.get("template", "alpaca") == "alpaca" else settings
