"""The training part for transformers' Trainer: rows, batches and their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from icon_torch.lora.texts import Ids, padded

WINDOW = 16
"""Batches in a window, within which texts are grouped by length."""


class Labelled(Dataset[tuple[Ids, int]]):
    """Texts with their labels."""

    def __init__(self, texts: Sequence[Ids], labels: NDArray[np.int_]) -> None:
        self.texts = texts
        self.labels = labels

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, place: int) -> tuple[Ids, int]:
        return self.texts[place], int(self.labels[place])

    def by_length(self) -> Labelled:
        """The same texts, longest first, so that batches need little padding."""
        order = sorted(range(len(self)), key=lambda place: -len(self.texts[place]))
        return Labelled([self.texts[place] for place in order], self.labels[order])


def collate(rows: Sequence[tuple[Ids, int]]) -> dict[str, Tensor]:
    """A padded batch with `labels`, int64 of shape (texts,)."""
    return {**padded([text for text, _ in rows]), "labels": torch.tensor([label for _, label in rows])}


class ByLength(Sampler[int]):
    """A random order, different in each epoch, in which the texts of a batch have similar lengths.

    transformers' own grouping lets the lengths fall from step to step; since long answers often have the label 1, a
    step would then see almost only one label. Here the batches of a window are in random order too.

    Args:
        lengths: Tokens of each text.
        batch_size: Texts per batch.
        seed: Decides the order, with the epoch.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self.lengths = np.array(lengths)
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch; the Trainer calls this, so that a resumed epoch equals an uninterrupted one."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        generator = np.random.default_rng([self.seed, self.epoch])
        drawn = generator.permutation(len(self.lengths))
        size = self.batch_size
        grouped = np.concatenate([self._sorted(window) for window in _cut(drawn, WINDOW * size)])
        *full, last = _cut(grouped, size)
        if len(last) == size:
            full, last = [*full, last], last[:0]  # only an incomplete batch has to stay last
        batches: list[Any] = [full[place] for place in generator.permutation(len(full))]
        yield from (int(place) for batch in [*batches, last] for place in batch)

    def _sorted(self, places: NDArray[np.int_]) -> NDArray[np.int_]:
        ordered: NDArray[np.int_] = places[np.argsort(-self.lengths[places], kind="stable")]
        return ordered


def _cut(places: NDArray[np.int_], size: int) -> list[NDArray[np.int_]]:
    return [places[start : start + size] for start in range(0, len(places), size)]
