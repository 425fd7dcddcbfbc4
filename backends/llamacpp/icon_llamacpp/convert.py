"""Converts a model's weights to another type, once, into the cache, completely or not at all."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
from math import prod
from pathlib import Path

from icon.errors import BackendError
from icon.inference import cache, shards, weights_digest
from icon.inference.gguf_header import read_header
from icon_llamacpp.interrupts import held_back
from icon_llamacpp.library import library
from icon_llamacpp.loading import file_type

FILE_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 7, "bf16": 32}
"""llama.cpp's numbers (`llama_ftype`) of the supported types."""

BITS = {"f32": 32, "f16": 16, "q4_0": 5, "q8_0": 9, "bf16": 16}
"""Bits per weight, with the scales of their blocks, rounded up."""


def place(source: Path, precision: str) -> Path:
    """Path of the source's weights in that type; its name has the digest of all their files, so it is never stale."""
    return cache.folder() / f"{source.stem}-{weights_digest(source)[:16]}-{precision}.gguf"


OF_FILE = re.compile(
    r"unsupported|not supported|unknown|invalid|requanti[sz]|dequanti[sz]|tensor type|missing|wrong|mismatch|duplicate",
    re.IGNORECASE,
)
"""What llama.cpp says where it cannot convert a kind of file, on every machine."""

OF_MEMORY = re.compile(r"alloc|memory|mmap", re.IGNORECASE)
"""What it says where this machine has too little memory just now."""

OF_MACHINE = re.compile(
    rf"{OF_MEMORY.pattern}|failed to (open|read)|(read|write) error|too many open|input/output|iostream|"
    r"invalid argument|unknown error",
    re.IGNORECASE,
)
"""What it says where this machine lacks something just now; the last two are words of the system."""

OTHERWISE = "which gives other and less exact numbers: -o backend.precision=as-is"


class UnconvertibleError(BackendError):
    """llama.cpp cannot convert the file, which depends on nothing but the file."""


def converted(source: Path, precision: str, threads: int) -> Path:
    """The source's weights in that type, from the cache or converted now; damaged ones are converted anew.

    Raises:
        UnconvertibleError: llama.cpp cannot convert the file.
        BackendError: The cache cannot be written, or its disk is full.
    """
    cache.sweep()
    final = place(source, precision)
    if cache.kept(final):
        return final
    try:
        with cache.workspace() as folder:
            cache.keep(convert(source, folder / final.name, precision, threads), final)
    except UnconvertibleError:
        raise
    except BackendError as error:
        raise BackendError(f"{error}, or evaluate the file's own weights, {OTHERWISE}") from error
    return final


def convert(source: Path, target: Path, precision: str, threads: int) -> Path:
    """Write the source's weights to the target in that type.

    Raises:
        UnconvertibleError: llama.cpp cannot convert files of this kind, which is so on every machine.
        BackendError: The disk is full, or there is no memory, or llama.cpp does not say why it cannot.
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
    said = library().last_errors()
    if fault and _free(target) >= _needed(source, precision) and "iostream" not in said:  # not the streams of C++
        raise _refused(source, target, precision, said)
    if fault or not _whole(target):
        raise _no_room(source, target, precision, said)
    return target


def _refused(source: Path, target: Path, precision: str, said: str) -> BackendError:
    """The error for what llama.cpp said: of the kind of file, or of this machine, to which all unknown belongs."""
    reason = said  # without the names of the files, whose words say nothing
    for name in (str(source), str(target), source.name, target.name):
        reason = reason.replace(" ".join(name.split()), "")
    found = f"cannot convert {source.name} to {precision}: {said}"
    if OF_FILE.search(reason) and not OF_MACHINE.search(reason):
        return UnconvertibleError(found)
    return BackendError(
        f"{found}; try again{' when this machine has more memory free' if OF_MEMORY.search(reason) else ''}"
    )


def _needed(source: Path, precision: str) -> int:
    """About how many bytes the source's weights take in that type; 0 where its header cannot be read."""
    try:
        weights = sum(prod(each.shape) for part in shards(source) for each in read_header(part).tensors)
    except (OSError, ValueError):
        return 0
    return weights * BITS[precision] // 8


def _free(target: Path) -> int:
    """Bytes that the file could have taken: those that are free, and its own."""
    return shutil.disk_usage(target.parent).free + (target.stat().st_size if target.exists() else 0)


def _whole(target: Path) -> bool:
    """Whether all tensors are in the file: what is lost when a stream is closed is reported by nobody."""
    try:
        file_type(target)
    except BackendError:
        return False
    return True


def _no_room(source: Path, target: Path, precision: str, said: str) -> BackendError:
    needed, free = (f"{size / 1e6:,.1f} MB" for size in (_needed(source, precision), _free(target)))
    return BackendError(
        f"cannot convert {source} to {precision} in {cache.folder()} (is the disk full?): about {needed} are needed, "
        f"{free} are free; {said}. Free the disk, set {cache.VARIABLE} to a folder on another"
    )
