"""Code that comes with a model, and files that may run code when they are opened: what there is, and its digest."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from transformers.utils.hub import cached_file

from icon import trust
from icon.errors import BackendError, ModelNameError
from icon_torch.options import TorchOptions

SAFE = ("model.safetensors", "model.safetensors.index.json")
"""Weights that are read without running anything; where a folder has them, no others are opened."""

PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
CODE = "the Python code that comes with the model"
WEIGHTS = "the weights, which are not safetensors and can run code when opened,"
MAPPING = "auto_map"
"""How a configuration names Python code of the model's own, in its folder or in another one, on the hub or here."""

ELSEWHERE = "--"
"""What ends the name of another folder in such a value: `owner/repo--module.Class`."""

MOST_FILES = 20_000
"""Files below a model's folder, links to folders followed, up to which its code is looked for."""

KERNELS = {"_attn_implementation": "attn_implementation", "_experts_implementation": "experts_implementation"}
"""Fields of a configuration that may name a compiled kernel, by attribute."""


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
            digest = _digest("trust_remote_code", options.model, folder, files, commit)
            _check_code(options.model, digest, others(options.model, folder, commit))
        if pickle:
            files = () if folder is None else pickled_files(folder)
            digest = _digest("allow_pickle", options.model, folder, files, commit)
            trust.check_code("allow_pickle", options.model, digest, f"model {options.model!r}: {WEIGHTS}")
    except OSError as error:
        raise BackendError(f"model {options.model!r}: {error.filename}: cannot be read: {error.strerror}") from error
    return options.model_copy(update={"trust_remote_code": code, "allow_pickle": pickle})


def refuse_kernel(model: str, config: Any) -> None:
    """Refuse a configuration that names a compiled kernel of the hub, which transformers would fetch and run.

    Raises:
        ModelNameError: It or the configuration of a part names one; icon's own attention takes its place anyway.
    """
    for attribute, field in KERNELS.items():
        asked = getattr(config, attribute, None)
        if "/" in str(asked):
            raise ModelNameError(
                f"model {model!r}: config.json: field {field!r}: found {asked!r}, code from the hub; valid: one of "
                "transformers' own, or none: take the field out"
            )
    for part in getattr(config, "sub_configs", None) or ():
        if (own := getattr(config, part, None)) is not None:
            refuse_kernel(model, own)


def has_code(folder: Path) -> bool:
    """Whether a model's folder has Python files, or a configuration that names code elsewhere."""
    return any(path.suffix == ".py" or MAPPING.encode() in path.read_bytes() for path in code_files(folder))


def code_files(folder: Path) -> Iterator[Path]:
    """Python files and configurations below a folder, linked folders included: they decide which code runs.

    Raises:
        BackendError: There are too many files.
    """
    seen, count = set[str](), 0
    for place, folders, names in os.walk(folder, followlinks=True):
        if (real := os.path.realpath(place)) in seen:
            folders.clear()  # a link back
            continue
        seen.add(real)
        count += len(names) + len(folders)
        if count > MOST_FILES:
            raise BackendError(
                f"model {str(folder)!r}: code of its own was looked for, and there are more than {MOST_FILES:,} files "
                "below its folder; valid: a folder with the files of the model"
            )
        yield from (path for name in names if (path := Path(place, name)).suffix in (".py", ".json") and path.is_file())


def pickled_files(folder: Path) -> Iterator[Path]:
    """Files of a model's folder whose opening may run code."""
    return (path for kind in PICKLED for path in folder.glob(kind) if path.is_file())


def others(model: str, folder: Path | None, commit: str | None) -> list[str]:
    """Other folders and repositories that the model's configurations name code of, in order."""
    if folder is None:
        missing_is_none = {
            "_raise_exceptions_for_missing_entries": False,
            "_raise_exceptions_for_connection_errors": False,
        }
        names = ("config.json", "tokenizer_config.json")
        asked = (cached_file(model, name, revision=commit, **missing_is_none) for name in names)
        paths = [Path(path) for path in asked if path is not None]
    else:
        paths = [path for path in code_files(folder) if path.suffix == ".json"]
    found = {named.partition(ELSEWHERE)[0] for path in paths for named in _named(path) if ELSEWHERE in named}
    return sorted(other for other in found if not _is_itself(other, model, folder))


def _named(path: Path) -> Iterator[str]:
    """All texts below a field `auto_map` of a JSON file; none where it cannot be read, by transformers neither."""
    try:
        waiting = [(json.loads(path.read_bytes()), False)]
    except (ValueError, RecursionError):
        return
    while waiting:
        value, is_mapping = waiting.pop()
        if isinstance(value, dict):
            waiting += [(item, is_mapping or key == MAPPING) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(item, is_mapping) for item in value]
        elif isinstance(value, str) and is_mapping:
            yield value


def _is_itself(other: str, model: str, folder: Path | None) -> bool:
    if folder is None:
        return other == model
    return os.path.isdir(other) and os.path.realpath(other) == os.path.realpath(folder)  # noqa: PTH112  any text


def _check_code(model: str, digest: str, elsewhere: Sequence[str]) -> None:
    """Ask for permission; the code of another folder is part of the digest, that of another repository is not known."""
    of_hub = [other for other in elsewhere if not os.path.isdir(other)]  # noqa: PTH112  any text
    for place in (Path(other) for other in elsewhere if other not in of_hub):
        known = trust.digest_of_files(place, (path for path in code_files(place) if path.suffix == ".py"))
        digest = sha256(f"{digest} {known}".encode()).hexdigest()
    names = f", whose configuration names code of {', '.join(elsewhere)}" if elsewhere else ""
    trust.check_code("trust_remote_code", model, digest, f"model {model!r}{names}: {CODE}", lasting=not of_hub)


def _digest(option: str, model: str, folder: Path | None, files: Iterable[Path], commit: str | None) -> str:
    if folder is None:
        return sha256(f"{option} {model}@{commit}".encode()).hexdigest()
    return trust.digest_of_files(folder, files)
