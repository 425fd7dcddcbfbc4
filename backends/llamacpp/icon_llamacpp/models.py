"""Resolves the name of a model to a GGUF file."""

from __future__ import annotations

from pathlib import Path

from icon.errors import ModelNameError
from icon.inference import EMBEDDED, GGUF_NAME, embedded, hub_file, shards


def resolve(model: str) -> Path:
    """The GGUF file of a model's name: a path, `owner/repo/file.gguf` on the hub, or `smollm2`.

    Raises:
        ModelNameError: There is no such file, here or on the hub, or the hub cannot be reached, or the model is in
            several files and this is not the first, or some are missing.
        UserError: The embedded model is not installed.
        BackendError: The hub does not deliver the file.
    """
    if model == EMBEDDED:
        return embedded_file()
    path = Path(model).expanduser()
    if path.is_file():
        return shards(path)[0]
    if path.is_dir():
        raise ModelNameError(f"model {model!r} is a folder; name the .gguf file in it")
    if (match := GGUF_NAME.fullmatch(model)) and not path.parent.exists():
        return hub_file(match["repo"], match["file"])
    raise ModelNameError(
        f"no model {model!r}: there is no such file; valid: a path to a .gguf file, owner/repo/file.gguf on the "
        f"Hugging Face hub, or {EMBEDDED!r} for the embedded model"
    )


def embedded_file() -> Path:
    """The embedded model's file.

    Raises:
        UserError: Its package is not installed.
    """
    return embedded("icon-llamacpp", "backends/llamacpp")
