"""Zstandard files as a stream, decompressed block by block, so that no more than a block is in memory."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from typing_extensions import Buffer

_MAGIC = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = range(0x184D2A50, 0x184D2A60)
_REPEATED = 1
"""The type of a block that is one byte, repeated."""
_CHUNK = 128 * 1024


class ZstdStream(io.RawIOBase):
    """The decompressed bytes of all frames of a file (format: RFC 8878, section 3.1).

    The library's own reader does not say that a file ends within a frame, and its other interface returns at once all
    that a piece of the file grows to: half a gigabyte from 16 KiB. So it is given one block at a time, at most 128 KiB
    when decompressed. The first bytes of frames and blocks say how long they are.

    Args:
        file: The compressed bytes.

    Raises:
        EOFError: By any read: the file ends within a frame.
        OSError: By any read: it is not Zstandard, or is damaged.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._ready = memoryview(b"")
        self._frame: Any = None
        self._has_checksum = False

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fill the buffer as far as there are bytes; their number, 0 at the end."""
        while not self._ready:
            piece = self._block() if self._frame is not None else self._beginning()
            if piece is None:
                return 0
            self._ready = memoryview(piece)
        target = memoryview(buffer).cast("B")
        n = min(len(target), len(self._ready))
        target[:n] = self._ready[:n]
        self._ready = self._ready[n:]
        return n

    def _beginning(self) -> bytes | None:
        """Read the header of a frame, or pass over a frame without data; None at the file's end."""
        import zstandard

        magic = self._file.read(4)
        if not magic:
            return None
        if len(magic) == 4 and int.from_bytes(magic, "little") in _SKIPPABLE:
            left = int.from_bytes(self._take(4), "little")
            while left:
                left -= len(self._take(min(left, _CHUNK)))
            return b""
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        if magic != _MAGIC:
            return self._decompress(magic + self._file.read(16))
        descriptor = self._take(1)
        flags = descriptor[0]
        one_segment, self._has_checksum = flags >> 5 & 1, bool(flags >> 2 & 1)
        n_of_size = (one_segment, 2, 4, 8)[flags >> 6]
        n_of_header = (1 - one_segment) + (0, 1, 2, 4)[flags & 3] + n_of_size  # window, dictionary, size
        return self._decompress(magic + descriptor + self._take(n_of_header))

    def _block(self) -> bytes:
        head = self._take(3)
        number = int.from_bytes(head, "little")
        is_last, kind, size = number & 1, number >> 1 & 3, number >> 3
        data = head + self._take(1 if kind == _REPEATED else size)
        if is_last and self._has_checksum:
            data += self._take(4)
        ready = self._decompress(data)
        if is_last:
            if not self._frame.eof:
                raise OSError("damaged data")
            self._frame = None
        return ready

    def _take(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise EOFError
        return data

    def _decompress(self, data: bytes) -> bytes:
        import zstandard

        try:
            ready: bytes = self._frame.decompress(data)
        except zstandard.ZstdError as error:
            raise OSError(str(error)) from None
        return ready
