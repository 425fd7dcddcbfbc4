"""Evaluates a shared context once, and packs of branches conditioned on it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon.errors import BackendError
from icon.inference import OutOfMemoryError, Pack, predicting
from icon.inference.watching import OutOfTime, deadline
from icon_llamacpp.batch import Batch
from icon_llamacpp.library import library
from icon_llamacpp.logsoftmax import log_normalisers
from icon_llamacpp.model import Model
from icon_llamacpp.setup import BATCH_TOKENS, MAX_BRANCHES, PACK_TOKENS

CONTEXT = 0
"""The sequence that holds the shared context; branch k of a pack has sequence k + 1."""

MEMORY_CODES = {1: "no free place in the KV cache", -2: "an allocation failed"}
"""Return codes of llama_decode where there is no memory."""

ABORTED = 2
"""Return code of llama_decode where its abort callback said so, which only processors ask."""


class Evaluator:
    """Runs a model over one shared context and the packs that follow it.

    Attributes:
        context_length: Longest sequence, in tokens.
        pack_tokens: Most unique tokens in a pack.
        max_branches: Most branches in a pack.
        tokens_evaluated: Tokens the model has read so far, shared ones once.
    """

    pack_tokens = PACK_TOKENS
    max_branches = MAX_BRANCHES

    def __init__(self, model: Model) -> None:
        self.context_length = model.context_length
        self._model = model
        self._api = model.api
        self._batch = Batch(model.api, BATCH_TOKENS, MAX_BRANCHES + 1)
        self._n_shared = 0
        self._beginning: tuple[int, ...] = ()
        self._until: float | None = None
        # ctypes keeps no reference to the callbacks
        self._abort, self._never = self._api.ggml_abort_callback(self._is_late), self._api.ggml_abort_callback()
        self.tokens_evaluated = 0

    def start(self, shared: Sequence[int], *, beginning: int = 0, wipe: bool = False) -> None:
        """Clear the cache but for a beginning that is in it already, and read the tokens that all branches share.

        Args:
            shared: Token ids.
            beginning: How many of them are read by decodes of their own, and stay for the next contexts.
            wipe: Whether to overwrite the cache's values too, not only its index: needed once a value in it is not
                finite, since masked values are multiplied by zero.

        Raises:
            OutOfMemoryError: There is no memory for it.
            BackendError: The model cannot be evaluated.
        """
        kept, memory = tuple(shared[:beginning]), self._model.memory
        self._n_shared = len(shared)
        again = kept and kept == self._beginning and not wipe
        if not (again and self._api.llama_memory_seq_rm(memory, CONTEXT, beginning, -1)):
            self._beginning = ()  # a decode that fails leaves less than this
            self._api.llama_memory_clear(memory, wipe)
            self._read(kept, 0)
            self._beginning = kept
        self._read(shared[beginning:], beginning)

    def _read(self, tokens: Sequence[int], position: int) -> None:
        """Decode tokens of the context from that position on."""
        for start in range(0, len(tokens), BATCH_TOKENS):
            chunk = tokens[start : start + BATCH_TOKENS]
            self._batch.fill(chunk, position + start + np.arange(len(chunk)), CONTEXT, 1, False)
            self._decode(len(chunk))

    def logprobs(self, pack: Pack) -> list[NDArray[np.float64]]:
        """Log-probabilities of every branch's response tokens given the shared context, in the pack's order.

        The caller checks whether the numbers are finite.

        Raises:
            OutOfMemoryError: There is no memory for it.
            BackendError: The model cannot be evaluated.
        """
        nodes = np.concatenate(
            [predicting(path, branch) for path, branch in zip(pack.paths, pack.branches, strict=True)], dtype=np.int64
        )
        targets = np.concatenate([branch.response for branch in pack.branches], dtype=np.int64)
        result = np.full(len(nodes), np.nan)
        for evaluated in self._evaluate(pack, np.asarray(pack.wanted)):
            row = np.searchsorted(evaluated, nodes)
            here = np.flatnonzero(np.isin(nodes, evaluated))
            logits = self._output(self._api.llama_get_logits, len(evaluated), self._model.n_vocab)
            result[here] = logits[row[here], targets[here]] - log_normalisers(logits)[row[here]]
        return np.split(result, np.cumsum([len(branch.response) for branch in pack.branches])[:-1])

    def shrink(self) -> bool:
        """False: the cache is allocated when the model is loaded, so a smaller pack would not help."""
        return False

    def states(self, pack: Pack) -> list[NDArray[np.float32]]:
        """Last hidden states of every branch's tokens, each of shape (tokens, width), in the pack's order.

        Raises:
            OutOfMemoryError: There is no memory for it.
            BackendError: The model cannot be evaluated.
        """
        states = np.empty((len(pack.token), self._model.width), dtype=np.float32)
        self._api.llama_set_embeddings(self._model.context, True)
        try:
            for evaluated in self._evaluate(pack, np.ones(len(pack.token), dtype=np.bool_)):
                states[evaluated] = self._output(self._api.llama_get_embeddings, len(evaluated), self._model.width)
        finally:
            self._api.llama_set_embeddings(self._model.context, False)
        return [states[path] for path in pack.paths]

    def _evaluate(self, pack: Pack, wanted: NDArray[np.bool_]) -> Iterator[NDArray[np.int64]]:
        """Decode the pack's nodes; after each decode with output, yield the nodes of the output, ascending."""
        memory, sequences = self._model.memory, range(CONTEXT + 1, CONTEXT + 1 + len(pack.branches))
        if self._n_shared:
            for sequence in sequences:
                self._api.llama_memory_seq_cp(memory, CONTEXT, sequence, -1, -1)
        try:
            for start in range(0, len(pack.token), BATCH_TOKENS):
                part = slice(start, start + BATCH_TOKENS)
                position = self._n_shared + np.asarray(pack.depth[part])
                first = CONTEXT + 1 + np.asarray(pack.first[part])
                self._batch.fill(pack.token[part], position, first, pack.count[part], wanted[part])
                self._decode(len(position))
                if wanted[part].any():
                    yield start + np.flatnonzero(wanted[part])
        finally:
            for sequence in sequences:
                self._api.llama_memory_seq_rm(memory, sequence, -1, -1)

    def _output(self, getter: object, rows: int, columns: int) -> NDArray[np.float32]:
        """Output of the last decode, shape (rows, columns); the next one overwrites it."""
        assert callable(getter)
        return np.ctypeslib.as_array(getter(self._model.context), shape=(rows, columns))

    def _decode(self, n_tokens: int) -> None:
        self._set_deadline()
        library().forget_errors()
        code = self._api.llama_decode(self._model.context, self._batch.struct)
        if code in MEMORY_CODES:
            raise OutOfMemoryError(f"{MEMORY_CODES[code]}; {library().last_errors()}")
        if code == ABORTED:
            raise OutOfTime
        if code != 0:
            raise BackendError(f"llama_decode failed with code {code}; {library().last_errors()}")
        self.tokens_evaluated += n_tokens

    def _set_deadline(self) -> None:
        """Let llama.cpp ask, between the layers of a pass, whether a budget of time is over."""
        before, self._until = self._until, deadline()
        if (before is None) != (self._until is None):
            callback = self._never if self._until is None else self._abort
            self._api.llama_set_abort_callback(self._model.context, callback, None)

    def _is_late(self, _: Any) -> bool:
        return self._until is not None and time.perf_counter() >= self._until
