"""Digest of the weights that a model has in memory, by which two processes prove that theirs are the same."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

from icon.inference import usable_cores


def held_digest(model: Any) -> str:
    """SHA-256 over name, type, shape and digest of all weights and saved buffers; "" where some are not in memory.

    The bytes are those that are evaluated, whatever file they came from: filled in, converted or cast weights included.
    Weights that share memory are read once. Buffers that are made anew from the config at each load, such as rotary
    frequencies, are not among them. It takes 0.6 to 3.5 seconds per GiB and core, at every opening of a model.
    """
    tensors: dict[str, torch.Tensor] = dict(model.state_dict())
    if any(tensor.is_meta for tensor in tensors.values()):
        return ""  # layers that accelerate keeps on a disk
    first: dict[tuple[int, torch.Size, torch.device], str] = {}
    for name, tensor in sorted(tensors.items()):
        first.setdefault((tensor.data_ptr(), tensor.shape, tensor.device), name)
    names = sorted(first.values())
    with ThreadPoolExecutor(usable_cores()) as threads:
        digests = list(threads.map(lambda name: _digest(tensors[name]), names))
    lines = [
        f"{name} {tensors[name].dtype} {tuple(tensors[name].shape)} {digest}"
        for name, digest in zip(names, digests, strict=True)
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _digest(tensor: torch.Tensor) -> str:
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return hashlib.sha256(flat.view(torch.uint8).numpy().data).hexdigest()
