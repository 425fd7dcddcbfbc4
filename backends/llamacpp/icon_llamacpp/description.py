"""Describes what is really run: enough to distinguish models, precisions and tokenizers."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from icon.inference import weights_digest
from icon.types import BackendInfo
from icon_llamacpp import kernels
from icon_llamacpp.model import Model
from icon_llamacpp.options import LlamaCppOptions
from icon_llamacpp.requantise import Choice
from icon_llamacpp.setup import PACK_TOKENS
from icon_llamacpp.vocabulary import Vocabulary


def describe(options: LlamaCppOptions, choice: Choice, model: Model, vocabulary: Vocabulary) -> BackendInfo:
    """The description of an open backend."""
    digest = weights_digest(choice.setup.path)
    settings: dict[str, Any] = {
        "attention": "float32" if model.exact else "flash",
        "pack_tokens": PACK_TOKENS,
        "special_tokens": vocabulary.special_tokens,
        "source_digest": weights_digest(choice.source),
    }
    if notes := [said for said in (choice.note, kernels.note(exact=model.exact and not model.setup.on_gpu)) if said]:
        settings["note"] = "; ".join(notes)
    return BackendInfo(
        backend="llamacpp",
        model=options.model,
        digest=digest,
        precision=model.precision,
        tokenizer_digest=vocabulary.digest,
        context_length=model.context_length,
        bos=vocabulary.adds_bos,
        device=model.setup.device,
        versions={"llama-cpp-python": version("llama-cpp-python"), "llama.cpp": model.api.llama_version().decode()},
        settings=settings,
        parameters=int(model.api.llama_model_n_params(model.handle)),
    )
