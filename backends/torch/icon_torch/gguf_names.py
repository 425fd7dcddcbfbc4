"""Which tensors of a GGUF file a converted model lacks, and which of the file's it did not use.

transformers skips a tensor of the file that it has no name for, such as the frequencies of a scaled rotary embedding
(`rope_freqs`), and fills the half of a merged expert tensor that is missing with zeros; neither is in its report.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from icon.inference.gguf_header import read_header

Info = Mapping[str, Iterable[Any]]


def of_file(model: Any, info: Info, path: Path, used: Collection[str] = ()) -> Info:
    """What transformers says of the load, with what it leaves out, and missing tensors named as in the file.

    Args:
        model: The loaded model.
        info: What transformers says of the load (`output_loading_info`).
        path: The GGUF file.
        used: Names of tensors of the file that were used otherwise.
    """
    header = read_header(path)
    names = _names(model, header.architecture)
    if not names:  # read by transformers' newer reader, whose report has every tensor of the file
        return info
    held = {_bare(tensor.name): tensor.name for tensor in header.tensors}
    tied = set(getattr(model, "all_tied_weights_keys", None) or {})
    own = {_bare(name): (name, target) for name, target in names.items()}
    missing = {name for bare, (name, target) in own.items() if bare not in held and target not in tied}
    unused = {name for bare, name in held.items() if bare not in own and name not in used}
    named = {target for _, target in own.values()}
    return {
        **info,
        "missing_keys": missing | {target for target in info["missing_keys"] if target not in named},
        "unexpected_keys": unused | set(info["unexpected_keys"]),
    }


def _names(model: Any, architecture: str) -> dict[str, str]:
    """The model's own name of each tensor by its name in a GGUF file; empty where transformers has no such map.

    transformers finds its processor by the architecture that the file names, not by the config's type of model.
    """
    from transformers import modeling_gguf_pytorch_utils

    of_transformers: Any = modeling_gguf_pytorch_utils
    try:
        known = of_transformers.TENSOR_PROCESSORS.get(architecture, of_transformers.TensorProcessor)
        processor = known(config=model.config.to_dict())
        return dict(of_transformers.get_gguf_hf_weights_map(model, processor))
    except (AttributeError, NotImplementedError):
        return {}


def _bare(name: str) -> str:
    """The name without the ending that merged tensors of experts have in one of the two only."""
    return name.removesuffix(".weight")
