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

COUNTS = ("num_", "n_", "max_window_layers", "layer")
"""Beginnings of names of settings that count something else, such as experts or layers."""

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
    own = name.rsplit(".", 1)[-1].lower()
    if own.startswith(COUNTS) and own != "n_positions":
        return False
    return any(word in own for word in WORDS)


def _numbers(value: Any, name: str) -> Iterator[tuple[str, int]]:
    """Every whole number with the dotted name of its setting; those of a list have the list's name.

    Infinities, as in the `time_step_limit` of Mamba 2, are none.
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _numbers(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _numbers(inner, name)
    elif isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer():
        yield name, int(value)
