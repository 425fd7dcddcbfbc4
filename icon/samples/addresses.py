"""Where a pool is: the files and data sets that one or several addresses of the user come to."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from icon._near import near, near_file
from icon.errors import InputError
from icon.samples.kinds import ENDINGS, is_readable, kind_of
from icon.samples.shareable import without_secrets

SAVED = ("state.json", "dataset_dict.json")
"""Files that say that `datasets` saved a folder."""

VALID = (
    ".jsonl, .ndjson, .json (an array of objects) and .csv, each also compressed as .gz or .zst; .parquet; several of "
    "them as a glob or folder; a folder saved with datasets' save_to_disk; an address such as hf://datasets/...; or a "
    "hub name such as owner/name, owner/name:config or owner/name:config@revision"
)

_HUB_NAME = re.compile(r"(?P<name>[\w-][\w.-]*(/[\w-][\w.-]*)?)(:(?P<config>[\w.-]+))?(@(?P<revision>[\w./-]+))?")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://")
_SPLITS = ("train", "test", "validation", "valid", "val", "dev", "eval")
_SPLIT_FILE = re.compile(rf"({'|'.join(_SPLITS)})(?:-\d+-of-\d+)?\.")
_OF_FOLDERS = ("dataset_info.json", "dataset_infos.json")


class Chosen(NamedTuple):
    """Names of files that are read, and of those that are of other splits."""

    files: list[str]
    others: list[str]


class HubName(NamedTuple):
    """A data set of the hub: its name, and the configuration and revision where they are given."""

    name: str
    config: str | None
    revision: str | None


@dataclass(frozen=True, slots=True)
class Piece:
    """A file or data set that is read from its beginning to its end.

    Attributes:
        address: The address of the user that it belongs to.
        name: Its name, for messages.
        place: Path of a file on this machine, path of a folder that `datasets` saved, or hub name.
        is_file: Whether it is a file.
        others: Of the first file of a folder, the files that are not read since they are of other splits.
    """

    address: str
    name: str
    place: str
    is_file: bool
    others: tuple[str, ...] = ()


def named(source: str | Sequence[str]) -> str:
    """A source in a few words: its address without secrets, or that of the first and how many more."""
    first, *others = addresses_of(source)
    return without_secrets(first) + (f" and {len(others)} more" if others else "")


def addresses_of(source: str | Sequence[str]) -> tuple[str, ...]:
    """The addresses of a source.

    Raises:
        InputError: There is none, or one is given twice.
    """
    addresses = (source,) if isinstance(source, str) else tuple(source)
    if not addresses:
        raise InputError(f"found no pool; valid: {VALID}")
    if twice := next((one for one in addresses if addresses.count(one) > 1), None):
        raise InputError(f"{without_secrets(twice)}: found twice among the pools; valid: each file or name once")
    return addresses


def pieces_of(source: str | Sequence[str], split: str = "train") -> list[Piece]:
    """The files and data sets of a source, in the order of its addresses and of the names of files.

    Args:
        source: One address or several.
        split: Which split, of data sets and of folders whose files are named after splits.

    Raises:
        InputError: An address leads to nothing, or to a file of no known kind.
    """
    pieces = [piece for address in addresses_of(source) for piece in _pieces(address, split)]
    places: dict[str, Piece] = {}
    for piece in pieces:
        key = str(Path(piece.place).resolve()) if piece.is_file else piece.place
        if (other := places.setdefault(key, piece)) is not piece:
            raise InputError(
                f"{piece.name}: found twice, by {without_secrets(other.address)} and {without_secrets(piece.address)}; "
                "valid: each file once"
            )
    return pieces


def notes_of(pieces: Sequence[Piece], split: str) -> list[str]:
    """For each folder of which files are not read, a sentence that names them."""
    return [
        f"{without_secrets(piece.address)}: {len(piece.others):,} file{'s' if len(piece.others) != 1 else ''} of other "
        f"splits than {split!r} {'are' if len(piece.others) != 1 else 'is'} not read (--split): "
        f"{', '.join(piece.others[:3])}{', ...' if len(piece.others) > 3 else ''}"
        for piece in pieces
        if piece.others
    ]


def hub_name(source: str) -> HubName | None:
    """A hub name in its parts; None where the text is none."""
    found = _HUB_NAME.fullmatch(source)
    return HubName(found["name"], found["config"], found["revision"]) if found else None


def _pieces(address: str, split: str) -> list[Piece]:
    if _ADDRESS.match(address) and not address.startswith("file://"):
        from icon.samples.sources.remote import fetched

        files, others = fetched(address, split, partial(chosen_files, split=split))
        return _files(address, [(name, str(path)) for name, path in files], others)
    path = _path(address)
    try:
        if path.is_dir():
            return _folder(address, path, split)
        if path.is_file():
            return [_file(address, address, str(path))]
        if path.exists():
            raise InputError(f"{address}: neither a file nor a folder (a pipe or device?); valid: {VALID}")
    except OSError as error:
        raise InputError(f"{address}: cannot be opened: {error.strerror}") from None
    if glob.has_magic(address):
        found = sorted(name for name in glob.glob(address, recursive=True) if is_readable(name))  # noqa: PTH207
        if not found:
            raise InputError(f"{address}: no file of a known kind fits this pattern; valid: {VALID}")
        return [_file(address, name, name) for name in found]
    if kind_of(path)[0] in ENDINGS or hub_name(address) is None or _is_mistyped(path):
        meant = near_file(path)
        raise InputError(f"{address}: no such file or folder{'.' + meant if meant else '; valid: ' + VALID}")
    return [Piece(address, address, address, is_file=False)]


def _path(address: str) -> Path:
    if not address.startswith("file://"):
        return Path(address)
    from urllib.request import url2pathname  # takes 40 ms

    return Path(url2pathname(urlsplit(address).path))


def _is_mistyped(path: Path) -> bool:
    """Whether a text that may be a hub name is that of a file nearby whose ending is mistyped: pool.jsnl."""
    return bool(near(path.suffix, ENDINGS) and near_file(path))


def _file(address: str, name: str, place: str) -> Piece:
    if not is_readable(place):
        found = Path(place).suffix or "(none)"
        raise InputError(f"{name}: found the file ending {found!r}; valid: {VALID}")
    return Piece(address, name, place, is_file=True)


def _folder(address: str, folder: Path, split: str) -> list[Piece]:
    """A folder that `datasets` saved, or the files of one kind in a folder and the folders within it."""
    if any((folder / name).is_file() for name in SAVED):
        return [Piece(address, address, address, is_file=False)]
    runs = {path.parent for path in folder.rglob("run.json")}  # which hold records of a pool, and are none
    paths = (path for path in folder.rglob("*") if path.is_file() and runs.isdisjoint(path.parents))
    files = sorted(name for name in (str(path.relative_to(folder)) for path in paths) if _is_shard(name))
    kinds = sorted({kind_of(Path(name))[0] for name in files})
    if len(kinds) > 1:
        raise InputError(
            f"{address}: a folder with files of {len(kinds)} kinds ({', '.join(kinds)}); valid: one kind; name them by "
            f"a glob: {folder / f'*{kinds[0]}'}"
        )
    chosen, others = chosen_files(files, split)
    if not chosen:
        found = f"a folder whose files are of other splits than {split!r} (--split)" if files else "a folder"
        raise InputError(
            f"{address}: {found} without a data set saved with datasets' save_to_disk, and without files to "
            f"read; valid: {VALID}"
        )
    return _files(address, [(str(folder / name), str(folder / name)) for name in chosen], others)


def _files(address: str, files: Sequence[tuple[str, str]], others: Sequence[str]) -> list[Piece]:
    """The pieces of an address of several files, by name and place; the first has the names of those left out."""
    pieces = [_file(address, name, place) for name, place in files]
    return [replace(pieces[0], others=tuple(others)), *pieces[1:]]


def _is_shard(name: str) -> bool:
    parts = Path(name).parts
    return not any(part.startswith((".", "_")) for part in parts) and parts[-1] not in _OF_FOLDERS and is_readable(name)


def chosen_files(names: Sequence[str], split: str) -> Chosen:
    """The files of a folder that are read: all but those that belong to another split by their names.

    Names say splits as those of the hub do: `data/train-00000-of-00002.parquet`, `train.jsonl`, `train/part.csv`.

    Args:
        names: Paths within the folder.
        split: The split.
    """
    files = [name for name in names if _is_shard(name.lstrip("/"))]
    splits = {name: _split_of(name) for name in files}
    own = [name for name in files if splits[name] in ("", split)]
    return Chosen(own, [name for name in files if splits[name] not in ("", split)])


def _split_of(name: str) -> str:
    """The split that a path within a folder says; empty where it says none."""
    *folders, file = Path(name.lower()).parts
    found = _SPLIT_FILE.match(file)
    return next((folder for folder in folders if folder in _SPLITS), found[1] if found else "")
