"""A loaded model and its context: their handles, and the order in which they are freed."""

from __future__ import annotations

from typing import Any

from icon.errors import BackendError, UserError
from icon_llamacpp.library import library
from icon_llamacpp.loading import metadata, open_context, open_model, weights_type
from icon_llamacpp.setup import LONGEST, Setup

ALL_F32 = 0
"""llama.cpp's number for a file whose weights are all float32."""


class Model:
    """The handles of one model; close it when done.

    Attributes:
        api: The module `llama_cpp.llama_cpp`.
        setup: How it was loaded.
        handle: The `llama_model`; None once closed.
        context: The `llama_context`; None once closed.
        memory: The context's KV cache.
        vocab: The vocabulary.
        n_vocab: Number of tokens in the vocabulary.
        width: Size of a hidden state.
        context_length: Longest sequence, in tokens.
        precision: Data type or quantisation of the weights, as llama.cpp calls it.
        exact: Whether attention is computed in float32 throughout, as for F32 weights. Otherwise it is
            llama.cpp's flash attention, which is faster and rounds keys and values to float16.

    Raises:
        UserError: The file is not GGUF, the model is of a kind that cannot be scored, or it was trained on less
            than the requested context length.
        BackendError: llama.cpp cannot load it; the message includes llama.cpp's.
    """

    def __init__(self, setup: Setup) -> None:
        self.api = library().api
        self.setup = setup
        self.context: Any = None
        self.handle: Any = open_model(setup.path, setup.gpu_layers if setup.on_gpu else 0)
        try:
            self._check_kind()
            self.context_length = self._context_length()
            self.exact = weights_type(self.handle) == ALL_F32
            self.context = open_context(self.handle, setup, self.context_length, exact=self.exact)
        except (UserError, BackendError):
            self.close()
            raise
        self.memory = self.api.llama_get_memory(self.context)
        self.vocab = self.api.llama_model_get_vocab(self.handle)
        self.n_vocab = int(self.api.llama_vocab_n_tokens(self.vocab))
        self.width = int(self.api.llama_model_n_embd(self.handle))
        self.precision = str(self.api.llama_ftype_name(weights_type(self.handle)).decode())

    @property
    def closed(self) -> bool:
        """Whether the handles are freed."""
        return self.handle is None

    def close(self) -> None:
        """Free the context, then the model; safe to call twice."""
        context, self.context = self.context, None
        if context is not None:
            self.api.llama_free(context)
        handle, self.handle = self.handle, None
        if handle is not None:
            self.api.llama_model_free(handle)

    def metadata(self, key: str) -> str | None:
        """A value of the file's metadata as text, or None where it has no such key."""
        return metadata(self.handle, key)

    def _context_length(self) -> int:
        trained = int(self.api.llama_model_n_ctx_train(self.handle))
        asked = self.setup.context_length
        if asked is None:
            return min(trained, LONGEST)
        if asked > trained:
            name = self.setup.path.name
            raise UserError(
                f"context_length={asked}: {name} was trained on {trained} tokens; at most that many are valid"
            )
        return asked

    def _check_kind(self) -> None:
        api, name = self.api, self.setup.path.name
        if api.llama_model_has_encoder(self.handle) or not api.llama_model_has_decoder(self.handle):
            raise UserError(
                f"{name} is not a decoder-only model, so it gives no log-likelihood of a text; use one that is"
            )
        if api.llama_model_is_recurrent(self.handle) or api.llama_model_is_hybrid(self.handle):
            raise UserError(
                f"{name} has recurrent layers, whose state targets cannot share; use a pure attention model"
            )
