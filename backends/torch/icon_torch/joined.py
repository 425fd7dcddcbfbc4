"""Joins the parts of a GGUF model into one file, which is what transformers reads.

The first part's metadata stay as they are; the tables of tensors become one, and the tensors' bytes follow one another.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from icon.errors import ModelNameError
from icon.inference.gguf_header import Header, TensorEntry, read_header

START = 24
"""Bytes of a file before its metadata: magic, version, and the numbers of tensors and of values."""

BLOCK = 1 << 24
"""Bytes that are copied at once."""


def join(parts: Sequence[Path], target: Path) -> None:
    """Write the parts as one file.

    Args:
        parts: All parts of the model, in order.
        target: The file to write.

    Raises:
        ModelNameError: A part is cut off.
        OSError: A part cannot be read, or the target not be written.
    """
    headers = [read_header(part) for part in parts]
    lengths = [_length(part, header) for part, header in zip(parts, headers, strict=True)]
    first = headers[0]
    with target.open("wb") as out, parts[0].open("rb") as source:
        out.write(source.read(4 + 4))
        out.write(struct.pack("<QQ", sum(len(header.tensors) for header in headers), first.n_values))
        source.seek(START)
        out.write(source.read(first.values[1] - START))
        base = 0
        for header, length in zip(headers, lengths, strict=True):
            out.writelines(_row(tensor, base) for tensor in header.tensors)
            base += _padded(length, first.alignment)
        out.write(bytes(-out.tell() % first.alignment))
        for part, header, length in zip(parts, headers, lengths, strict=True):
            _copy(part, header.data_start, out)
            out.write(bytes(_padded(length, first.alignment) - length))


def _row(tensor: TensorEntry, base: int) -> bytes:
    """The tensor's row in the table, its bytes moved by that much."""
    name = tensor.name.encode()
    shape = struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape)
    return struct.pack("<Q", len(name)) + name + shape + struct.pack("<IQ", tensor.kind, tensor.offset + base)


def _copy(part: Path, start: int, out: IO[bytes]) -> None:
    with part.open("rb") as source:
        source.seek(start)
        shutil.copyfileobj(source, out, BLOCK)


def _length(part: Path, header: Header) -> int:
    """Number of bytes of the part's tensors, to the end of the file.

    Raises:
        ModelNameError: The file ends before its last tensor.
    """
    length = part.stat().st_size - header.data_start
    needed = max((tensor.offset + n_bytes(tensor) for tensor in header.tensors), default=0)
    if length < needed:
        raise ModelNameError(
            f"model file {part} is cut off: it has {max(length, 0):,} bytes of tensors and needs {needed:,}; copy or "
            "download it again"
        )
    return length


def n_bytes(tensor: TensorEntry) -> int:
    """Number of bytes of a tensor.

    Raises:
        ValueError: It is of a type that the package gguf does not know.
    """
    import gguf

    block, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType(tensor.kind)]
    n = 1
    for dimension in tensor.shape:
        n *= dimension
    return n // block * size


def _padded(length: int, alignment: int) -> int:
    return length + -length % alignment
