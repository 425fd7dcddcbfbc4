"""Resolves the name of a model to its files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from icon import network
from icon.errors import ModelNameError, UserError
from icon.inference import EMBEDDED, GGUF_NAME, embedded, hub_file, shards
from icon.inference.model_files import near_file, not_cached, out_of_reach

VALID_HERE = f"a local folder with config.json, a .gguf file, or {EMBEDDED!r} for the embedded model"
"""Valid models other than hub names, for messages."""

WHOLE = ("model.safetensors", "pytorch_model.bin")
"""Names of a model's weights in one file; those in several are listed in a file of that name and `.index.json`."""

ADAPTER = "adapter_config.json"

HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class Source:
    """Source of a model; one of the three is set.

    Attributes:
        gguf: A GGUF file.
        folder: A local folder in transformers' format.
        hub: A name on the Hugging Face hub.
    """

    gguf: Path | None = None
    folder: Path | None = None
    hub: str | None = None


def resolve(model: str, revision: str | None = None) -> Source:
    """The source of a model by its name; only a hub name has revisions.

    Raises:
        ModelNameError: There is no such model, or only a part of it; of a hub name only the form is checked.
        UserError: The embedded model is not installed, or a revision is set for something other than a hub name.
        BackendError: The hub does not deliver the GGUF file.
    """
    source = _resolve(model)
    if revision is not None and source.hub is None:
        raise UserError(
            f"revision={revision}: model {model!r} is not a hub name, so it has no revisions; valid: revision with a "
            "hub name such as meta-llama/Llama-3.1-8B, or leave it out"
        )
    return source


def find(model: str, revision: str | None = None) -> None:
    """Refuse a name that `resolve`, or opening the model, would refuse, without a download.

    Raises:
        ModelNameError: There is no such file or folder, or it is on the hub, which cannot be reached, and not in the
            local cache.
        UserError: The embedded model is not installed.
    """
    path = Path(model).expanduser()
    if (match := GGUF_NAME.fullmatch(model)) and not path.exists() and not path.parent.exists():
        if because := out_of_reach(match["repo"], match["file"]):
            raise not_cached(model, because)
        return
    source = resolve(model, revision)
    if source.hub is not None and (because := out_of_reach(source.hub, "config.json", revision)):
        raise not_here(model, revision, because)


def not_here(model: str, revision: str | None, because: str) -> ModelNameError:
    """The error for a hub name that the local cache does not have, while the hub is not asked."""
    of_revision = f" at revision {revision}" if revision else ""
    return ModelNameError(
        f"no model {model!r}: there is no such folder, the local hub cache does not have it{of_revision}, and "
        f"{network.not_asked(because)}; valid offline: a hub name that was downloaded before, a local "
        f"folder or .gguf file, or {EMBEDDED!r} for the embedded model"
    )


def _resolve(model: str) -> Source:
    if model == EMBEDDED:
        return Source(gguf=embedded("icon-torch", "backends/torch"))
    path = Path(model).expanduser()
    if path.is_file():
        if path.suffix != ".gguf":
            raise ModelNameError(f"model {model!r} is a file but not a .gguf file; name the folder with config.json")
        return Source(gguf=shards(path)[0])
    if path.is_dir():
        if (path / ADAPTER).is_file():
            raise adapter(model)
        if not (path / "config.json").is_file():
            raise ModelNameError(f"model {model!r} is a folder without config.json; valid: what save_pretrained writes")
        check_files(model, path)
        return Source(folder=path)
    if match := GGUF_NAME.fullmatch(model):
        if not path.parent.exists():
            return Source(gguf=hub_file(match["repo"], match["file"]))
    elif HUB_NAME.fullmatch(model) and path.suffix != ".gguf":
        return Source(hub=model)
    raise ModelNameError(
        f"no model {model!r}: there is no such file or folder; valid: a hub name such as meta-llama/Llama-3.1-8B, "
        f"{VALID_HERE}" + (f".{meant}" if (meant := near_file(path, [EMBEDDED])) else "")
    )


def adapter(model: str) -> ModelNameError:
    """The error for an adapter in place of a model."""
    return ModelNameError(
        f"model {model!r} has {ADAPTER}: it is an adapter, and transformers would load another model's weights with "
        "it; merge the two (merge_and_unload of peft) and save the result with save_pretrained"
    )


def check_files(model: str, folder: Path) -> None:
    """Refuse a folder that lacks some of the files that its weights are in.

    Raises:
        ModelNameError: It does; the message names them.
    """
    for whole in WHOLE:
        index = folder / f"{whole}.index.json"
        stem, _, ending = whole.rpartition(".")
        if (folder / whole).is_file():
            return
        if index.is_file():
            missing = sorted(name for name in _listed(model, index) if not (folder / name).is_file())
            if missing:
                raise ModelNameError(
                    f"model {model!r}: {index.name} lists files that are missing: {', '.join(missing)}; copy or "
                    "download them again"
                )
            return
        if parts := sorted(path.name for path in folder.glob(f"{stem}-*-of-*.{ending}")):
            raise ModelNameError(
                f"model {model!r} has its weights in several files ({parts[0]}, ..) and lacks the list of them, "
                f"{index.name}; copy or download it again"
            )


def _listed(model: str, index: Path) -> set[str]:
    """The files in which an index says that the weights are.

    Raises:
        ModelNameError: It is no index.
    """
    try:
        return set(map(str, json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ModelNameError(
            f"model {model!r}: {index.name} is not a list of the files that its weights are in ({error}); copy or "
            "download it again"
        ) from error
