"""Number of tokens that fit into memory at once, and torch's errors where they do not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from icon.inference import OutOfMemoryError

CPU_TOKENS = 1024
"""Tokens of a pack on a CPU, where larger packs are no faster."""

FEWEST, MOST = 128, 8192
"""Bounds of a pack on a GPU: below, its cores are idle; above, nothing is gained."""

SHARE = 0.5
"""Share of the free memory that a pack may take; the rest is left to the allocator and the context."""

SAYINGS = ("not enough memory", "can't allocate memory", "out of memory", "ALLOC_FAILED")


def pack_tokens(model: Any, device: torch.device) -> int:
    """Tokens of targets to evaluate together: a fixed number on a CPU, on a GPU as many as fit its free memory."""
    if device.type != "cuda":
        return CPU_TOKENS
    free, _ = torch.cuda.mem_get_info(device)
    fitting = int(SHARE * free / bytes_per_token(model))
    return max(FEWEST, min(MOST, fitting // 128 * 128))


def bytes_per_token(model: Any) -> int:
    """Bytes that a token of a pack needs: its keys and values in all layers, twice, and one layer's activations."""
    config = model.config.get_text_config(decoder=True)
    heads = config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    key_heads = getattr(config, "num_key_value_heads", None) or heads
    cached = 2 * config.num_hidden_layers * key_heads * width
    inner = getattr(config, "intermediate_size", None) or 4 * config.hidden_size
    active = 4 * inner + 8 * config.hidden_size
    return int((2 * cached + active) * model.dtype.itemsize)


@contextmanager
def errors_translated() -> Iterator[None]:
    """Translate torch's various errors for a lack of memory into one.

    Raises:
        OutOfMemoryError: There is not enough memory.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise OutOfMemoryError(str(error).split(". ")[0]) from error
    except MemoryError as error:
        raise OutOfMemoryError(str(error) or "an allocation failed") from error
    except RuntimeError as error:
        if not any(saying in str(error) for saying in SAYINGS):
            raise
        raise OutOfMemoryError(str(error).strip().splitlines()[0]) from error


def give_back(device: torch.device) -> None:
    """Return the allocator's unused memory to the device, so that smaller packs fit in one piece."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
