"""The arrays of one llama_decode call, filled through numpy instead of token by token."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


class Batch:
    """A llama_batch over numpy arrays.

    The sequence ids of a token are a contiguous range, so each token's pointer refers to one ascending array
    0, 1, 2, ... and no list per token has to be filled.

    Args:
        api: The module `llama_cpp.llama_cpp`.
        capacity: Most tokens in one batch.
        n_sequences: Number of sequence ids.
    """

    def __init__(self, api: Any, capacity: int, n_sequences: int) -> None:
        self._token = np.zeros(capacity, dtype=np.int32)
        self._position = np.zeros(capacity, dtype=np.int32)
        self._n_sequences = np.zeros(capacity, dtype=np.int32)
        self._sequences = np.zeros(capacity, dtype=np.uintp)
        self._wanted = np.zeros(capacity, dtype=np.int8)
        self._ascending = np.arange(n_sequences, dtype=np.int32)
        self.struct = api.llama_batch()
        self.struct.embd = None
        self.struct.token = self._token.ctypes.data_as(ctypes.POINTER(ctypes.c_int32))
        self.struct.pos = self._position.ctypes.data_as(ctypes.POINTER(ctypes.c_int32))
        self.struct.n_seq_id = self._n_sequences.ctypes.data_as(ctypes.POINTER(ctypes.c_int32))
        self.struct.seq_id = self._sequences.ctypes.data_as(ctypes.POINTER(ctypes.POINTER(ctypes.c_int32)))
        self.struct.logits = self._wanted.ctypes.data_as(ctypes.POINTER(ctypes.c_int8))

    def fill(
        self, token: ArrayLike, position: ArrayLike, first: ArrayLike, count: ArrayLike, wanted: ArrayLike
    ) -> None:
        """Set the batch.

        Args:
            token: Token ids, shape (n,) with n at most the capacity.
            position: Position of each token in its sequences; shape (n,).
            first: First sequence id of each token, or one for all.
            count: Number of sequence ids of each token, or one for all.
            wanted: Whether the model's output is wanted at each token, or one for all.
        """
        n = len(np.atleast_1d(token))
        self.struct.n_tokens = n
        self._token[:n] = token
        self._position[:n] = position
        self._n_sequences[:n] = count
        step = self._ascending.itemsize
        self._sequences[:n] = self._ascending.ctypes.data + step * np.asarray(first, dtype=np.uintp)
        self._wanted[:n] = wanted
