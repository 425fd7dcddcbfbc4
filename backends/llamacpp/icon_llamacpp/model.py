"""A loaded model and its context: their handles, and the order in which they are freed."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icon.errors import BackendError, UserError
from icon_llamacpp.library import library

PACK_TOKENS = 512
"""Tokens in one decode: larger ones were no faster, and each holds a row of logits for every token."""

MAX_BRANCHES = 128
"""Targets in one decode; sequence 0 is the shared context's."""

LONGEST = 8192
"""Default limit of the context length, which keeps the KV cache modest for models trained on far longer ones."""

MAGIC = b"GGUF"

ALL_F32 = "0"
"""The value of `general.file_type` in a file whose weights are all float32."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How to load a model.

    Attributes:
        path: The GGUF file.
        threads: CPU threads.
        gpu_layers: Layers on the GPU; -1 for all.
        context_length: Longest sequence in tokens; None for the model's own, at most `LONGEST`.
    """

    path: Path
    threads: int
    gpu_layers: int = -1
    context_length: int | None = None


class Model:
    """The handles of one model; close it when done.

    Attributes:
        setup: How it was loaded.
        handle: The `llama_model`.
        context: The `llama_context`.
        memory: The context's KV cache.
        vocab: The vocabulary.
        n_vocab: Number of tokens in the vocabulary.
        width: Size of a hidden state.
        context_length: Longest sequence, in tokens.
        exact: Whether attention is computed in float32 throughout, which it is for F32 weights. Elsewhere it is
            llama.cpp's flash attention, which rounds keys and values to float16.

    Raises:
        UserError: The file is not GGUF, or the model is of a kind that cannot be scored.
        BackendError: llama.cpp cannot load it; the message holds llama.cpp's own.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self._library = library()
        self.api = self._library.api
        self.handle: Any = None
        self.context: Any = None
        _check_magic(setup.path)
        self._load()
        try:
            self._check_kind()
            self.exact = self.metadata("general.file_type") == ALL_F32
            trained = self.api.llama_model_n_ctx_train(self.handle)
            self.context_length = setup.context_length or min(trained, LONGEST)
            if self.context_length > trained:
                raise UserError(
                    f"context_length={self.context_length}: {setup.path.name} was trained on {trained} tokens"
                )
            self._open_context()
        except (UserError, BackendError):
            self.close()
            raise
        self.memory = self.api.llama_get_memory(self.context)
        self.vocab = self.api.llama_model_get_vocab(self.handle)
        self.n_vocab = self.api.llama_vocab_n_tokens(self.vocab)
        self.width = self.api.llama_model_n_embd(self.handle)

    @property
    def closed(self) -> bool:
        """Whether the handles are freed."""
        return self.handle is None

    @property
    def precision(self) -> str:
        """Data type or quantisation of the weights, as llama.cpp calls it."""
        return str(self.api.llama_ftype_name(self.api.llama_model_ftype(self.handle)).decode())

    @property
    def on_cpu(self) -> bool:
        """Whether no layer runs on a GPU."""
        return self.setup.gpu_layers == 0 or not self.api.llama_supports_gpu_offload()

    def close(self) -> None:
        """Free the context, then the model; safe to call twice."""
        context, self.context = self.context, None
        if context is not None:
            self.api.llama_free(context)
        handle, self.handle = self.handle, None
        if handle is not None:
            self.api.llama_model_free(handle)

    def metadata(self, key: str) -> str | None:
        """A value of the file's metadata as text, or None where it has none of that name."""
        size = 1024
        while True:
            buffer = ctypes.create_string_buffer(size)
            needed = self.api.llama_model_meta_val_str(self.handle, key.encode(), buffer, size)
            if needed < 0:
                return None
            if needed < size:
                return buffer.value.decode("utf-8", "replace")
            size = needed + 1

    def _load(self) -> None:
        params = self.api.llama_model_default_params()
        params.n_gpu_layers = 0 if self.on_cpu else self.setup.gpu_layers
        self._library.forget_errors()
        self.handle = self.api.llama_model_load_from_file(os.fsencode(self.setup.path), params) or None
        if self.handle is None:
            raise BackendError(f"cannot load {self.setup.path}: {self._library.last_errors()}")

    def _check_kind(self) -> None:
        api, name = self.api, self.setup.path.name
        if not api.llama_model_has_decoder(self.handle) or api.llama_model_has_encoder(self.handle):
            raise UserError(
                f"{name}: not a decoder-only model, so it gives no log-likelihood of a text; choose one that is"
            )
        if api.llama_model_is_recurrent(self.handle) or api.llama_model_is_hybrid(self.handle):
            raise UserError(f"{name}: recurrent state cannot be shared between targets; choose a pure attention model")

    def _open_context(self) -> None:
        api = self.api
        params = api.llama_context_default_params()
        # A pack may stand behind a context that nearly fills the window.
        params.n_ctx = self.context_length + PACK_TOKENS
        params.n_batch = params.n_ubatch = PACK_TOKENS
        params.n_seq_max = MAX_BRANCHES + 1
        params.n_threads = params.n_threads_batch = self.setup.threads
        params.kv_unified = True
        params.swa_full = True
        params.pooling_type = api.LLAMA_POOLING_TYPE_NONE
        params.no_perf = True
        if self.exact:
            params.flash_attn_type = api.LLAMA_FLASH_ATTN_TYPE_DISABLED
            params.type_k = params.type_v = api.GGML_TYPE_F32
        else:
            params.flash_attn_type = api.LLAMA_FLASH_ATTN_TYPE_AUTO
        self._library.forget_errors()
        self.context = api.llama_init_from_model(self.handle, params) or None
        if self.context is None:
            raise BackendError(
                f"cannot make a context of {self.context_length} tokens for {self.setup.path.name}: "
                f"{self._library.last_errors()}; a smaller context_length needs less memory"
            )


def _check_magic(path: Path) -> None:
    try:
        with path.open("rb") as file:
            found = file.read(4)
    except OSError as error:
        raise UserError(f"cannot read model file {path}: {error.strerror or error}") from error
    if found != MAGIC:
        raise UserError(f"{path} is not a GGUF file: it starts with {found!r}, a GGUF file with {MAGIC!r}")
