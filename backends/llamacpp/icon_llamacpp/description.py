"""Says what is really run: enough to tell two models, precisions or tokenizers apart."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from icon.types import BackendInfo
from icon_llamacpp import processor
from icon_llamacpp.model import PACK_TOKENS, Model
from icon_llamacpp.options import LlamaCppOptions
from icon_llamacpp.requantise import Choice
from icon_llamacpp.vocabulary import Vocabulary


def describe(options: LlamaCppOptions, choice: Choice, model: Model, vocabulary: Vocabulary) -> BackendInfo:
    """The description of an open backend."""
    source, evaluated = choice.source.path, choice.setup.path
    digest = file_digest(evaluated)
    settings: dict[str, Any] = {
        "attention": "float32" if model.exact else "flash",
        "pack_tokens": PACK_TOKENS,
        "special_tokens": options.special_tokens,
        "source_digest": digest if source == evaluated else file_digest(source),
    }
    if choice.note:
        settings["note"] = choice.note
    return BackendInfo(
        backend="llamacpp",
        model=options.model,
        digest=digest,
        precision=model.precision,
        tokenizer_digest=vocabulary.digest,
        context_length=model.context_length,
        bos=vocabulary.adds_bos,
        device=processor.name() if model.on_cpu else f"GPU, {options.gpu_layers} layers",
        versions={"llama-cpp-python": version("llama-cpp-python"), "llama.cpp": model.api.llama_version().decode()},
        settings=settings,
    )


def file_digest(path: Path) -> str:
    """SHA-256 of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
