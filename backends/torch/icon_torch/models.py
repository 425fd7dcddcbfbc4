"""From what a user names as the model to where its files lie."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from icon.errors import ModelNameError, UserError
from icon.inference import EMBEDDED, GGUF_NAME, embedded, hub_file

VALID_HERE = f"a local folder with config.json, a .gguf file, or {EMBEDDED!r} for the embedded model"
"""What else is a model, where a hub name is none."""

HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model comes from; one of the three is set.

    Attributes:
        gguf: A GGUF file.
        folder: A local folder in transformers' format.
        hub: A name on the Hugging Face hub.
    """

    gguf: Path | None = None
    folder: Path | None = None
    hub: str | None = None


def resolve(model: str, revision: str | None = None) -> Source:
    """Where the model behind a name lies, of which only a model on the hub has revisions.

    Raises:
        ModelNameError: There is no such model; of a hub name only its form is looked at.
        UserError: The embedded model is not installed, or what is no hub name was to be of some revision.
        BackendError: The hub does not give the GGUF file.
    """
    found = _resolve(model)
    if revision is not None and found.hub is None:
        raise UserError(
            f"revision={revision}: model {model!r} is no hub name, so it has no revisions; valid: revision beside a "
            "hub name such as meta-llama/Llama-3.1-8B, or leave it out"
        )
    return found


def _resolve(model: str) -> Source:
    if model == EMBEDDED:
        return Source(gguf=embedded("icon-torch", "backends/torch"))
    path = Path(model).expanduser()
    if path.is_file():
        if path.suffix != ".gguf":
            raise ModelNameError(f"model {model!r} is a file but no .gguf file; name the folder that holds config.json")
        return Source(gguf=path)
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise ModelNameError(f"model {model!r} is a folder without config.json; valid: what save_pretrained writes")
        return Source(folder=path)
    if match := GGUF_NAME.fullmatch(model):
        if not path.parent.exists():
            return Source(gguf=hub_file(match["repo"], match["file"]))
    elif HUB_NAME.fullmatch(model):
        return Source(hub=model)
    raise ModelNameError(
        f"no model {model!r}: there is no such file or folder; valid: a hub name such as meta-llama/Llama-3.1-8B, "
        f"{VALID_HERE}"
    )
