"""Prediction: one pass of the trained classifier over the whole pool."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from icon.errors import BackendError
from icon.types import Sample
from icon_torch.lora.network import Network
from icon_torch.lora.texts import Reader, packs, padded

WINDOW = 16_384
"""Candidates whose token ids are in memory, and sorted by length, at once."""


def predict(network: Network, reader: Reader, samples: Sequence[Sample], tokens: int) -> tuple[dict[str, float], int]:
    """The probability of the label 1 of every sample by id, and the number of truncated texts.

    Args:
        network: The trained classifier.
        reader: Turns samples into token ids.
        samples: The pool, in an order that does not depend on that of its file.
        tokens: Most padded tokens of a batch; a longer text is a batch of its own.

    Raises:
        BackendError: A probability is not finite, or a text has no token.
    """
    probabilities: dict[str, float] = {}
    n_cut = 0
    for start in range(0, len(samples), WINDOW):
        window = samples[start : start + WINDOW]
        texts, cut = reader.read(window)
        n_cut += cut
        for pack in packs(texts, tokens):
            predicted = network.probabilities(**padded([texts[place] for place in pack]))
            if not torch.isfinite(predicted).all():
                worst = window[pack[int(torch.isfinite(predicted).int().argmin())]].id
                raise BackendError(f"selector lora: the probability of candidate {worst} is not a finite number")
            probabilities.update(zip((window[place].id for place in pack), predicted.tolist(), strict=True))
    return probabilities, n_cut
