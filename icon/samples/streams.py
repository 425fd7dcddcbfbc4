"""Opens files as byte streams, decompressing .gz and .zst; any failure to read is an InputError."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from icon.errors import InputError

if TYPE_CHECKING:
    from typing_extensions import Buffer

COMPRESSED = (".gz", ".zst")
_CHUNK = 16 * 1024


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """The file's decompressed bytes as a buffered stream.

    Raises:
        InputError: The file cannot be opened or read, is not of the kind of its ending, or is truncated.
    """
    try:
        with path.open("rb") as file:
            yield _decompressed(file, path.suffix.lower())
    except EOFError:
        raise InputError(
            f"{path}: the compressed data ends too early; the file is incomplete: copy or download it again"
        ) from None
    except (OSError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path}: cannot be read as {_kind(path)}: {reason}") from None


def _decompressed(file: BinaryIO, suffix: str) -> BinaryIO:
    if suffix == ".gz":
        return cast(BinaryIO, gzip.GzipFile(fileobj=file))
    if suffix == ".zst":
        return io.BufferedReader(_ZstdStream(file))
    return file


def _kind(path: Path) -> str:
    names = {".gz": "gzip", ".zst": "Zstandard"}
    return names.get(path.suffix.lower(), "a file")


class _ZstdStream(io.RawIOBase):
    """Decompresses frame after frame; unlike the library's reader it raises where a file ends within a frame."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._compressed = b""
        self._ready = memoryview(b"")
        self._frame: Any = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        while not self._ready:
            data = self._compressed or self._file.read(_CHUNK)
            if not data:
                if self._frame is not None:
                    raise EOFError
                return 0
            self._ready = memoryview(self._decompress(data))
        target = memoryview(buffer).cast("B")
        n = min(len(target), len(self._ready))
        target[:n] = self._ready[:n]
        self._ready = self._ready[n:]
        return n

    def _decompress(self, data: bytes) -> bytes:
        import zstandard

        if self._frame is None:
            self._frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            ready: bytes = self._frame.decompress(data)
        except zstandard.ZstdError as error:
            raise OSError(str(error)) from None
        self._compressed = self._frame.unused_data if self._frame.eof else b""
        if self._frame.eof:
            self._frame = None
        return ready
