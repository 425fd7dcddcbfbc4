"""Refuses weights that are not all the model's own: transformers fills what a checkpoint lacks with random numbers."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from icon.errors import ModelNameError

SHOWN = 6
"""Number of tensors of each kind that a message names."""

LOGGER = "transformers.modeling_utils"
"""The logger to which transformers writes its report on a load."""

ROW = re.compile(r"^(.+?)\s*\|\s*CONVERSION\b", re.MULTILINE)
"""A row of that report about a tensor that is made of several of the checkpoint's, such as those of all experts."""

HEAD = "model {!r}: its weights are not those of its config:"
COPY = "Copy or download the model again, or save it again with save_pretrained."
RENAME = (
    "The names differ only in what stands in front ({!r}): rename the tensors, or save the model again with "
    "save_pretrained of the model itself rather than of what wraps it."
)
ALLOW = "If the model does not need them (another head, say): -o backend.allow_unused=true."
ROTARY = re.compile(r"(^|\.)rope_(freqs|factors_\w+)\.weight$")
"""Names in a GGUF file of factors of the rotary frequencies, without which a model's numbers are others."""
OTHER_BACKEND = (
    "The model needs its factors of rotary frequencies, which transformers leaves out: use the backend llamacpp."
)

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def check_complete(model: str, info: Mapping[str, Iterable[Any]], *, allow_unused: bool = False) -> None:
    """Refuse a load that left tensors of the model, or of the checkpoint, without their counterpart.

    A head that shares the embedding's weights is not missing: transformers takes it out of its lists.

    Args:
        model: The model's name, for the message.
        info: What transformers says of the load (`output_loading_info`).
        allow_unused: Whether tensors that the model has no place for are accepted.

    Raises:
        ModelNameError: Tensors are missing, misshapen or unused; all kinds are named.
    """
    missing, misshapen = sorted(info["missing_keys"]), sorted(info["mismatched_keys"])
    unused = [] if allow_unused else sorted(info["unexpected_keys"])
    faults = [
        _line("missing, and would be random numbers", missing),
        _line("of another shape", [f"{name} {_shape(own)}, not {_shape(right)}" for name, own, right in misshapen]),
        _line("unknown to the model, and would be unused", unused),
    ]
    if not any(faults):
        return
    raise ModelNameError("\n".join([HEAD.format(model), *filter(None, faults), _advice(missing, misshapen, unused)]))


def unmerged(model: str, names: Iterable[str]) -> ModelNameError:
    """The error for tensors that cannot be put together from the checkpoint's."""
    line = _line("not whole, since a part of each is missing or of another shape", sorted(set(names)))
    return ModelNameError("\n".join([HEAD.format(model), line, COPY]))


@contextmanager
def report_read() -> Iterator[list[str]]:
    """Read transformers' report on a load: yields the names of tensors that could not be put together."""
    logger, names = logging.getLogger(LOGGER), list[str]()
    before = logger.level, logger.propagate
    reader = _Reader(names)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    logger.addHandler(reader)
    try:
        yield names
    finally:
        logger.removeHandler(reader)
        logger.setLevel(before[0])
        logger.propagate = before[1]


class _Reader(logging.Handler):
    def __init__(self, names: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._names = names

    def emit(self, record: logging.LogRecord) -> None:
        self._names.extend(ROW.findall(COLOURS.sub("", record.getMessage())))


def _advice(missing: list[str], misshapen: list[Any], unused: list[str]) -> str:
    if not missing and not misshapen:
        return OTHER_BACKEND if any(ROTARY.search(name) for name in unused) else ALLOW
    fronts = {name.removesuffix(wanted) for name in unused for wanted in missing if name.endswith(f".{wanted}")}
    return RENAME.format(min(fronts)) if len(fronts) == 1 else COPY


def _line(what: str, names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return f"  {len(names):,} {'tensor' if len(names) == 1 else 'tensors'} {what}: {', '.join(names[:SHOWN])}{more}"


def _shape(size: Iterable[int]) -> str:
    return "x".join(map(str, size)) or "()"
