"""Turns samples into the token ids that the classifier reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from icon.errors import BackendError
from icon.runs.writing import printable
from icon.types import BackendInfo, Sample
from icon_torch.known_tokens import known_tokens

Ids = NDArray[np.int32]
"""Token ids of one text, shape (n,), n at least 1."""


@runtime_checkable
class TorchModel(Protocol):
    """A backend whose model can be trained: `TorchBackend`'s attributes beyond `icon.plugins.Backend`."""

    @property
    def model(self) -> Any:
        """A causal language model of transformers, in evaluation mode."""
        ...

    @property
    def device(self) -> torch.device:
        """Device of its first layer."""
        ...

    @property
    def adds_bos(self) -> bool:
        """Whether every text starts with a BOS."""
        ...

    @property
    def bos(self) -> int:
        """Token id of BOS."""
        ...

    def tokenize(self, text: str) -> list[int]:
        """Token ids of the text, without BOS."""
        ...

    def describe(self) -> BackendInfo:
        """The model and its settings as they are really run."""
        ...


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns a sample's text into token ids: BOS where the model has one, then the text, truncated to `max_tokens`.

    Args:
        backend: The backend with the tokenizer.
        max_tokens: Most tokens of a text; the model's context length where that is less.
    """

    backend: TorchModel
    max_tokens: int

    @property
    def limit(self) -> int:
        """Most tokens of a text, BOS included."""
        return min(self.max_tokens, self.backend.describe().context_length)

    def read(self, samples: Sequence[Sample]) -> tuple[list[Ids], int]:
        """The token ids of each sample in order, and the number of truncated texts.

        Raises:
            BackendError: A text has no token, or one that the model does not have.
        """
        limit, start = self.limit, [self.backend.bos] if self.backend.adds_bos else []
        texts, cut, n_known = [], 0, known_tokens(self.backend.model)
        for sample in samples:
            ids = start + self.backend.tokenize(printable(sample.text))
            if not ids:
                raise BackendError(f"candidate {sample.id}: the tokenizer makes no token of its text")
            if max(ids) >= n_known:
                raise BackendError(
                    f"candidate {sample.id}: its text has token {max(ids)}, which is none of the model's {n_known:,}; "
                    "remove the candidate from the pool, or use the tokenizer that the model was trained with"
                )
            cut += len(ids) > limit
            texts.append(np.array(ids[:limit], dtype=np.int32))
        return texts, cut


def padded(texts: Sequence[Ids]) -> dict[str, Tensor]:
    """A batch: `input_ids` and `attention_mask`, int64 of shape (texts, longest), padded on the right.

    The ids in the padding do not matter, since no token sees later ones; so the model needs no padding token.
    """
    ids = torch.zeros(len(texts), max(map(len, texts)), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.from_numpy(text)
        mask[row, : len(text)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def packs(texts: Sequence[Ids], tokens: int) -> Iterator[list[int]]:
    """Positions of the texts in batches of similar lengths, longest first, each of at most `tokens` padded tokens.

    A text longer than `tokens` is a batch of its own.
    """
    pack: list[int] = []
    for place in sorted(range(len(texts)), key=lambda place: -len(texts[place])):
        if pack and (len(pack) + 1) * len(texts[pack[0]]) > tokens:
            yield pack
            pack = []
        pack.append(place)
    if pack:
        yield pack
