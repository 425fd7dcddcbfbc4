"""Evaluates a shared context once and packs of branches behind it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from icon.errors import BackendError
from icon_llamacpp.batch import Batch
from icon_llamacpp.logsoftmax import log_normalisers
from icon_llamacpp.model import MAX_BRANCHES, PACK_TOKENS, Model
from icon_llamacpp.packing import Pack, predicting

CONTEXT = 0
"""The sequence that holds the shared context; branch k of a pack lies on sequence k + 1."""

ALLOCATION_FAILED = -2
NO_SLOT = 1


class OutOfMemoryError(Exception):
    """llama.cpp found no memory for a decode."""


class Evaluator:
    """Runs a model over one shared context and the packs behind it.

    Attributes:
        tokens_evaluated: Tokens the model has read so far, shared ones once.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._api = model.api
        self._batch = Batch(model.api, PACK_TOKENS, MAX_BRANCHES + 1)
        self._shared = 0
        self.tokens_evaluated = 0

    def start(self, shared: Sequence[int]) -> None:
        """Forget everything and read the tokens that all branches share.

        Raises:
            OutOfMemoryError: There is no memory for it.
            BackendError: The model cannot be evaluated.
        """
        # x
        self._api.llama_memory_clear(self._model.memory, False)
        self._shared = len(shared)
        for start in range(0, len(shared), PACK_TOKENS):
            chunk = shared[start : start + PACK_TOKENS]
            self._batch.fill(chunk, start + np.arange(len(chunk)), CONTEXT, 1, False)
            self._decode(len(chunk))

    def logprobs(self, pack: Pack) -> list[NDArray[np.float64]]:
        """Log-probabilities of every branch's response tokens, unchecked, in the pack's order.

        Raises:
            OutOfMemoryError: There is no memory for it.
            BackendError: The model cannot be evaluated.
        """
        sequences = range(CONTEXT + 1, CONTEXT + 1 + len(pack.branches))
        if self._shared:
            for sequence in sequences:
                self._api.llama_memory_seq_cp(self._model.memory, CONTEXT, sequence, -1, -1)
        try:
            return self._evaluate(pack)
        finally:
            for sequence in sequences:
                self._api.llama_memory_seq_rm(self._model.memory, sequence, -1, -1)

    def _evaluate(self, pack: Pack) -> list[NDArray[np.float64]]:
        nodes = np.concatenate([np.asarray(predicting(*each), dtype=np.int64) for each in zip(pack.paths, pack.branches)])
        targets = np.concatenate([np.asarray(branch.response, dtype=np.int64) for branch in pack.branches])
        wanted = np.asarray(pack.wanted)
        result = np.full(len(nodes), np.nan)
        for start in range(0, len(pack.token), PACK_TOKENS):
            stop = min(start + PACK_TOKENS, len(pack.token))
            logits = self._read(pack, start, stop, wanted[start:stop])
            if not len(logits):
                continue
            here = np.flatnonzero((nodes >= start) & (nodes < stop))
            row = (np.cumsum(wanted[start:stop]) - 1)[nodes[here] - start]
            result[here] = logits[row, targets[here]] - log_normalisers(logits)[row]
        ends = np.cumsum([len(branch.response) for branch in pack.branches])
        return np.split(result, ends[:-1])

    def _read(self, pack: Pack, start: int, stop: int, wanted: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Decode the pack's nodes from start to stop; the logits, shape (wanted nodes, vocabulary), until the next call."""
        depth = np.asarray(pack.depth[start:stop], dtype=np.int32)
        first = np.asarray(pack.first[start:stop])
        self._batch.fill(
            pack.token[start:stop], self._shared + depth, CONTEXT + 1 + first, pack.count[start:stop], wanted
        )
        self._decode(stop - start)
        rows = int(wanted.sum())
        if not rows:
            return np.empty((0, self._model.n_vocab), dtype=np.float32)
        pointer = self._api.llama_get_logits(self._model.context)
        return np.ctypeslib.as_array(pointer, shape=(rows, self._model.n_vocab))

    def _decode(self, n_tokens: int) -> None:
        code = self._api.llama_decode(self._model.context, self._batch.struct)
        if code in (ALLOCATION_FAILED, NO_SLOT):
            raise OutOfMemoryError
        if code != 0:
            raise BackendError(f"llama_decode failed with code {code}")
        self.tokens_evaluated += n_tokens
