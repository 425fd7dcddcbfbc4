"""Describes what is really run: enough to distinguish models, precisions and tokenizers."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import torch

from icon.types import BackendInfo
from icon_torch.device import device_name
from icon_torch.held import held_digest
from icon_torch.loading import Opened
from icon_torch.options import TorchOptions
from icon_torch.trial import Chosen
from icon_torch.vocabulary import Vocabulary


def describe(options: TorchOptions, opened: Opened, chosen: Chosen, vocabulary: Vocabulary) -> BackendInfo:
    """The description of an open backend."""
    engine = chosen.engine
    settings: dict[str, Any] = {
        "attention": engine.label,
        "compile": options.compile,
        "special_tokens": vocabulary.special_tokens,
        "source_digest": opened.source_digest,
    }
    if proof := held_digest(opened.model):
        settings["weights_digest"] = proof
    if chosen.note:
        settings["note"] = chosen.note
    return BackendInfo(
        backend="torch",
        model=options.model,
        digest=opened.digest,
        precision=str(opened.model.dtype).removeprefix("torch."),
        tokenizer_digest=vocabulary.digest,
        context_length=opened.context_length,
        bos=vocabulary.adds_bos,
        device=device_name(engine.device),
        versions={"torch": torch.__version__, "transformers": version("transformers")},
        settings=settings,
        parameters=sum(parameter.numel() for parameter in opened.model.parameters()),
    )
