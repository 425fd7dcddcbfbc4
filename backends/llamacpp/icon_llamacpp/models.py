"""Resolves the name of a model to a GGUF file."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from icon.errors import ModelNameError
from icon.inference import EMBEDDED, GGUF_NAME, embedded, hub_file, shards
from icon.inference.model_files import near_file, not_cached, out_of_reach

HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")

OF_TORCH = (".safetensors", ".bin", ".pt", ".pth")
"""Endings of weights that transformers reads."""


def resolve(model: str) -> Path:
    """The GGUF file of a model's name: a path, `owner/repo/file.gguf` on the hub, or `smollm2`.

    Raises:
        ModelNameError: There is no such file, here or on the hub, or the hub cannot be reached, or the model is in
            several files and this is not the first, or some are missing.
        UserError: The embedded model is not installed.
        BackendError: The hub does not deliver the file.
    """
    here = _here(model)
    if here is not None:
        return here
    match = GGUF_NAME.fullmatch(model)
    assert match is not None
    return hub_file(match["repo"], match["file"])


def find(model: str) -> None:
    """Refuse a name that `resolve` would refuse, without a download.

    Raises:
        ModelNameError: As `resolve`; of the hub only that it cannot be reached is known.
        UserError: The embedded model is not installed.
    """
    if _here(model) is None:
        match = GGUF_NAME.fullmatch(model)
        assert match is not None
        if because := out_of_reach(match["repo"], match["file"]):
            raise not_cached(model, because)


def _here(model: str) -> Path | None:
    """The file of a name on this machine; None for the name of a file on the hub.

    Raises:
        ModelNameError: It is neither.
    """
    if model == EMBEDDED:
        return embedded_file()
    path = Path(model).expanduser()
    if path.is_file():
        if path.suffix in OF_TORCH:
            raise ModelNameError(f"model {model}: llamacpp reads .gguf files; {_with_torch(str(path.parent))}")
        return shards(path)[0]
    if path.is_dir():
        if (path / "config.json").is_file():
            raise ModelNameError(f"model {model}: a folder in the form of transformers; {_with_torch(model)}")
        raise ModelNameError(f"model {model!r} is a folder; name the .gguf file in it")
    if GGUF_NAME.fullmatch(model) and not path.parent.exists():
        return None
    if HUB_NAME.fullmatch(model) and not path.parent.is_dir():
        raise ModelNameError(
            f"model {model}: found no file; valid for llamacpp: a .gguf file, on the hub as owner/repo/file.gguf; to "
            f"run the model as it is on the hub, {_with_torch(model)}"
        )
    meant = near_file(path, [EMBEDDED])
    hub = (
        "" if path.suffix == ".gguf" or "/" in model else f"; for a model of that name on the hub, {_with_torch(model)}"
    )
    raise ModelNameError(
        f"no model {model!r}: there is no such file; valid: a path to a .gguf file, owner/repo/file.gguf on the "
        f"Hugging Face hub, or {EMBEDDED!r} for the embedded model{hub}" + (f".{meant}" if meant else "")
    )


def _with_torch(model: str) -> str:
    """What to add to the command so that the backend torch runs a model."""
    install = 'pip install "icon-select[torch]" (from a checkout: pip install "./backends/torch[embedded]")'
    missing = "" if find_spec("icon_torch") else f", which comes with: {install}"
    return f"add --backend torch --model {model}{missing}"


def embedded_file() -> Path:
    """The embedded model's file.

    Raises:
        UserError: Its package is not installed.
    """
    return embedded("icon-llamacpp", "backends/llamacpp")
