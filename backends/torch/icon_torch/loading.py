"""Opens models and tokenizers; every error says why, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.utils.hub import cached_file, extract_commit_hash
from transformers.utils.peft_utils import find_adapter_config_file

from icon import network
from icon.errors import BackendError, UserError
from icon.inference import cache, weights_digest
from icon_torch import attention
from icon_torch.completeness import check_complete, report_read, unmerged
from icon_torch.gguf import converted
from icon_torch.models import Source, adapter
from icon_torch.old_buffers import without_buffers
from icon_torch.options import TorchOptions
from icon_torch.own_code import allowed, refuse_kernel
from icon_torch.quiet import quiet
from icon_torch.refusal import RAISED, refusal

LONGEST = 8192
"""Default limit of the context length, for models trained on far longer texts."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A model in memory.

    Attributes:
        model: A causal language model of transformers, in evaluation mode.
        tokenizer: Its tokenizer.
        digest: Digest of the weights' files, or the commit of a hub model.
        source_digest: Digest of the file that the user named, where it is another one.
        context_length: Longest sequence, in tokens.
    """

    model: Any
    tokenizer: Any
    digest: str
    source_digest: str
    context_length: int


def open_model(source: Source, options: TorchOptions, device: torch.device) -> Opened:
    """Load the model and its tokenizer.

    Raises:
        ModelNameError: The model does not exist, is not a causal language model, or its weights are not all its own.
        UserError: An option does not fit it, or the user did not allow the code that comes with it.
        BackendError: transformers cannot load it, or there is no memory for it.
    """
    dtype = _dtype(options, device, gguf=source.gguf is not None)
    source_digest = ""
    folder = source.folder
    if source.gguf is not None:
        assert dtype is not None
        folder = converted(source.gguf, dtype, allow_unused=options.allow_unused)
        source_digest = weights_digest(source.gguf)
    name = str(folder) if folder is not None else str(source.hub)
    attention.register()
    asking = network.asking() if folder is None else nullcontext()
    with asking, _errors_translated(options, device), quiet():
        commit = None if folder is not None else _commit(name, options)
        options = allowed(options, folder, commit)
        shared = {"revision": commit or "main", "trust_remote_code": options.trust_remote_code}
        config: Any = AutoConfig.from_pretrained(name, **shared)
        refuse_kernel(options.model, config)
        tokenizer = AutoTokenizer.from_pretrained(name, **shared)
        model, info = _weights(name, options, dtype or "auto", device, **shared)
        check_complete(options.model, without_buffers(model, info), allow_unused=options.allow_unused)
        model.set_attn_implementation(attention.NAME)
    model.eval().requires_grad_(False)
    digest = _digest(folder) if folder is not None else str(commit)
    return Opened(model, tokenizer, digest, source_digest or digest, _context_length(config, options))


def _weights(
    name: str, options: TorchOptions, dtype: torch.dtype | str, device: torch.device, **shared: Any
) -> tuple[Any, dict[str, Any]]:
    """The model, and what transformers says of the load.

    Raises:
        ModelNameError: Some of its tensors cannot be put together from those of the checkpoint.
    """
    with report_read() as unfinished:
        try:
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                name,
                dtype=dtype,
                use_safetensors=None if options.allow_pickle else True,
                device_map="auto" if options.spread else {"": device},
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # they are refused with their names
                **shared,
            )
        except RuntimeError as error:
            if unfinished:
                raise unmerged(options.model, unfinished) from error
            raise
    model, info = loaded
    return model, info


@contextmanager
def _errors_translated(options: TorchOptions, device: torch.device) -> Iterator[None]:
    """Raise icon's errors in place of those of torch and transformers."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise BackendError(
            f"no memory on {device} for {options.model}; use --dtype bfloat16, a smaller model, or with several GPUs "
            "-o backend.spread=true"
        ) from error
    except UserError:
        raise
    except RAISED as error:
        raise refusal(options, error) from error


def _commit(name: str, options: TorchOptions) -> str:
    """The present commit of a hub model's revision, from which all its files are then read.

    Raises:
        ModelNameError: It is an adapter.
        OSError: Neither the hub nor its local cache states it.
    """
    revision = options.revision or "main"
    if find_adapter_config_file(name, revision=revision) is not None:
        raise adapter(name)
    commit = extract_commit_hash(cached_file(name, "config.json", revision=revision), None)
    if commit is None:
        raise OSError(f"the hub does not state which commit of {name} this is.")
    return str(commit)


def _dtype(options: TorchOptions, device: torch.device, *, gguf: bool) -> torch.dtype | None:
    """The type of the weights; None for the checkpoint's own."""
    if options.dtype != "auto":
        named: torch.dtype = getattr(torch, options.dtype)
        return named
    if device.type == "cpu":
        return torch.float32
    return torch.bfloat16 if gguf else None


def _context_length(config: Any, options: TorchOptions) -> int:
    text = config.get_text_config(decoder=True)
    trained = int(getattr(text, "max_position_embeddings", None) or LONGEST)
    if options.context_length is None:
        return min(trained, LONGEST)
    if options.context_length > trained:
        raise UserError(
            f"context_length={options.context_length}: {options.model} was trained on {trained} tokens; at most that "
            "many are valid"
        )
    return options.context_length


def _digest(folder: Path) -> str:
    """One digest over the digests of all weight files and of the model's config."""
    import hashlib

    kinds = ("config.json", "*.safetensors", "*.bin", "*.pt")
    files = sorted(path for kind in kinds for path in folder.glob(kind))
    return hashlib.sha256("".join(f"{path.name}:{cache.digest(path)}\n" for path in files).encode()).hexdigest()
