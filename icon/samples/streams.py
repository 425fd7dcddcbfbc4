"""Opens files as byte streams, decompressing .gz and .zst; any failure to read is an InputError."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from icon.errors import InputError
from icon.samples.bounds import MAX_RATIO, RATIO_FROM

if TYPE_CHECKING:
    from typing_extensions import Buffer

COMPRESSED = (".gz", ".zst")
_CHUNK = 128 * 1024
_PIECE = 8 * 1024


class BrokenStream(InputError):
    """The bytes of a file end too early or are damaged; the message is in two parts, between which the row goes."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__(f"{before}{after}")
        self._before, self._after = before, after

    def __reduce__(self) -> tuple[type[BrokenStream], tuple[str, str]]:
        return BrokenStream, (self._before, self._after)

    def behind(self, row: int) -> InputError:
        """The same, with the last row that could be read; below 0 where none could."""
        return InputError(f"{self._before}{f' after row {row}' if row >= 0 else ''}{self._after}")


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """The file's decompressed bytes as a buffered stream.

    Raises:
        BrokenStream: The file cannot be opened or read, is not of the kind of its ending, or is truncated.
        InputError: It grows beyond `bounds.MAX_RATIO` when it is decompressed.
    """
    try:
        with path.open("rb") as file:
            yield _decompressed(path, file)
    except EOFError:
        what = f"{path}: the compressed data ends too early"
        raise BrokenStream(what, "; the file is incomplete: copy or download it again") from None
    except (OSError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BrokenStream(f"{path}: cannot be read as {_kind(path)}", f": {reason}") from None


def _decompressed(path: Path, file: BinaryIO) -> BinaryIO:
    suffix = path.suffix.lower()
    if suffix not in COMPRESSED:
        return file
    # readinto1, since readinto of gzip loses what comes before a file breaks off
    fill = gzip.GzipFile(fileobj=file).readinto1 if suffix == ".gz" else _zstandard(file)
    return io.BufferedReader(_Bounded(path, file, fill), _CHUNK)


def _zstandard(file: BinaryIO) -> Callable[[Buffer], int]:
    """Fills a buffer with decompressed bytes, a few at a time: Arrow's stream loses those of a call that fails.

    Its memory is that of the frame's window, of at most 128 MiB; a file that ends within a frame is an error.
    """
    import pyarrow as pa

    stream = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")

    def fill(buffer: Buffer) -> int:
        try:
            return int(stream.readinto(memoryview(buffer)[:_PIECE]))
        except pa.ArrowException as error:
            raise OSError(str(error)) from None
        except OSError as error:
            raise (EOFError() if "Truncated" in str(error) else error) from None

    return fill


def _kind(path: Path) -> str:
    names = {".gz": "gzip", ".zst": "Zstandard"}
    return names.get(path.suffix.lower(), "a file")


class _Bounded(io.RawIOBase):
    """Decompressed bytes, until there are too many for the compressed ones that they came from."""

    def __init__(self, path: Path, file: BinaryIO, fill: Callable[[Buffer], int]) -> None:
        self._path, self._file, self._fill = path, file, fill
        self._n_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        n = self._fill(buffer)
        self._n_bytes += n
        if self._n_bytes > RATIO_FROM and self._n_bytes > MAX_RATIO * self._file.tell():
            how = "gunzip" if self._path.suffix.lower() == ".gz" else "zstd -d"
            raise InputError(
                f"{self._path}: found compressed data that grows to more than {MAX_RATIO:,} times its size; valid: "
                f"less, beyond {RATIO_FROM // 1024**3} GiB; if the file is meant so, decompress it first: {how} FILE"
            )
        return n
