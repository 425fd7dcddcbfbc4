"""Chooses the weights to evaluate: the file as it is, or its weights in a type that is faster on this machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from icon.errors import BackendError
from icon.inference import cache, weights_digest, weights_size
from icon_llamacpp.convert import FILE_TYPES, convert, converted, place
from icon_llamacpp.library import library
from icon_llamacpp.loading import file_type
from icon_llamacpp.options import Precision
from icon_llamacpp.setup import Setup
from icon_llamacpp.trial import prefill_speeds

AS_IS = "as-is"

LARGEST = {"f16": 1_000_000_000, "f32": 250_000_000}
"""Types that hold the same weights, and the size in bytes of the largest quantised model for which each is tried."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The file that is evaluated, and the one it was made from.

    Attributes:
        setup: How to load the evaluated file.
        source: The file that the user named.
        note: What the user should know about the choice; mostly empty.
    """

    setup: Setup
    source: Path
    note: str = ""


def choose(setup: Setup, precision: Precision) -> Choice:
    """The file to evaluate, converted where the precision says so or where that is faster.

    Args:
        setup: How to load the file that the user named.
        precision: `as-is`, a type, or `auto`: for a small quantised file the fastest of as-is, F16 and F32.

    Raises:
        UserError: The file is not GGUF.
        BackendError: The file cannot be converted to the named type. Under `auto` that is a note instead.
    """
    as_it_is = Choice(setup, setup.path)
    if precision == AS_IS:
        return as_it_is
    stored = file_type(setup.path)
    if precision != "auto":
        return as_it_is if stored == FILE_TYPES[precision] else _converted(setup, precision)
    quantised = stored not in (None, FILE_TYPES["f32"], FILE_TYPES["f16"], FILE_TYPES["bf16"])
    if not quantised or weights_size(setup.path) > max(LARGEST.values()):
        return as_it_is
    try:
        fastest = _fastest(setup)
        return as_it_is if fastest == AS_IS else _converted(setup, fastest)
    except BackendError as error:
        return replace(as_it_is, note=f"evaluated as it is, which is slower and less exact: {error}")


def _converted(setup: Setup, precision: str) -> Choice:
    return Choice(replace(setup, path=converted(setup.path, precision, setup.threads)), setup.path)


def _fastest(setup: Setup) -> str:
    """The fastest of the types, measured once and cached."""
    key = f"{weights_digest(setup.path)}, llama.cpp {library().api.llama_version().decode()}, {setup.device}"
    if not (known := cache.recall("fastest", key)):
        # Another process may measure at the same time; the first result counts, so that both run the same weights.
        known = cache.remember("fastest", key, _measure(setup), first=True)
    return str(known["precision"])


def _measure(setup: Setup) -> dict[str, object]:
    """Convert to all types, time them in turn, and keep the file of the fastest."""
    size = weights_size(setup.path)
    with cache.workspace() as folder:
        paths = {AS_IS: setup.path}
        for precision in [name for name, largest in LARGEST.items() if size <= largest]:
            final = place(setup.path, precision)
            made = final if final.is_file() else convert(setup.path, folder / final.name, precision, setup.threads)
            paths[precision] = made
        speeds = prefill_speeds({name: replace(setup, path=path) for name, path in paths.items()})
        fastest = max(speeds, key=lambda name: speeds[name])
        if paths[fastest].parent == folder:
            cache.keep(paths[fastest], place(setup.path, fastest))
    return {"precision": fastest, "tokens_per_second": {name: round(speed) for name, speed in speeds.items()}}
