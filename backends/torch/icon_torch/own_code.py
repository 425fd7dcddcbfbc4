"""Code that comes with a model, and files that may run code when they are opened: what there is, and its digest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from icon import trust
from icon.errors import BackendError, ModelNameError
from icon_torch.options import TorchOptions

SAFE = ("model.safetensors", "model.safetensors.index.json")
"""Weights that are read without running anything; where a folder has them, no others are opened."""

PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
CODE = "the Python code that comes with the model"
WEIGHTS = "the weights, which are not safetensors and can run code when opened,"
MAPPING = b"auto_map"
"""How a configuration names Python code of the model's own, in its folder or in another one on the hub."""


def allowed(options: TorchOptions, folder: Path | None, commit: str | None) -> TorchOptions:
    """The options with which the model may be opened: what it has no use for is switched off.

    Args:
        options: The options as given.
        folder: The model's folder; None for one on the hub.
        commit: The commit of a model on the hub.

    Raises:
        UntrustedCodeError: They ask for code that comes with the model, and the user did not allow it.
        BackendError: A file of the folder cannot be read.
    """
    try:
        code = options.trust_remote_code and (folder is None or has_code(folder))
        pickle = options.allow_pickle and (folder is None or not any((folder / name).is_file() for name in SAFE))
        if code:
            files = () if folder is None else code_files(folder)
            _check("trust_remote_code", options.model, CODE, folder, files, commit)
        if pickle:
            files = () if folder is None else pickled_files(folder)
            _check("allow_pickle", options.model, WEIGHTS, folder, files, commit)
    except OSError as error:
        raise BackendError(f"model {options.model!r}: {error.filename}: cannot be read: {error.strerror}") from error
    return options.model_copy(update={"trust_remote_code": code, "allow_pickle": pickle})


def refuse_kernel(model: str, config: Any) -> None:
    """Refuse a configuration whose attention is a compiled kernel from the hub, which transformers would fetch and run.

    Raises:
        ModelNameError: It names one; icon's own attention takes its place anyway.
    """
    asked = getattr(config, "_attn_implementation", None)
    if "/" in str(asked):
        raise ModelNameError(
            f"model {model!r}: config.json: field 'attn_implementation': found {asked!r}, code from the hub; valid: an "
            "attention of transformers, or none: take the field out"
        )


def has_code(folder: Path) -> bool:
    """Whether a model's folder has Python files, or a configuration that names code elsewhere."""
    return any(path.suffix == ".py" or MAPPING in path.read_bytes() for path in code_files(folder))


def code_files(folder: Path) -> Iterator[Path]:
    """Python files and configurations below a folder: together they decide which code runs."""
    return (path for path in folder.rglob("*") if path.suffix in (".py", ".json") and path.is_file())


def pickled_files(folder: Path) -> Iterator[Path]:
    """Files of a model's folder whose opening may run code."""
    return (path for kind in PICKLED for path in folder.glob(kind) if path.is_file())


def _check(option: str, model: str, what: str, folder: Path | None, files: Iterable[Path], commit: str | None) -> None:
    if folder is None:
        digest = sha256(f"{option} {model}@{commit}".encode()).hexdigest()
    else:
        digest = trust.digest_of_files(folder, files)
    trust.check_code(option, model, digest, f"model {model!r}: {what}")
