"""Chooses the weights to evaluate by rule: a quantised file's own, or the same weights in a more exact type."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from icon.inference import weights_size
from icon_llamacpp.convert import FILE_TYPES, UnconvertibleError, converted
from icon_llamacpp.loading import file_type, is_quantised
from icon_llamacpp.options import Precision
from icon_llamacpp.setup import Setup

AS_IS = "as-is"

RULE = (("f32", 250_000_000), ("f16", 1_000_000_000))
"""Type that `auto` evaluates a quantised model in, by the size of its files in bytes: the first row that it fits.

F32 agrees with float32 best and F16 nearly as well; a larger model would not fit into the memory of common machines
in that type. Nothing else decides: neither a measured speed nor what is free on a disk, so numbers are the same
wherever the run is repeated on a machine of the same kind (`tests/benchmarks/bench_precision.py`).
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """The file that is evaluated, and the one it was made from.

    Attributes:
        setup: How to load the evaluated file.
        source: The file that the user named.
        note: Why it is not the file that the rule wants; mostly empty.
        unwanted: Whether that is a surprise to the user, who is warned therefore.
    """

    setup: Setup
    source: Path
    note: str = ""
    unwanted: bool = False


def choose(setup: Setup, precision: Precision) -> Choice:
    """The file to evaluate, converted where the precision or the rule says so.

    Args:
        setup: How to load the file that the user named.
        precision: `as-is`, a type, or `auto`: what `RULE` says.

    Raises:
        UserError: The file is not GGUF.
        BackendError: The cache or its disk does not take the converted file, or the file cannot be converted to the
            named type. Under `auto` a file of a kind that llama.cpp cannot convert is evaluated as it is, with a
            warning: that is so on every machine.
    """
    as_it_is, ruled = Choice(setup, setup.path), by_rule(setup.path)
    wanted = ruled if precision == "auto" else precision
    if precision == AS_IS and ruled != AS_IS:
        return replace(as_it_is, note=f"evaluated as it is, which is less exact than {ruled.upper()}, the default")
    if wanted == AS_IS or (precision != "auto" and FILE_TYPES[precision] == file_type(setup.path)):
        return as_it_is
    try:
        return Choice(replace(setup, path=converted(setup.path, wanted, setup.threads)), setup.path)
    except UnconvertibleError as error:
        if precision != "auto":
            raise
        return replace(as_it_is, note=f"evaluated as it is, which is less exact: {error}", unwanted=True)


def by_rule(path: Path) -> str:
    """The precision that `auto` stands for: a type of `RULE` for a quantised model, otherwise as-is.

    Raises:
        ModelNameError: The file is not GGUF, or a part of the model is missing.
        BackendError: llama.cpp cannot read it.
    """
    if not is_quantised(path):
        return AS_IS
    size = weights_size(path)
    return next((name for name, largest in RULE if size <= largest), AS_IS)
