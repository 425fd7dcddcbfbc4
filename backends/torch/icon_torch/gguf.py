"""Converts GGUF files, once and into the cache, to a folder that transformers loads in a second.

Weights are dequantised exactly: every type of quantisation represents float32 numbers.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import struct
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

from icon.errors import BackendError, ModelNameError
from icon.inference import cache, shards, weights_digest
from icon_torch.completeness import check_complete
from icon_torch.gguf_names import of_file
from icon_torch.gguf_rotary import put_back
from icon_torch.joined import join
from icon_torch.quiet import quiet

MAGIC = b"GGUF"

CHECKED = {False: "whole", True: "with-unused"}
"""Ends the name of a converted folder: since when all tensors are accounted for, and whether some may be unused."""

DAMAGED = (OSError, ValueError, LookupError, RuntimeError, TypeError, AttributeError, EOFError, struct.error)
"""Exceptions of transformers and gguf for files that they cannot read."""


def converted(source: Path, dtype: torch.dtype, *, allow_unused: bool = False) -> Path:
    """The folder with the file's model and tokenizer in that type, from the cache or converted now.

    Args:
        source: The file, or the first of several.
        dtype: Type of the weights.
        allow_unused: Whether tensors of the file that transformers has no place for are accepted.

    Raises:
        ModelNameError: The file is not GGUF, or parts of the model or some of its tensors are missing.
        BackendError: transformers cannot read it, or the cache cannot be written.
    """
    check_magic(source)
    kind = f"{str(dtype).removeprefix('torch.')}-transformers-{transformers.__version__}-{CHECKED[allow_unused]}"
    final = cache.folder() / f"{source.stem}-{weights_digest(source)[:16]}-{kind}"
    cache.sweep()
    if not (final / "config.json").is_file() or not cache.kept(final):
        parts = shards(source)
        with cache.workspace() as folder:
            made, whole = folder / "model", source
            if len(parts) > 1:
                whole = folder / source.name
                join(parts, whole)
            _convert(source, whole, made, dtype, allow_unused)
            cache.keep_folder(made, final)
    return final


def check_magic(path: Path) -> None:
    """Refuse a file that is not GGUF.

    Raises:
        ModelNameError: It is not GGUF, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            found = file.read(len(MAGIC))
    except OSError as error:
        raise ModelNameError(f"cannot read the model file {path}: {error.strerror}") from error
    if found != MAGIC:
        raise ModelNameError(f"{path} is not a GGUF file: it starts with {found!r}, a GGUF file with {MAGIC!r}")


def _convert(source: Path, whole: Path, target: Path, dtype: torch.dtype, allow_unused: bool) -> None:
    where = {"pretrained_model_name_or_path": str(whole.parent), "gguf_file": whole.name}
    try:
        # The progress bar of the conversion is not among those that transformers can disable.
        with quiet(), contextlib.redirect_stderr(io.StringIO()):
            tokenizer: Any = AutoTokenizer.from_pretrained(**where)
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                **where, dtype=dtype, output_loading_info=True, ignore_mismatched_sizes=True
            )
            model, info = loaded
            used = put_back(model.config, whole)
            check_complete(str(source), of_file(model, info, whole, used), allow_unused=allow_unused)
            # Its weights are plain numbers now, but transformers would refuse to save a model read from GGUF.
            model.hf_quantizer = None
            if hasattr(model.config, "quantization_config"):
                del model.config.quantization_config
            model.save_pretrained(target)
            tokenizer.save_pretrained(target)
    except ImportError as error:
        raise BackendError(
            f"reading {source.name} needs the package gguf; install it with: pip install gguf ({error})"
        ) from error
    except DAMAGED as error:
        shutil.rmtree(target, ignore_errors=True)
        raise BackendError(
            f"cannot convert {source} to a transformers model: {error}. The backend llamacpp may be able to run it"
        ) from error
