"""Scaled rotary frequencies of a GGUF file, which transformers skips: the factors of Llama 3.1 and later.

llama.cpp's converter writes the scaling of the config as one factor per frequency (`rope_freqs.weight`). The config
that has the same factors is put back, and only then; other factors stay a tensor that is refused as unused.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon.inference.gguf_header import read_header

NAME = "rope_freqs.weight"
FLOAT32 = 0
"""GGUF's number for tensors of that type."""

LOW, HIGH, TRAINED = 1.0, 4.0, 8192
"""Of all Llama 3.1, 3.2 and 3.3 models: low and high frequency factor, and the context before it was lengthened."""


def put_back(config: Any, path: Path) -> set[str]:
    """Set the config's rotary scaling from the file; returns the names of the tensors that it stands for."""
    header = read_header(path)
    entry = next((tensor for tensor in header.tensors if tensor.name == NAME and tensor.kind == FLOAT32), None)
    rotary = getattr(config, "rope_parameters", None)
    if entry is None or config.model_type != "llama" or not rotary or rotary.get("rope_type") != "default":
        return set()
    found = np.fromfile(path, "<f4", math.prod(entry.shape), offset=header.data_start + entry.offset)
    theta, factor = float(rotary["rope_theta"]), float(found.max())
    expected = factors(theta, 2 * len(found), factor)
    if 2 * len(found) != getattr(config, "head_dim", None) or not np.allclose(found, expected, rtol=1e-3):
        return set()
    config.rope_parameters = {
        "rope_type": "llama3",
        "rope_theta": theta,
        "factor": factor,
        "low_freq_factor": LOW,
        "high_freq_factor": HIGH,
        "original_max_position_embeddings": TRAINED,
    }
    return {NAME}


def factors(theta: float, width: int, factor: float) -> NDArray[np.float64]:
    """What each frequency of a Llama 3.1 model is divided by, shape (width / 2,); as llama.cpp's converter writes it.

    Args:
        theta: Base of the frequencies.
        width: Size of a head.
        factor: How many times the context was lengthened.
    """
    wavelengths = 2 * math.pi * theta ** (np.arange(0, width, 2) / width)
    smooth = (TRAINED / wavelengths - LOW) / (HIGH - LOW)
    between = 1 / ((1 - smooth) / factor + smooth)
    return np.where(wavelengths < TRAINED / HIGH, 1.0, np.where(wavelengths > TRAINED / LOW, factor, between))
