"""Whether a backend that was opened beside a run has the run's model, whatever its precision."""

from __future__ import annotations

from pathlib import Path

from icon.errors import ConfigError
from icon.runs.model_record import ModelRecord
from icon.types import BackendInfo


def check_same_model(path: Path, model: ModelRecord, reported: BackendInfo) -> None:
    """Refuse a backend that runs another model than the run's.

    Args:
        path: The run directory, for the message.
        model: The model as recorded in run.json.
        reported: What the backend reports.

    Raises:
        ConfigError: It is another model.
    """
    old, new = _identity(model), _identity(ModelRecord.of(reported))
    wrong = [f"  {name}: {old[name]!r} -> {new.get(name)!r}" for name in old if old[name] != new.get(name)]
    if wrong:
        raise ConfigError(
            "\n".join(
                [
                    f"{path}: not the model this run was scored with:",
                    *wrong,
                    "Restore the model; or, for a run made from Python, pass the backend it was made with.",
                ]
            )
        )


def _identity(model: ModelRecord) -> dict[str, object]:
    """The fields that make two models the same, at any precision: the digest of the file, or else its name."""
    identity: dict[str, object] = {
        "backend": model.backend,
        "tokenizer_digest": model.tokenizer_digest,
        "bos": model.bos,
    }
    source = model.settings.get("source_digest")
    return identity | ({"source_digest": source} if source else {"model": model.model})
