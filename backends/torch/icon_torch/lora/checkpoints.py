"""The folder of checkpoints: the training that it belongs to, and the checkpoint to resume from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon import trust
from icon.errors import ConfigError
from icon.runs.manifest import refuse_differences
from icon.runs.writing import write_bytes
from icon.types import BackendInfo
from icon_torch.lora.options import LoraOptions
from icon_torch.lora.texts import Ids

SETTINGS = "lora.json"
STATE = "trainer_state.json"
NOT_TRAINING = {"model", "checkpoints", "label_share", "test_share"}
"""Options that do not affect the training, or only through the model and the data, which have digests."""


def training_settings(options: LoraOptions, model: BackendInfo, seed: int, data: str) -> dict[str, Any]:
    """Everything that decides a training, as plain JSON.

    Args:
        options: The selector's options.
        model: The backend's description of the model.
        seed: Seed of the run.
        data: `data_digest` of the labelled texts.
    """
    settings = options.model_dump(mode="json", exclude=NOT_TRAINING)
    return {**settings, "model": model.digest, "precision": model.precision, "seed": seed, "data": data}


def data_digest(texts: Sequence[Ids], labels: NDArray[np.int_], train: NDArray[np.int_]) -> str:
    """SHA-256 over the token ids of all labelled texts, their labels, and the places of the training part."""
    digest = sha256()
    for text in texts:
        digest.update(len(text).to_bytes(8, "little") + text.astype("<i4").tobytes())
    digest.update(labels.astype("<i8").tobytes() + train.astype("<i8").tobytes())
    return digest.hexdigest()


def hold(folder: Path, settings: dict[str, Any]) -> Path | None:
    """Claim the folder for a training with these settings, and return its last finished checkpoint.

    Raises:
        ConfigError: It has checkpoints of another training, is not a folder, or is new and a run folder names it.
    """
    advice = "Use another folder for the option checkpoints, or empty this one."
    claimed = folder / SETTINGS
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"selector lora: checkpoints: {folder} is a file; valid: a folder")
    if claimed.exists():
        refuse_differences(f"selector lora: checkpoints in {folder}", _read(claimed), settings, advice)
    elif any(folder.glob("checkpoint-*")):
        raise ConfigError(f"selector lora: {folder} has checkpoints of something else (no {SETTINGS}). {advice}")
    else:
        trust.check_folder("selector.checkpoints", folder)
        write_bytes(claimed, (json.dumps(settings, indent=2) + "\n").encode())
    return _last(folder)


def _read(path: Path) -> dict[str, Any]:
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        settings = None
    if not isinstance(settings, dict):
        raise ConfigError(f"selector lora: {path} is not a JSON object; delete the folder to train anew")
    return settings


def _last(folder: Path) -> Path | None:
    """The last complete checkpoint; one without a readable state, which is written last, is skipped."""
    steps = {}
    for path in folder.glob("checkpoint-*"):
        try:
            steps[int(json.loads((path / STATE).read_text(encoding="utf-8"))["global_step"])] = path
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return steps[max(steps)] if steps else None
