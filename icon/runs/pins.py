"""Files of a run kept open, so that a reader sees one selection whole while another gets the same names."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO
from weakref import finalize

CAN_PIN = hasattr(os, "pread")
"""Whether a system allows to replace a file that is open, and to read it at a place: not on Windows."""


class Pins:
    """Open files by name.

    Args:
        places: By name, the places of a file, the preferred one first; the first that can be opened is kept open.
    """

    def __init__(self, places: Iterable[tuple[str, tuple[Path, ...]]]) -> None:
        self._open: dict[str, int] = {}
        finalize(self, _close, self._open)
        for name, several in places:
            for path in several:
                try:
                    self._open[name] = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe is opened without waiting
                    break
                except OSError:
                    continue

    def file(self, name: str) -> BinaryIO | None:
        """The file of that name, read from its beginning; None where there was none."""
        return io.BufferedReader(_Pinned(self._open[name])) if name in self._open else None


class _Pinned(io.RawIOBase):
    """A reader of an open file with a position of its own.

    Args:
        descriptor: The open file; the reader opens another descriptor of it.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = os.dup(descriptor)
        self._at = 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read bytes at the position."""
        view = memoryview(buffer).cast("B")
        data = os.pread(self._descriptor, len(view), self._at)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: os.fstat(self._descriptor).st_size}[whence]
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        """The position."""
        return self._at

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def close(self) -> None:
        """Close the descriptor."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def _close(descriptors: dict[str, int]) -> None:
    while descriptors:
        os.close(descriptors.popitem()[1])
