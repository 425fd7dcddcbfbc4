"""Writes a model's weights in another type: once, into the cache, whole or not at all."""

from __future__ import annotations

import ctypes
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from icon.errors import BackendError
from icon_llamacpp import cache
from icon_llamacpp.library import library

FILE_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 7, "bf16": 32}
"""llama.cpp's numbers (`llama_ftype`) of the types that can be asked for."""


def place(source: Path, precision: str) -> Path:
    """Where the source's weights in that type are kept; the name holds the source's digest, so it is never stale."""
    return cache.folder() / f"{source.stem}-{cache.digest(source)[:16]}-{precision}.gguf"


def converted(source: Path, precision: str, threads: int) -> Path:
    """The source's weights in that type: found in the cache, or made now.

    Raises:
        BackendError: The cache cannot be written, the disk is full, or llama.cpp cannot convert the file.
    """
    final = place(source, precision)
    if not final.is_file():
        with workspace() as folder:
            keep(convert(source, folder / final.name, precision, threads), final)
    return final


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder of this process's own inside the cache, removed in the end.

    Raises:
        BackendError: The cache cannot be written.
    """
    try:
        cache.folder().mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(dir=cache.folder(), prefix=".making-", ignore_cleanup_errors=True)
    except OSError as error:
        raise BackendError(
            f"the cache {cache.folder()} cannot be written ({error.strerror}); "
            f"set {cache.VARIABLE} to a folder that can, or use precision=as-is"
        ) from error
    with folder as name:
        yield Path(name)


def convert(source: Path, target: Path, precision: str, threads: int) -> Path:
    """Write the source's weights to the target in that type.

    Raises:
        BackendError: The disk is full, or llama.cpp cannot convert the file.
    """
    api = library().api
    params = api.llama_model_quantize_default_params()
    params.ftype = FILE_TYPES[precision]
    params.nthread = threads
    params.allow_requantize = True
    params.pure = precision in ("q8_0", "q4_0")
    library().forget_errors()
    if api.llama_model_quantize(os.fsencode(source), os.fsencode(target), ctypes.byref(params)) != 0:
        raise BackendError(
            f"cannot convert {source} to {precision} in {cache.folder()} (is the disk full?): {library().last_errors()}"
        )
    return target


def keep(made: Path, final: Path) -> None:
    """Move a finished file to its place, on the disk before it bears the name: whoever finds it finds it whole.

    Raises:
        BackendError: The disk refuses it.
    """
    try:
        with made.open("rb+") as file:
            os.fsync(file.fileno())
        made.replace(final)
    except OSError as error:
        raise BackendError(f"cannot write {final}: {error.strerror}") from error
