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
from icon.inference import cache
from icon_torch.quiet import quiet

MAGIC = b"GGUF"

DAMAGED = (OSError, ValueError, LookupError, RuntimeError, TypeError, AttributeError, EOFError, struct.error)
"""Exceptions of transformers and gguf for files that they cannot read."""


def converted(source: Path, dtype: torch.dtype) -> Path:
    """The folder with the file's model and tokenizer in that type, from the cache or converted now.

    Raises:
        ModelNameError: The file is not GGUF.
        BackendError: transformers cannot read it, or the cache cannot be written.
    """
    check_magic(source)
    kind = f"{str(dtype).removeprefix('torch.')}-transformers-{transformers.__version__}"
    final = cache.folder() / f"{source.stem}-{cache.digest(source)[:16]}-{kind}"
    if not (final / "config.json").is_file():
        with cache.workspace() as folder:
            made = folder / "model"
            _convert(source, made, dtype)
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


def _convert(source: Path, target: Path, dtype: torch.dtype) -> None:
    where = {"pretrained_model_name_or_path": str(source.parent), "gguf_file": source.name}
    try:
        # The progress bar of the conversion is not among those that transformers can disable.
        with quiet(), contextlib.redirect_stderr(io.StringIO()):
            tokenizer: Any = AutoTokenizer.from_pretrained(**where)
            model: Any = AutoModelForCausalLM.from_pretrained(**where, dtype=dtype)
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
