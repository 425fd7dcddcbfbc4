"""Whether a backend runs the model that a run was scored with, whatever its precision and wherever it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from icon.errors import ConfigError
from icon.types import BackendInfo


def check_same_model(path: Path, model: Mapping[str, Any], found: BackendInfo) -> None:
    """Refuse a backend whose numbers would be those of another model.

    Args:
        path: The run directory, for the message.
        model: What run.json says of the run's model.
        found: What the backend says of itself.

    Raises:
        ConfigError: It is another model.
    """
    old, new = _identity(model), _identity(asdict(found))
    wrong = [f"  {name}: {old[name]!r} -> {new.get(name)!r}" for name in old if old[name] != new.get(name)]
    if wrong:
        raise ConfigError(
            "\n".join(
                [
                    f"{path}: not the model this run was scored with:",
                    *wrong,
                    "Put the model back where it was; or, for a run from Python, give the backend it was made with.",
                ]
            )
        )


def _identity(model: Mapping[str, Any]) -> dict[str, Any]:
    """What must be the same, whatever the precision; a file's digest says more than its name."""
    found = {name: model.get(name) for name in ("backend", "tokenizer_digest", "bos")}
    source = model.get("settings", {}).get("source_digest")
    return found | ({"source_digest": source} if source else {"model": model.get("model")})
