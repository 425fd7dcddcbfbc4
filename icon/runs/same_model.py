"""Whether a backend runs the model that a run was scored with, whatever its precision and wherever it runs."""

from __future__ import annotations

from pathlib import Path

from icon.errors import ConfigError
from icon.runs.records import ModelRecord
from icon.types import BackendInfo


def check_same_model(path: Path, model: ModelRecord, found: BackendInfo) -> None:
    """Refuse a backend whose numbers would be those of another model.

    Args:
        path: The run directory, for the message.
        model: What run.json says of the run's model.
        found: What the backend reports of itself.

    Raises:
        ConfigError: It is another model.
    """
    old, new = _identity(model), _identity(ModelRecord.of(found))
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


def _identity(model: ModelRecord) -> dict[str, object]:
    """What must be the same, whatever the precision; a file's digest says more than its name."""
    found: dict[str, object] = {
        "backend": model.backend,
        "tokenizer_digest": model.tokenizer_digest,
        "bos": model.bos,
    }
    source = model.settings.get("source_digest")
    return found | ({"source_digest": source} if source else {"model": model.model})
