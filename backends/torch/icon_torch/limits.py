"""Limits of a model: lengths from which on it computes differently, as its configuration states them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

WORDS = (
    "window",
    "chunk",
    "local",
    "block",
    "span",
    "seq",
    "length",
    "compress",
    "position_embeddings",
    "n_positions",
    "floor_scale",
    "topk",
)
"""What the names of settings have in them that are numbers of tokens: `sliding_window`, `attention_chunk_size`,
`original_max_position_embeddings`, `window_size`, `floor_scale`, `seq_length`, `index_topk` and the like."""

OTHERS = (
    "_dim",
    "multiple",
    "multiplier",
    "feed_forward",
    "pattern",
    "moe",
    "group",
    "expert",
    "theta",
    "prompt_length",
    "mask_time",
    "mask_feature",
)
"""What names have in them that are sizes of layers, numbers of experts, or settings of training."""

APART = ("audio", "vision", "speech", "image", "video", "depth_decoder")
"""What names of nested settings have in them that are not of the text model."""

EXACT = ("window", "chunk")
"""What names of limits have in them that hide nothing of a sequence of as many tokens."""

COUNTS = ("num_", "n_", "max_window_layers", "layer")
"""Beginnings of names of settings that count something else, such as experts or layers."""

BLOCKS, CHOSEN, BLOCK_SIZE = "_blocks", "topk_blocks", "block_size"
"""Ends of names that are numbers of blocks, of blocks chosen for each token, and of their size in tokens."""

FIXED_ROPES = ("default", "linear", "yarn", "llama3", "proportional", "mrope")
"""Kinds of rope whose rotation of a position is the same in every sequence."""

LEAST = 8
"""Smaller numbers are exceeded by the shortest trial."""


def limits_of(config: Any, context_length: int) -> dict[int, str]:
    """The limits within the context length in ascending order, each with the name of the setting.

    A number that is not a limit of attention or position only makes the trial longer; one that is missed would not be
    tried. So names are matched by their parts, at every depth of the configuration (rope settings are nested).

    Args:
        config: A configuration of transformers.
        context_length: Longest sequence, in tokens; what lies beyond is never reached.
    """
    found: dict[int, str] = {}
    for name, number in _numbers(config.get_text_config(decoder=True).to_dict(), ""):
        if LEAST <= number < context_length and _is_length(name):
            found.setdefault(number, name)
    return dict(sorted(found.items()))


def within(limit: int, name: str) -> int:
    """The longest sequence in tokens that a limit of that name does not concern.

    A window of W tokens hides the first one from token W + 1 on. Other limits may concern token W already, as the scale
    of Llama 4 does.
    """
    return limit if any(word in name.rsplit(".", 1)[-1].lower() for word in EXACT) else limit - 1


def rope_limit(config: Any, context_length: int) -> int | None:
    """The length from which on the rotations of all positions depend on the sequence's length, as in LongRoPE.

    None where they do not, or only beyond the context length. A kind of rope that is not known to be fixed counts as
    one that depends on the length.
    """
    settings = config.get_text_config(decoder=True).to_dict()
    ropes = {key: settings.get(key) for key in ("rope_parameters", "rope_scaling")}
    if not any(kind not in FIXED_ROPES for kind in _kinds(ropes)):
        return None
    lengths = [
        number
        for name, number in _numbers(settings, "")
        if name.rsplit(".", 1)[-1] == "original_max_position_embeddings" and 0 < number < context_length
    ]
    return min(lengths, default=None)


def _kinds(value: Any) -> Iterator[str]:
    """Every kind of rope in settings that may be nested by kinds of layers."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in ("rope_type", "type") and isinstance(inner, str):
                yield inner
            else:
                yield from _kinds(inner)


def _is_length(name: str) -> bool:
    parents, _, own = name.lower().rpartition(".")
    if (own.startswith(COUNTS) and own != "n_positions") or own.endswith(BLOCKS):
        return own.endswith(CHOSEN)
    if any(word in own for word in OTHERS) or any(word in parents for word in APART):
        return False
    return any(word in own for word in WORDS)


def _numbers(value: Any, name: str) -> Iterator[tuple[str, int]]:
    """Every whole number with the dotted name of its setting; those of a list have the list's name.

    Infinities, as in the `time_step_limit` of Mamba 2, are none.
    """
    if isinstance(value, Mapping):
        for key, inner in _with_blocks_in_tokens(value).items():
            yield from _numbers(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _numbers(inner, name)
    elif isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer():
        yield name, int(value)


def _with_blocks_in_tokens(settings: Mapping[Any, Any]) -> dict[Any, Any]:
    """The settings with the number of chosen blocks in tokens, in place of it and of the size of a block."""
    found = dict(settings)
    for key in [key for key in found if str(key).endswith(CHOSEN)]:
        size = found.pop(str(key).removesuffix(CHOSEN) + BLOCK_SIZE, None)
        if isinstance(size, int) and isinstance(found[key], int):
            found[key] *= size
    return found
