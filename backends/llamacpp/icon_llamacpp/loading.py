"""Opens GGUF files and llama.cpp contexts; every error has the reason, from llama.cpp where it gives one."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

from icon.errors import BackendError, ModelNameError
from icon.inference.gguf_header import read_header
from icon_llamacpp.interrupts import held_back
from icon_llamacpp.library import library
from icon_llamacpp.setup import BATCH_TOKENS, MAX_BRANCHES, PACK_TOKENS, Setup

MAGIC = b"GGUF"

PLAIN_FILES = (0, 1, 32)
"""llama.cpp's numbers (`llama_ftype`) of files in F32, F16 and BF16."""

PLAIN_TENSORS = (0, 1, 24, 25, 26, 27, 28, 30)
"""ggml's numbers of types that are not quantised: F32, F16, whole numbers, F64, BF16."""

GUESSED = 1024
"""Bit that llama.cpp sets in a file's type where the file does not state it."""


def open_model(path: Path, gpu_layers: int, *, vocabulary_only: bool = False) -> Any:
    """Handle of the model in the file; the caller frees it.

    Raises:
        ModelNameError: The file cannot be read, or is not GGUF.
        BackendError: llama.cpp cannot load it: corrupt, of an unknown architecture, or too large for the memory.
    """
    _check_magic(path)
    api = library().api
    params = api.llama_model_default_params()
    params.n_gpu_layers = gpu_layers
    params.vocab_only = vocabulary_only
    library().forget_errors()
    with held_back():
        handle = api.llama_model_load_from_file(os.fsencode(path), params)
    if not handle:
        raise BackendError(f"cannot load {path}: {library().last_errors()}")
    return handle


def open_context(model: Any, setup: Setup, context_length: int, *, exact: bool) -> Any:
    """A context for one sequence of that length and a pack of branches; the caller frees it.

    Args:
        model: The model's handle.
        setup: How the model was loaded.
        context_length: Longest sequence in tokens.
        exact: Whether to compute attention in float32 rather than with llama.cpp's flash attention.

    Raises:
        BackendError: There is no memory for it.
    """
    api = library().api
    params = api.llama_context_default_params()
    params.n_ctx = context_length + PACK_TOKENS
    params.n_batch = params.n_ubatch = BATCH_TOKENS
    params.n_seq_max = MAX_BRANCHES + 1
    params.n_threads = params.n_threads_batch = setup.threads
    params.kv_unified = True
    params.swa_full = True
    params.pooling_type = api.LLAMA_POOLING_TYPE_NONE
    params.no_perf = True
    params.flash_attn_type = api.LLAMA_FLASH_ATTN_TYPE_AUTO
    if exact:
        params.flash_attn_type = api.LLAMA_FLASH_ATTN_TYPE_DISABLED
        params.type_k = params.type_v = api.GGML_TYPE_F32
    library().forget_errors()
    with held_back():
        context = api.llama_init_from_model(model, params)
    if not context:
        raise BackendError(
            f"cannot make a context of {context_length} tokens for {setup.path.name}: {library().last_errors()}; "
            "a smaller context_length needs less memory"
        )
    return context


def file_type(path: Path) -> int | None:
    """The type of the file's weights, as llama.cpp numbers them (`llama_ftype`); None where the file does not state it.

    Raises:
        ModelNameError: The file cannot be read, or is not GGUF.
        BackendError: llama.cpp cannot read it.
    """
    handle = open_model(path, 0, vocabulary_only=True)
    try:
        # Without the weights llama.cpp has not determined their type, so the file's own entry is used.
        stated = metadata(handle, "general.file_type")
        return int(stated) if stated else None
    finally:
        library().api.llama_model_free(handle)


def is_quantised(path: Path) -> bool:
    """Whether the file's weights, or some of them where it does not state their type, have less than 16 bits.

    Raises:
        ModelNameError: The file cannot be read, or is not GGUF.
        BackendError: llama.cpp cannot read it.
    """
    stated = file_type(path)
    if stated is not None:
        return stated not in PLAIN_FILES
    return any(tensor.kind not in PLAIN_TENSORS for tensor in read_header(path).tensors)


def weights_type(model: Any) -> int:
    """The type of the model's weights, as llama.cpp numbers them (`llama_ftype`)."""
    return int(library().api.llama_model_ftype(model)) & ~GUESSED


def metadata(model: Any, key: str) -> str | None:
    """A value of the model's metadata as text, or None where it has no such key."""
    size = 1024
    while True:
        buffer = ctypes.create_string_buffer(size)
        needed = library().api.llama_model_meta_val_str(model, key.encode(), buffer, size)
        if needed < 0:
            return None
        if needed < size:
            return buffer.value.decode("utf-8", "replace")
        size = needed + 1


def _check_magic(path: Path) -> None:
    try:
        with path.open("rb") as file:
            found = file.read(len(MAGIC))
    except OSError as error:
        raise ModelNameError(f"cannot read the model file {path}: {error.strerror}") from error
    if found != MAGIC:
        raise ModelNameError(f"{path} is not a GGUF file: it starts with {found!r}, a GGUF file with {MAGIC!r}")
