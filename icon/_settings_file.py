"""Settings files, and the settings of a run.json of an older format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from icon._checksum import checksum_of
from icon._near import near_file
from icon._small_files import MAX_RUN, MAX_TOML, parse_json, parse_toml, read_small
from icon._yaml import parse_yaml
from icon.errors import ConfigError


def read_settings(path: Path) -> dict[str, Any]:
    """Settings from a YAML, TOML or JSON file; the run.json of an earlier run replays it.

    A key `$schema`, by which editors know what completes it, is no setting.

    Raises:
        ConfigError: The file is missing, malformed, too long, nested too deeply, damaged, or holds no settings.
    """
    try:
        data = _data(path)
    except OSError as error:
        meant = near_file(path) if isinstance(error, FileNotFoundError) else ""
        text = f"{path}: cannot be read: {error.strerror}; valid: a settings file in YAML, TOML or JSON"
        raise ConfigError(text + (f".{meant}" if meant else "")) from None
    except ValueError as error:
        raise ConfigError(f"{path}: not a readable {_kind(path)} settings file: {str(error)[:300]}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: found {type(data).__name__}; valid: a table of settings")
    if "config" in data and "checksum" in data and data["checksum"] != checksum_of(data):
        raise ConfigError(
            f"{path}: damaged, or changed by hand: its content does not fit its field 'checksum'; valid: a run.json as "
            "icon wrote it, or without that field where you changed its settings"
        )
    settings = data.get("config", data)
    if not isinstance(settings, dict):
        raise ConfigError(f"{path}: field 'config': found {type(settings).__name__}; valid: a table of settings")
    return from_format_2(settings) if data.get("format") in (1, 2) else settings


def is_run_json(path: Path) -> bool:
    """Whether a settings file holds the settings of a run; one that cannot be read is refused where it is used."""
    try:
        data = _data(path) if path.is_file() else None
    except (OSError, ValueError):
        return False
    return isinstance(data, dict) and "config" in data


def _kind(path: Path) -> str:
    """The format of a settings file, by its ending."""
    return {".json": "JSON", ".yaml": "YAML", ".yml": "YAML"}.get(path.suffix.lower(), "TOML")


def _data(path: Path) -> Any:
    read, most = {"JSON": (parse_json, MAX_RUN), "YAML": (parse_yaml, MAX_TOML)}.get(
        _kind(path), (parse_toml, MAX_TOML)
    )
    data = read(read_small(path, most))
    if isinstance(data, dict) and "config" not in data:
        data.pop("$schema", None)
    return data


def from_format_2(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as run.json has had them since format 3: the paper's form of a prompt was called alpaca before."""
    return settings | {"template": "paper"} if settings.get("template", "alpaca") == "alpaca" else settings
