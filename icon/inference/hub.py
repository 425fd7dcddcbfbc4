"""Files of models on the Hugging Face hub, or in its local cache."""

from __future__ import annotations

import re
from pathlib import Path

from icon.errors import BackendError

GGUF_NAME = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)/(?P<file>.+\.gguf)")
"""How users name a GGUF file on the hub: owner/repo/file.gguf."""


def hub_file(repo: str, file: str) -> Path:
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
