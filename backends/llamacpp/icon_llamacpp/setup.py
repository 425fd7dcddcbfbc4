"""Settings for loading a model, and sizes that are the same for all models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from icon.inference import processor
from icon_llamacpp.library import library

PACK_TOKENS = 512
"""Tokens of targets that are in the KV cache at once, so that they can share leading tokens."""

BATCH_TOKENS = 512
"""Tokens in one decode: larger ones were no faster, and each token may hold a row of logits."""

MAX_BRANCHES = 128
"""Targets in one decode; sequence 0 is the shared context's."""

LONGEST = 8192
"""Default limit of the context length, which keeps the KV cache small for models trained on far longer texts."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Settings for loading a model.

    Attributes:
        path: The GGUF file.
        threads: CPU threads.
        gpu_layers: Layers on the GPU; -1 for all.
        context_length: Longest sequence in tokens; None for the model's own, at most `LONGEST`.
    """

    path: Path
    threads: int
    gpu_layers: int = -1
    context_length: int | None = None

    @property
    def on_gpu(self) -> bool:
        """Whether layers run on a GPU: llama.cpp was built for one and the user wants it."""
        return self.gpu_layers != 0 and bool(library().api.llama_supports_gpu_offload())

    @property
    def device(self) -> str:
        """Name of the device on which the model runs."""
        if not self.on_gpu:
            return processor.name()
        return "GPU" if self.gpu_layers < 0 else f"GPU ({self.gpu_layers} layers)"
