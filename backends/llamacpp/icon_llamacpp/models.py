"""From what a user names as the model to a GGUF file."""

from __future__ import annotations

import re
from pathlib import Path

from icon.errors import BackendError, UserError
from icon.inference.embedded import EMBEDDED, embedded

HUB = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)/(?P<file>.+\.gguf)")


def resolve(model: str) -> Path:
    """The GGUF file behind a model's name: a path, `owner/repo/file.gguf` on the hub, or `smollm2`.

    Raises:
        UserError: There is no such file, or the embedded model is not installed.
        BackendError: The hub cannot give the file.
    """
    if model == EMBEDDED:
        return embedded_file()
    path = Path(model).expanduser()
    if path.is_file():
        return path
    if path.is_dir():
        raise UserError(f"model {model!r} is a folder; name the .gguf file in it")
    if (match := HUB.fullmatch(model)) and not path.parent.exists():
        return download(match["repo"], match["file"])
    raise UserError(
        f"no model {model!r}: there is no such file; valid: a path to a .gguf file, owner/repo/file.gguf on the "
        f"Hugging Face hub, or {EMBEDDED!r} for the embedded model"
    )


def embedded_file() -> Path:
    """The embedded model's file.

    Raises:
        UserError: Its package is not installed.
    """
    return embedded("icon-llamacpp", "backends/llamacpp")


def download(repo: str, file: str) -> Path:
    """The file from the hub, or from its local cache.

    Raises:
        BackendError: There is no such file, or the hub cannot be reached and the file is not in the cache.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(hf_hub_download(repo, file))
    except LocalEntryNotFoundError as error:
        raise BackendError(
            f"model {repo}/{file} is not in the local hub cache and the hub cannot be reached; connect to it once, "
            "or give the path of a .gguf file on this machine"
        ) from error
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        raise BackendError(f"model {repo}/{file} cannot be had from the hub: {error}") from error
