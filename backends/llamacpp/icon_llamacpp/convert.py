"""Converts a model's weights to another type, once, into the cache, completely or not at all."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from icon.errors import BackendError
from icon.inference import cache, weights_digest
from icon_llamacpp.interrupts import held_back
from icon_llamacpp.library import library

FILE_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 7, "bf16": 32}
"""llama.cpp's numbers (`llama_ftype`) of the supported types."""


def place(source: Path, precision: str) -> Path:
    """Path of the source's weights in that type; its name has the digest of all their files, so it is never stale."""
    return cache.folder() / f"{source.stem}-{weights_digest(source)[:16]}-{precision}.gguf"


def converted(source: Path, precision: str, threads: int) -> Path:
    """The source's weights in that type, from the cache or converted now.

    Raises:
        BackendError: The cache cannot be written, the disk is full, or llama.cpp cannot convert the file.
    """
    final = place(source, precision)
    if not final.is_file():
        with cache.workspace() as folder:
            cache.keep(convert(source, folder / final.name, precision, threads), final)
    return final


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
    with held_back():
        fault = api.llama_model_quantize(os.fsencode(source), os.fsencode(target), ctypes.byref(params))
    if fault:
        raise BackendError(
            f"cannot convert {source} to {precision} in {cache.folder()} (is the disk full?): {library().last_errors()}"
        )
    return target
