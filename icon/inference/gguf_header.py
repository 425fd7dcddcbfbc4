"""Reads the header of a GGUF file: architecture, single numbers, table of tensors, without the tensors themselves.

Format: the GGUF specification of ggml, versions 2 and 3, little-endian.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

MAGIC = b"GGUF"
VERSIONS = (2, 3)

SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
STRING, ARRAY = 8, 9
"""GGUF's numbers for the types of values."""

ALIGNMENT_KEY, ALIGNMENT = "general.alignment", 32
ARCHITECTURE_KEY = "general.architecture"


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """A row of the table of tensors.

    Attributes:
        name: Its name.
        shape: Its dimensions in the file's order, the fastest first.
        kind: Its type, as ggml numbers them.
        offset: Where its bytes begin, counted from the start of all tensors' bytes.
    """

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a file.

    Attributes:
        architecture: Name of the model's architecture in llama.cpp; "" where the file has none.
        numbers: Metadata values that are single numbers, by their keys.
        n_values: Number of all metadata values.
        values: Where the metadata lie in the file: their first byte, and the one after their last.
        tensors: The table of tensors.
        data_start: Where the tensors' bytes begin in the file.
        alignment: Every tensor begins at a multiple of so many bytes.
    """

    architecture: str
    numbers: dict[str, float]
    n_values: int
    values: tuple[int, int]
    tensors: tuple[TensorEntry, ...]
    data_start: int
    alignment: int


def read_header(path: Path) -> Header:
    """The header of a GGUF file.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not GGUF of a known version, or its header is damaged.
    """
    status = path.stat()
    return _read(path, (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))


@lru_cache(maxsize=64)
def _read(path: Path, stamp: tuple[int, ...]) -> Header:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _header(data)
    except (LookupError, RecursionError, OverflowError, struct.error) as error:
        raise ValueError(f"{path}: the header is damaged: {error}") from error


def _header(data: mmap.mmap) -> Header:
    if data[:4] != MAGIC:
        raise ValueError("not a GGUF file")
    version, n_tensors, n_values = struct.unpack_from("<IQQ", data, 4)
    if version not in VERSIONS:
        raise ValueError(f"GGUF of version {version}; known: {', '.join(map(str, VERSIONS))}")
    start = at = 24
    architecture = ""
    numbers: dict[str, float] = {}
    for _ in range(n_values):
        key, at = _string(data, at)
        (kind,) = struct.unpack_from("<I", data, at)
        at += 4
        if kind in SCALARS:
            (numbers[key],) = struct.unpack_from(SCALARS[kind], data, at)
        elif kind == STRING and key == ARCHITECTURE_KEY:
            architecture, _ = _string(data, at)
        at = _after(data, at, kind)
    end, tensors = at, []
    for _ in range(n_tensors):
        tensor, at = _entry(data, at)
        tensors.append(tensor)
    alignment = int(numbers.get(ALIGNMENT_KEY, ALIGNMENT)) or ALIGNMENT
    return Header(architecture, numbers, n_values, (start, end), tuple(tensors), at + -at % alignment, alignment)


def _entry(data: mmap.mmap, at: int) -> tuple[TensorEntry, int]:
    name, at = _string(data, at)
    (n_dimensions,) = struct.unpack_from("<I", data, at)
    *shape, kind, offset = struct.unpack_from(f"<{n_dimensions}QIQ", data, at + 4)
    return TensorEntry(name, tuple(shape), kind, offset), at + 4 + 8 * n_dimensions + 12


def _string(data: mmap.mmap, at: int) -> tuple[str, int]:
    """The text at this offset, and where it ends."""
    end = _after(data, at, STRING)
    return data[at + 8 : end].decode("utf-8", "replace"), end


def _after(data: mmap.mmap, at: int, kind: int) -> int:
    """Where the value of that type ends that begins at this offset.

    Raises:
        struct.error: The file ends before.
        LookupError: There is no such type.
    """
    if kind == STRING:
        (length,) = struct.unpack_from("<Q", data, at)
        return at + 8 + int(length)
    if kind != ARRAY:
        return at + struct.calcsize(SCALARS[kind])
    inner, n_items = struct.unpack_from("<IQ", data, at)
    at += 12
    if inner in SCALARS:
        return at + int(n_items) * struct.calcsize(SCALARS[inner])
    for _ in range(n_items):
        at = _after(data, at, inner)
    return at
