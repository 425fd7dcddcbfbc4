"""Files at addresses such as hf://, s3:// or https://, copied to the user's cache by fsspec and read from there.

An address that a run folder names is looked up in the cache alone (`icon.network`).
"""

from __future__ import annotations

import glob
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from icon import network
from icon.errors import InputError
from icon.samples.kinds import is_readable
from icon.samples.shareable import without_secrets

Choose = Callable[[Sequence[str]], tuple[Sequence[str], Sequence[str]]]
"""Chooses the names of files to read, and gives those of other splits."""

VARIABLE = "ICON_CACHE"
INDEX = "index.json"

Files = list[tuple[str, Path]]
"""Names at an address, each with the place of its copy."""

_known: dict[tuple[str, str], tuple[Files, tuple[str, ...]]] = {}
"""What this process has looked up, so that the records, digests and outputs of a run are of the same files."""


class _Copy(BaseModel):
    """A file in the cache: its name at the address, what identifies its content there, and its name here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    key: str
    file: str


class _Index(BaseModel):
    """The files of an address, in order, and those that are not read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str
    copies: tuple[_Copy, ...]
    others: tuple[str, ...] = ()


def folder() -> Path:
    """The folder of copies: `pools` below $ICON_CACHE or the user's cache folder; it need not exist."""
    if given := os.environ.get(VARIABLE):
        return Path(given) / "pools"
    from platformdirs import user_cache_path

    return user_cache_path("icon") / "pools"


def fetched(address: str, split: str, choose: Choose) -> tuple[Files, tuple[str, ...]]:
    """The files of an address on this machine, copied where they are new or changed; and names of those not read.

    Args:
        address: The address of a file, a glob, or a folder of files.
        split: For which split the files are chosen.
        choose: Chooses those to read among the names of a folder, relative to it.

    Raises:
        InputError: It cannot be reached, has no such file, or may not be asked and was never copied.
    """
    if "::" in address:
        raise InputError(
            f"{without_secrets(address)}: found two addresses in one; valid: the address of a file, glob or folder"
        )
    known = _known.get((address, split))
    if known is not None and all(path.is_file() for _, path in known[0]):
        return known
    place = folder() / sha256(f"{address}\n{split}".encode()).hexdigest()[:16]
    index = _index(place)
    with network.asking() if address.startswith("hf://") else nullcontext(network.why()) as because:
        if not because:
            index = _copied(address, place, index, choose)
        elif index is None:
            shown = without_secrets(address)
            raise InputError(f"{shown}: not among the copies on this machine, and {network.not_asked(because)}")
    found = [(without_secrets(copy.name), place / copy.file) for copy in index.copies], index.others
    _known[address, split] = found
    return found


def _index(place: Path) -> _Index | None:
    """The files that were copied; None where there are none, or one is gone."""
    try:
        found = _Index.model_validate_json((place / INDEX).read_bytes())
    except (OSError, ValidationError):
        return None
    return found if all((place / copy.file).is_file() for copy in found.copies) else None


def _copied(address: str, place: Path, before: _Index | None, choose: Choose) -> _Index:
    from fsspec.core import url_to_fs

    same = {copy.name: copy for copy in before.copies} if before else {}
    try:
        system, path = url_to_fs(address)
        copies = []
        place.mkdir(parents=True, exist_ok=True)
        names, others = _names(system, path, choose)
        for number, name in enumerate(names):
            copy = _Copy(name=name, key=_key(system, name), file=f"{number:05d}-{_last(name)}")
            if same.get(name) != copy:
                _download(system, name, place / copy.file)
            copies.append(copy)
        index = _Index(address=address, copies=tuple(copies), others=tuple(others))
        _write(place / INDEX, index.model_dump_json().encode())
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  the classes of errors are those of each address's own library
        said = str(error).replace(address, without_secrets(address))
        reason = f"{type(error).__name__}: {said[:300] or 'no further words'}"
        raise InputError(
            f"{without_secrets(address)}: cannot be read ({reason}); valid: the address of a file, glob or folder that "
            "can be reached, whose scheme fsspec has a package for; or "
            f"{'--offline, which takes the copy' if before else 'a file'} on this machine"
        ) from None
    return index


def _names(system: Any, path: str, choose: Choose) -> tuple[Sequence[str], Sequence[str]]:
    """The names of the files to read, and of those of other splits; a glob has all that it fits."""
    on_the_web = path.startswith(("http://", "https://"))  # where a ? begins a query
    if glob.has_magic(path.partition("?")[0] if on_the_web else path):
        names: Sequence[str] = [name for name in sorted(map(str, system.glob(path))) if is_readable(name)]
        others: Sequence[str] = []
    elif system.isfile(path):
        return [path], []
    else:
        start = path.rstrip("/") + "/"
        found = {str(name).removeprefix(start): str(name) for name in sorted(system.find(path))}
        chosen, left = choose(list(found))
        names, others = [found[name] for name in chosen], left
    if not names:
        raise FileNotFoundError("no file to read there")
    return names, others


def _key(system: Any, name: str) -> str:
    """What changes where the file does, as far as its place says it."""
    facts = system.info(name)
    described = {
        key: str(facts[key]) for key in ("ETag", "etag", "mtime", "LastModified", "sha256", "size") if facts.get(key)
    }
    return sha256(json.dumps([system.ukey(name), described], sort_keys=True, default=str).encode()).hexdigest()[:16]


def _last(name: str) -> str:
    """The file's own name, whose ending says of which kind it is."""
    return (urlsplit(name).path.rpartition("/")[2] or "file")[-100:]


def _download(system: Any, name: str, path: Path) -> None:
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=".making-")
    os.close(handle)
    try:
        system.get_file(name, made)
        Path(made).replace(path)
    finally:
        Path(made).unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    made = path.with_name(f".{path.name}-{os.getpid()}")
    made.write_bytes(data)
    made.replace(path)
