"""Whether a backend has the run's model: exactly, or whatever its precision where it was opened beside the run."""

from __future__ import annotations

from pathlib import Path

from icon.errors import ConfigError
from icon.runs.changed import CHANGED_MODEL, by_name
from icon.runs.manifest import refuse_differences
from icon.runs.model_record import PROOF, ModelRecord
from icon.types import BackendInfo


def same_record(run: Path | str, known: ModelRecord | None, info: BackendInfo) -> ModelRecord:
    """The record of a model as a run goes on with it. Why it is run so may differ from what an earlier start recorded.

    Args:
        run: The run directory, for the message.
        known: What an earlier start recorded; None where none did.
        info: What the backend reports.

    Raises:
        ConfigError: It is another model; the message lists every difference.
    """
    current = ModelRecord.of(info)
    if known is None:
        return current
    current = current.after(known)
    compared = current if PROOF in known.settings else current.without_proof()
    refuse_differences(f"{run}: model", by_name(known), by_name(compared), CHANGED_MODEL)
    return current


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
